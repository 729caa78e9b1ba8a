import type { NextConfig } from "next";

const api = process.env.API ?? "http://localhost:3000";

// Browsers see one host: what the API answers is passed on.
const config: NextConfig = {
  rewrites: async () => [
    { source: "/auth/:path*", destination: `${api}/auth/:path*` },
    { source: "/sign-in", destination: `${api}/login` },
  ],
  turbopack: { root: import.meta.dirname },
};

export default config;

import { defineConfig } from "vite";

const api = "http://127.0.0.1:3000";

export default defineConfig({
  server: {
    host: "localhost",
    proxy: { "/auth": api, "/api": { target: api, rewrite: (path) => path.replace(/^\/api/, "") } },
  },
});

import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

const api = "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [solid()],
  // the package is a link, and has a Solid of its own for its tests
  resolve: { dedupe: ["solid-js"] },
  test: { environment: "happy-dom" },
  server: {
    host: "localhost",
    proxy: { "/auth": api, "/api": { target: api, rewrite: (path) => path.replace(/^\/api/, "") } },
  },
});

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const api = "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [svelte()],
  // the package is a link, and has a Svelte of its own for its tests
  resolve: { dedupe: ["svelte"] },
  server: {
    host: "localhost",
    proxy: { "/auth": api, "/api": { target: api, rewrite: (path) => path.replace(/^\/api/, "") } },
  },
});

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const api = "http://127.0.0.1:3000";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // the package is a link, and has a Svelte of its own for its tests; and tests want the Svelte of browsers
  resolve: { dedupe: ["svelte"], ...(mode === "test" && { conditions: ["browser"] }) },
  server: {
    host: "localhost",
    proxy: { "/auth": api, "/api": { target: api, rewrite: (path) => path.replace(/^\/api/, "") } },
  },
}));

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const api = "http://127.0.0.1:3000";

export default defineConfig({
  // ANCHOR: elements
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("hallpass-") } } })],
  // ANCHOR_END: elements
  // the package is a link, and has a Vue of its own for its tests
  resolve: { dedupe: ["vue"] },
  server: {
    host: "localhost",
    proxy: { "/auth": api, "/api": { target: api, rewrite: (path) => path.replace(/^\/api/, "") } },
  },
});

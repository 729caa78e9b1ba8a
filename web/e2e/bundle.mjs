// Bundles the suite's pages with the client as npm would deliver it.
import { cp, rm } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url).pathname;
const common = {
  absWorkingDir: here,
  outdir: "dist",
  bundle: true,
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"development"' },
  logLevel: "warning",
  logOverride: { "ignored-bare-import": "silent" },
};

await rm(`${here}dist`, { recursive: true, force: true });
await cp(`${here}page`, `${here}dist`, { recursive: true, filter: (path) => !/\.jsx?$/.test(path) });
// As most apps are built: what several scripts share, and what is loaded on demand, in files of its own.
await build({
  ...common,
  entryPoints: ["client", "compat", "upstream", "worker"].map((name) => `page/${name}.js`).concat("page/react.jsx"),
  splitting: true,
  format: "esm",
  chunkNames: "chunks/[name]-[hash]",
});
// A service worker can load nothing on demand; and a second copy of the client on a page shares no module with the first.
await build({ ...common, entryPoints: ["page/service-worker.js"], format: "iife" });
await build({ ...common, entryPoints: ["page/copy.js"], format: "esm" });

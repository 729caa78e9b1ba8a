// Bundles the suite's pages with the client as npm would deliver it.
import { cp, rm } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url).pathname;

await rm(`${here}dist`, { recursive: true, force: true });
await cp(`${here}page`, `${here}dist`, { recursive: true, filter: (path) => !path.endsWith(".js") && !path.endsWith(".jsx") });
await build({
  absWorkingDir: here,
  entryPoints: ["page/client.js", "page/upstream.js"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
  logOverride: { "ignored-bare-import": "silent" },
});

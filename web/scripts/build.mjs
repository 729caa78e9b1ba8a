// Builds what is published: readable modules, with what several entries share in chunks of their own.
import { rm } from "node:fs/promises";
import { build } from "esbuild";
import { entries } from "./entries.mjs";

const root = new URL("..", import.meta.url).pathname;

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(entries.map(([, source]) => [source, `src/${source}.ts`])),
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
});

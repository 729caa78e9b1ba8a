// Builds what is published: readable modules, with what several entries share in chunks of their own.
import { cp, rm } from "node:fs/promises";
import { build } from "esbuild";
import { entries } from "./entries.mjs";

const root = new URL("..", import.meta.url).pathname;

/** Components that the app compiles, and the modules that they import. */
const components = ["svelte/Guard.svelte", "svelte/Guard.svelte.d.ts"];
const parts = ["guarding", "svelte/store"];

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    [...entries.map(([, source]) => source), ...parts].map((source) => [source, `src/${source}.ts`]),
  ),
  outdir: "dist",
  bundle: true,
  // Frameworks are the app's own, and components are compiled by it.
  packages: "external",
  external: ["*.svelte"],
  splitting: true,
  format: "esm",
  target: "es2022",
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
});
for (const name of components) await cp(`${root}src/${name}`, `${root}dist/${name}`);

// What each entry costs a page that uses nothing else: bundled alone, minified, gzip -9. Too much is an error.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entries } from "./entries.mjs";

const root = new URL("..", import.meta.url).pathname;

/** In bytes. Entries without a budget are printed only. */
const budgets = { ".": 4608, "./claims": 819, "./xhr": 1843, "./ssr": 2560 };

/** What is loaded when it is needed costs nobody else anything. */
const onDemand = {
  name: "on-demand",
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined)),
};

async function sizeOf(source) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`dist/${source}.js`],
    bundle: true,
    packages: "external",
    external: ["*.svelte"],
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    plugins: [onDemand],
    logLevel: "error",
    write: false,
  });
  const [{ contents }] = outputFiles;
  return { minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}

for (const [name, source] of entries) {
  const { minified, gzip } = await sizeOf(source);
  const budget = budgets[name];
  const verdict = budget === undefined ? "" : gzip > budget ? `  over its ${budget}` : `  of ${budget}`;
  console.log(`${name.padEnd(12)} ${String(minified).padStart(7)} minified ${String(gzip).padStart(6)} gzip${verdict}`);
  if (gzip > budget) process.exitCode = 1;
}

// What each entry costs a page that uses nothing else: bundled alone, minified, gzip -9. Too much is an error.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { compile } from "svelte/compiler";
import { entries } from "./entries.mjs";

const root = new URL("..", import.meta.url).pathname;

/** In bytes. Entries without a budget are printed only. */
const budgets = { ".": 4608, "./claims": 819, "./xhr": 1843, "./vue": 819, "./svelte": 819, "./solid": 819 };

/** They stand on the client, on `decide` and on what guards have in common (`guarding`): here is what they add to those. */
const skins = ["./vue", "./svelte", "./solid"];

/** What is loaded when it is needed costs nobody else anything. */
const onDemand = {
  name: "on-demand",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    ),
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  packages: "external",
  plugins: [onDemand],
  logLevel: "error",
  write: false,
};

/** The files that make up modules. */
async function filesOf(...modules) {
  const entryPoints = modules.map((source) => `dist/${source}.js`);
  const { metafile } = await build({ ...common, entryPoints, outdir: "unused", metafile: true });
  return new Set(Object.keys(metafile.inputs).map((name) => root + name));
}

/** Components as the app's own compiler leaves them. */
const components = {
  name: "components",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, "utf8"), { generate: "client" });
      return { contents: js.code, loader: "js" };
    }),
};

const without = (files) => ({
  name: "without",
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^\./ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === "asked") return undefined;
      const found = await resolve(path, { ...where, pluginData: "asked" });
      return files.has(found.path) ? { path: found.path, external: true } : found;
    }),
});

const core = await filesOf("index", "decide");
const guards = await filesOf("index", "decide", "guarding");

async function sizeOf(source, plugins) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [`dist/${source}.js`],
    plugins,
  });
  // What a page's bundle holds anyway is not imported there.
  const text = outputFiles[0].text.replace(/import[^"]*"[^"]*";/g, "");
  return { minified: Buffer.byteLength(text), gzip: gzipSync(text, { level: 9 }).length };
}

const print = (name, { minified, gzip }) => {
  const budget = budgets[name];
  const verdict = budget === undefined ? "" : gzip > budget ? `  over its ${budget}` : `  of ${budget}`;
  console.log(`${name.padEnd(12)} ${String(minified).padStart(7)} minified ${String(gzip).padStart(6)} gzip${verdict}`);
  if (gzip > budget) process.exitCode = 1;
};

for (const [name, source] of entries)
  print(name, await sizeOf(source, skins.includes(name) ? [without(guards), components] : [onDemand]));
print("(guarding)", await sizeOf("guarding", [without(core)]));

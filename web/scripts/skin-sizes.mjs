// What the skins cost beside the core and the framework: what most apps use of each, minified, gzip -9. Too much is an error.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { compile } from "svelte/compiler";

const root = new URL("..", import.meta.url).pathname;

/** Module, what is used of it (`*`: all), budget in bytes. */
const skins = [
  ["react/index", "{ SessionProvider, SessionGuard, useSession, useSignOut }", 1229],
  ["react/index", "*", 2200],
  ["ui/index", "{ defineElements }", 7168],
  ["ui/react/index", "*", 7680],
  ["vue/index", "*", 819],
  ["svelte/index", "*", 819],
  ["solid/index", "*", 819],
  ["angular/index", "*", 1536],
  // What guards have in common in those that are told of changes; paid once.
  ["guarding", "*", 819],
];

/** The core is paid for already. */
const outside = {
  name: "outside",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(\.\.?\/)+(attempt|decide|session|guarding|react\/context)\.js$/ }, ({ path, importer }) =>
      importer ? { path, external: true } : undefined,
    ),
};

/** Components as the app's own compiler leaves them. */
const components = {
  name: "components",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, "utf8"), { generate: "client" });
      return { contents: js.code, loader: "js" };
    }),
};

for (const [module, used, budget] of skins) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: `export ${used} from "./src/${module}.js"`, resolveDir: root },
    bundle: true,
    minify: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    plugins: [outside, components],
    logLevel: "error",
    write: false,
  });
  // In an app's bundle what is paid for already is not imported any more.
  const text = outputFiles[0].text.replace(/import[^"]*"[^"]*";/g, "");
  const gzip = gzipSync(text, { level: 9 }).length;
  console.log(`${module} ${used}: ${gzip} gzip${gzip > budget ? `  over its ${budget}` : `  of ${budget}`}`);
  if (gzip > budget) process.exitCode = 1;
}

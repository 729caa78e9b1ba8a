// What the skins cost, minified, gzip -9. Too much is an error.
//
// A skin costs what an app gets heavier by that has the core, the `claims` and `decide` already: the app is bundled without the
// skin and with it, and the difference is what counts. So whatever the skin needs beside those is in it, what several skins have
// in common too. The framework is the app's own, and what is loaded when it is needed costs nobody else anything: neither
// counts, nor do the statements that import them.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { compile } from "svelte/compiler";

const root = new URL("..", import.meta.url).pathname;

/** Skin, what an app uses of it (default: all of it, by name), budget in bytes. */
const skins = [
  ["react", 1229, "SessionProvider, SessionGuard, useSession, useClaimValue"],
  ["vue", 819],
  ["svelte", 819],
  ["solid", 819],
  ["angular", 1536],
];

/** Module, what of it, budget in bytes, beside the modules that are `outside`. */
const pieces = [
  ["react/index", "*", 2200],
  ["ui/index", "{ defineElements }", 7168],
  ["ui/react/index", "*", 7680],
];

/** The core is paid for already. */
const outside = {
  name: "outside",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(\.\.?\/)+(attempt|decide|session|react\/context)\.js$/ }, ({ path, importer }) =>
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

/** What is loaded when it is needed costs nobody else anything. */
const onDemand = {
  name: "on-demand",
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined)),
};

async function bundle(contents, plugins) {
  return build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    plugins: [...plugins, components],
    logLevel: "error",
    metafile: true,
    write: false,
  });
}

const textOf = ({ outputFiles: [{ text }] }) => text;
/** In an app's bundle what is paid for already is not imported any more. */
const withoutImports = (text) => text.replace(/import[^"(]*"[^"]*";/g, "");
const sizeOf = (text) => gzipSync(text, { level: 9 }).length;

function weigh(name, gzip, budget) {
  console.log(`${name}: ${gzip} gzip${gzip > budget ? `  over its ${budget}` : `  of ${budget}`}`);
  if (gzip > budget) process.exitCode = 1;
}

const app = `
  import { createSession } from "./src/index.js";
  import { UserRoleClaim } from "./src/claims/index.js";
  import { decide } from "./src/decide.js";
  use(createSession, UserRoleClaim, decide);`;
const appSize = async (more) => sizeOf(withoutImports(textOf(await bundle(app + more, [onDemand]))));
const without = await appSize("");

/** The names of what a module exports. */
async function namesIn(module) {
  const { metafile } = await bundle(`export * from "./src/${module}.js"`, [onDemand]);
  return Object.values(metafile.outputs)[0].exports.join(", ");
}

for (const [skin, budget, names] of skins) {
  const used = names ?? (await namesIn(`${skin}/index`));
  const added = await appSize(`import { ${used} } from "./src/${skin}/index.js"; use(${used});`);
  weigh(`${skin} { ${used} }`, added - without, budget);
}

for (const [module, used, budget] of pieces) {
  const text = textOf(await bundle(`export ${used} from "./src/${module}.js"`, [outside]));
  weigh(`${module} ${used}`, sizeOf(withoutImports(text)), budget);
}

/** What an app pays in all for a guard that asks for roles, and for who is signed in. */
const apps = [
  ["react", "SessionProvider, SessionGuard, useSession, useSignOut", 6656],
  ["vue", "createSessionPlugin, SessionGuard, useSession", 6656],
  ["svelte", "setSession, Guard, sessionStore", 6784],
  ["solid", "SessionProvider, Guard, createSessionSignal", 6592],
];
for (const [skin, used, budget] of apps) {
  const text = `
    import { createSession } from "./dist/index.js";
    import { UserRoleClaim } from "./dist/claims/index.js";
    import { ${used} } from "./dist/${skin}/index.js";
    use(createSession, UserRoleClaim, ${used});`;
  weigh(`an app with ${skin}, in all`, sizeOf(textOf(await bundle(text, [onDemand]))), budget);
}

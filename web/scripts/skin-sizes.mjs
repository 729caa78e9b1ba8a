// What the skins cost beside the core and the framework: what most apps use of each, minified, gzip -9. Too much is an error.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { compile } from "svelte/compiler";

const root = new URL("..", import.meta.url).pathname;

/** Module, what is used of it (`*`: all), budget in bytes. */
const skins = [
  ["react/index", "{ SessionProvider, SessionGuard, useSession, useClaimValue }", 1229],
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

/** What is loaded when it is needed costs nobody else anything. */
const onDemand = {
  name: "on-demand",
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined)),
};

async function bundled(contents, plugins) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    plugins: [...plugins, components],
    logLevel: "error",
    write: false,
  });
  return outputFiles[0].text;
}

function weigh(name, text, budget) {
  const gzip = gzipSync(text, { level: 9 }).length;
  console.log(`${name}: ${gzip} gzip${gzip > budget ? `  over its ${budget}` : `  of ${budget}`}`);
  if (gzip > budget) process.exitCode = 1;
}

for (const [module, used, budget] of skins) {
  const text = await bundled(`export ${used} from "./src/${module}.js"`, [outside]);
  // In an app's bundle what is paid for already is not imported any more.
  weigh(`${module} ${used}`, text.replace(/import[^"]*"[^"]*";/g, ""), budget);
}

/** What an app pays in all for a guard that asks for roles, and for who is signed in. */
const apps = [
  ["react", "SessionProvider, SessionGuard, useSession, useSignOut", 6656],
  ["vue", "createSessionPlugin, SessionGuard, useSession", 6784],
  ["svelte", "setSession, Guard, sessionStore", 6912],
  ["solid", "SessionProvider, Guard, createSessionSignal", 6784],
];
for (const [skin, used, budget] of apps) {
  const text = `
    import { createSession } from "./dist/index.js";
    import { UserRoleClaim } from "./dist/claims/index.js";
    import { ${used} } from "./dist/${skin}/index.js";
    use(createSession, UserRoleClaim, ${used});`;
  weigh(`an app with ${skin}, in all`, await bundled(text, [onDemand]), budget);
}

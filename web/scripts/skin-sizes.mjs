// What the skins cost beside the core and the framework: what most apps use of each, minified, gzip -9. Too much is an error.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;

/** Folder, what is used of it (`*`: all), budget in bytes. */
const skins = [
  ["react", "{ SessionProvider, SessionGuard, useSession, useSignOut }", 1229],
  ["react", "*", 2200],
  ["ui", "{ defineElements }", 7168],
  ["ui/react", "*", 7680],
];

/** The core is paid for already. */
const outside = {
  name: "outside",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(\.\.\/)+(attempt|decide|react\/context)\.js$/ }, ({ path }) => ({ path, external: true })),
};

for (const [folder, used, budget] of skins) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: `export ${used} from "./src/${folder}/index.js"`, resolveDir: root },
    bundle: true,
    minify: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    plugins: [outside],
    logLevel: "error",
    write: false,
  });
  const gzip = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  console.log(`${folder} ${used}: ${gzip} gzip${gzip > budget ? `  over its ${budget}` : `  of ${budget}`}`);
  if (gzip > budget) process.exitCode = 1;
}

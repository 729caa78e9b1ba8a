// Builds the client that `hallpass demo` serves: core and elements as one module. It is committed, because cargo knows nothing of
// Node; `--check` says whether it is still what the source makes.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const target = new URL("../../crates/server/assets/hallpass.js", import.meta.url);

const { outputFiles } = await build({
  absWorkingDir: root,
  stdin: {
    contents: `
      export { createSession } from "./src/index.js";
      export { defineElements } from "./src/ui/index.js";
    `,
    resolveDir: root,
  },
  banner: { js: "// Made from web/src: cd web && npm run demo" },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  logLevel: "warning",
  write: false,
});
const [{ text }] = outputFiles;

if (!process.argv.includes("--check")) await writeFile(target, text);
else if ((await readFile(target, "utf8").catch(() => "")) !== text) {
  console.error("crates/server/assets/hallpass.js is not what web/src makes: cd web && npm run demo");
  process.exitCode = 1;
}

// Bundles the page of the browser suite in this folder with the client exactly as npm delivered it.
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const suite = process.cwd();
const { build } = createRequire(join(suite, "package.json"))("esbuild");
const expected = "20.1.6";

const { version } = JSON.parse(await readFile(join(suite, "node_modules/supertokens-website/package.json")));
if (version !== expected) throw new Error(`supertokens-website is ${version}, the suite is about ${expected}: run ./setup in ${suite}`);

await mkdir(join(suite, "dist"), { recursive: true });
await copyFile(join(suite, "page/index.html"), join(suite, "dist/index.html"));
await build({
  entryPoints: [join(suite, "page/client.js")],
  outfile: join(suite, "dist/client.js"),
  bundle: true,
  format: "esm",
  logLevel: "warning",
});

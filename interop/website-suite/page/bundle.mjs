// Bundles the page's script with the client exactly as npm delivered it.
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url);
const dist = new URL("../dist/", here);
const expected = "20.1.6";

const { version } = JSON.parse(await readFile(new URL("../node_modules/supertokens-website/package.json", here)));
if (version !== expected) throw new Error(`supertokens-website is ${version}, the suite is about ${expected}: run interop/web/setup`);

await mkdir(dist, { recursive: true });
await copyFile(new URL("index.html", here), new URL("index.html", dist));
await build({
  entryPoints: [new URL("client.js", here).pathname],
  outfile: new URL("client.js", dist).pathname,
  bundle: true,
  format: "esm",
  logLevel: "warning",
});

// Bundles the pages of the SDKs that stand on `supertokens-website`, exactly as npm delivered them.
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url).pathname;
const expected = { "web-js": "0.16.0", "auth-react": "0.51.3" };

for (const [name, version] of Object.entries(expected)) {
  const found = JSON.parse(await readFile(`${here}node_modules/supertokens-${name}/package.json`)).version;
  if (found !== version) throw new Error(`supertokens-${name} is ${found}, the suite is about ${version}: run interop/web/setup`);
  await mkdir(`${here}dist/${name}`, { recursive: true });
  await copyFile(`${here}page/${name}/index.html`, `${here}dist/${name}/index.html`);
  await build({
    entryPoints: { client: `${here}page/${name}/client` },
    outdir: `${here}dist/${name}`,
    bundle: true,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    logLevel: "warning",
  });
}

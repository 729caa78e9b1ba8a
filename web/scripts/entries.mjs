// The entries of the package: each path under which it can be imported, and its source.
import { readFile } from "node:fs/promises";

const { exports } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));

/** `[["./claims", "claims/index"], …]` */
export const entries = Object.entries(exports)
  .filter(([, target]) => typeof target === "object")
  .map(([name, target]) => [name, target.default.replace(/^\.\/dist\/|\.js$/g, "")]);

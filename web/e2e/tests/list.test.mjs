// No scenario is silently missing.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const here = new URL(".", import.meta.url).pathname;
const all = Array.from({ length: 80 }, (_, index) => `E${String(index + 1).padStart(2, "0")}`);
const found = (text, pattern) => new Set([...text.matchAll(pattern)].map(([, name]) => name));

test("every scenario is a test, or in the list of those that are not", async () => {
  const files = (await readdir(here)).filter((name) => name !== "list.test.mjs");
  const texts = await Promise.all(files.map((name) => readFile(here + name, "utf8")));
  const tested = found(texts.join("\n"), /["`](E\d\d) /g);
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const elsewhere = new URL("../../../examples/drive-app/stories/", import.meta.url);
  const stories = await Promise.all(
    (await readdir(elsewhere)).map((name) => readFile(new URL(name, elsewhere), "utf8")),
  );
  const driven = found(stories.join("\n"), /["`](E\d\d) /g);
  const listed = found(readme, /^\| (E\d\d) +\|/gm);
  const whole = found(readme, /^\| (E\d\d) +\| all of it +\|/gm);

  assert.deepEqual(
    all.filter((name) => !tested.has(name) && !whole.has(name)),
    [],
    "these are nowhere",
  );
  assert.deepEqual(
    [...whole].filter((name) => tested.has(name)),
    [],
    "these are tests, and the list says that they are not",
  );
  assert.deepEqual(
    [...whole].filter((name) => !driven.has(name)),
    [],
    "the list says that these are elsewhere, and they are not",
  );
  assert.deepEqual(
    [...tested, ...listed, ...driven].filter((name) => !all.includes(name)),
    [],
    "there are no such scenarios",
  );
});

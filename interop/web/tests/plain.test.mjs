// A page without a frontend SDK: the few lines that the manual shows for it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { HOUR } from "../harness/app.mjs";
import { browserTest } from "../harness/browser.mjs";

const script = await readFile(new URL("../page/plain.mjs", import.meta.url), "utf8");

async function open(person) {
  const page = await person.context.newPage();
  await page.goto(person.app.origin);
  await page.addScriptTag({ type: "module", content: `${script}; window.call = call` });
  await page.waitForFunction(() => window.call);
  return page;
}

const statuses = (page, times) =>
  page.evaluate((times) => Promise.all(Array.from({ length: times }, async () => (await call("/me")).status)), times);

const post = (page, path, form) =>
  page.evaluate(
    async ({ path, form }) => (await call(path, { method: "POST", body: form && new URLSearchParams(form) })).status,
    { path, form },
  );

browserTest("a page without an SDK signs in, refreshes and signs out", { modes: ["cookie"] }, async (person) => {
  const page = await open(person);
  assert.equal(await post(page, "/login", { user: "alice" }), 200);
  assert.deepEqual(await statuses(page, 10), Array(10).fill(200));
  assert.deepEqual(await person.app.refreshes(), []);

  await person.app.advance(HOUR);
  const other = await open(person);
  const both = await Promise.all([statuses(page, 10), statuses(other, 10)]);
  assert.deepEqual(both.flat(), Array(20).fill(200));
  const refreshes = await person.app.refreshes();
  assert(refreshes.length <= 2 && refreshes.every((status) => status === 200), `one for each tab at most: ${refreshes}`);
  const honest = ["session.created", "refresh.replayed"]; // both tabs may come with the same token
  assert((await person.app.events("alice")).every((event) => honest.includes(event)));

  assert.equal(await post(page, "/auth/signout"), 200);
  assert.deepEqual(await statuses(page, 1), [401]);
});

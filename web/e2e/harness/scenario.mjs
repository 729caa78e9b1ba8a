// One scenario: a server with a clock of its own, a gate before it, and a person with an empty browser.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { NODE } from "../backends/node.mjs";
import { RUST } from "../backends/rust.mjs";
import { Gate } from "./gate.mjs";
import { Person } from "./person.mjs";

export { HOUR, MINUTE, SECOND } from "../../../interop/web/harness/app.mjs";

export const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

let browser;

before(async () => {
  if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}: run web/e2e/setup`);
  browser = await chromium.launch({ executablePath, headless: true, args });
});

after(() => browser?.close());

/** The scenarios that matter most pass on both. */
export const BOTH = [RUST, NODE];

/**
 * A test in each of the modes in which tokens travel, on each of the backends. `options` are the client's; `antiCsrf` and `more`
 * arguments are the server's.
 */
export function scenario(name, settings, story) {
  const { modes = ["cookie", "header"], backends = [RUST], antiCsrf = "NONE", more = [], options, way } = settings;
  for (const backend of backends) {
    for (const mode of modes) {
      const where = backend === RUST ? `${mode} mode` : `${mode} mode, ${backend.name}`;
      test(`${name} (${where})`, { timeout: 60_000 }, async () => {
        const gate = await Gate.open();
        try {
          await backend.with({ antiCsrf, more, origin: gate.at("localhost") }, gate, async (backend) => {
            const context = await browser.newContext();
            try {
              const person = new Person({ gate, backend, context, mode, options, way });
              await story(person, person);
              await person.check();
            } finally {
              await context.close();
            }
          });
        } finally {
          await gate.close();
        }
      });
    }
  }
}

/** Asks until the answer is what it should be, for at most ten seconds. */
export async function eventually(what, ask, wanted = true) {
  let found;
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await new Promise((done) => setTimeout(done, 20))) {
    found = await ask();
    try {
      assert.deepEqual(found, wanted);
      return;
    } catch {
      // Not yet.
    }
  }
  assert.deepEqual(found, wanted, what);
}

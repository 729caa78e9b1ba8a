// One scenario: a server with a clock of its own, a gate before it, and a person with an empty browser.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { App, HOUR } from "../../../interop/web/harness/app.mjs";
import { Gate } from "./gate.mjs";
import { Person } from "./person.mjs";

export { HOUR, MINUTE, SECOND } from "../../../interop/web/harness/app.mjs";

const dist = new URL("../dist", import.meta.url).pathname;
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
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

/** The server that the Rust SDK makes. Its clock moves when it is told to. */
const RUST = {
  async with({ antiCsrf, more }, gate, story) {
    await App.with({ antiCsrf, more, origin: gate.at("localhost"), page: dist }, async (app) => {
      gate.upstream = app.network.port;
      await story({
        app,
        events: (user) => app.events(user),
        confirmed: (user) => app.confirmed(user),
        /** Lets all access tokens of today expire. */
        expire: () => app.advance(HOUR),
        /** The statuses of all refreshes that it was asked for. */
        refreshes: () => app.refreshes(),
        secrets: () => app.network.secrets(),
      });
    });
  },
};

/**
 * A test in each of the modes in which tokens travel. `options` are the client's; `settings` the server's.
 */
export function scenario(name, { modes = ["cookie", "header"], antiCsrf = "NONE", more = [], options, way } = {}, story) {
  if (!story) throw new Error(`${name}: no story`);
  for (const mode of modes) {
    test(`${name} (${mode} mode)`, { timeout: 120_000 }, async () => {
      const gate = await Gate.open();
      try {
        await RUST.with({ antiCsrf, more }, gate, async (backend) => {
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

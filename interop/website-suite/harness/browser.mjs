// Debian's Chromium, and one user's browser in it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { Server } from "./server.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let browser;

/** The access tokens of tests that wait until they expire live this long. */
export const SHORT = 2;

/** Until what lives this long has certainly expired. */
export const expiry = () => sleep(SHORT * 1000 + 100);

/** Stories of one topic. They wait more than they work, so a few are told at a time. */
export function topic(name, tell) {
  describe(name, { concurrency: 4 }, () => {
    before(async () => {
      if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}: run interop/website-suite/setup`);
      browser = await chromium.launch({ executablePath, headless: true, args });
    });
    after(() => browser?.close());
    tell();
  });
}

/** A test with a server of its own and a user's empty browser, in each of the modes: `any` leaves the choice to the client. */
export function story(name, { modes = ["cookie", "header"], ...settings }, tell) {
  for (const mode of modes) {
    test(`${name} (${mode})`, { timeout: 60_000 }, async () => {
      const server = await Server.start({ ...settings, mode });
      const context = await browser.newContext();
      try {
        const person = new Person(server, context, mode === "any" ? "header" : mode);
        await tell(person);
        assert.deepEqual(person.errors, [], "the page's script failed");
      } finally {
        await context.close();
        await server.stop();
      }
    });
  }
}

/** One user's browser. */
export class Person {
  errors = [];

  constructor(server, context, mode) {
    Object.assign(this, { server, context, mode });
  }

  /** Opens the website of a server, with a client that is told so. */
  async openTab({ server = this.server, ...init } = {}) {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.errors.push(error));
    const told = encodeURIComponent(JSON.stringify({ tokenTransferMethod: this.mode, ...init }));
    await page.goto(`${server.origin}/index.html#${told}`);
    await page.waitForFunction(() => window.client);
    return new Tab(page, this.server.origin);
  }

  /** What the browser keeps under a name. */
  async cookie(name) {
    return (await this.context.cookies()).find((cookie) => cookie.name === name)?.value;
  }

  async tokens() {
    const names = this.mode === "cookie" ? ["sAccessToken", "sRefreshToken"] : ["st-access-token", "st-refresh-token"];
    return { access: await this.cookie(names[0]), refresh: await this.cookie(names[1]), front: await this.cookie("sFrontToken") };
  }

  /** Damages what the browser keeps under a name. */
  async spoil(name, value) {
    const kept = (await this.context.cookies()).find((cookie) => cookie.name === name);
    await this.context.addCookies([{ ...kept, value }]);
  }
}

/** A page with the client in it, and the API that it calls. */
export class Tab {
  constructor(page, api) {
    Object.assign(this, { page, api });
  }

  /** A call as the page's script makes it, by `fetch`, `xhr` or `axios`. */
  call(method, path, { by = "fetch", json, headers } = {}) {
    const init = json ? { body: JSON.stringify(json), headers: { "content-type": "application/json", ...headers } } : { headers };
    const url = path.startsWith("/") ? this.api + path : path;
    return this.page.evaluate(({ by, method, url, init }) => window.callers[by](method, url, init), { by, method, url, init });
  }

  async signIn(user, path = "/login", payload) {
    const answer = await this.call("POST", path, { json: { userId: user, payload } });
    assert.deepEqual(answer, { status: 200, text: user });
  }

  signedIn() {
    return this.page.evaluate(() => window.client.doesSessionExist());
  }

  payload() {
    return this.page.evaluate(() => window.client.getAccessTokenPayloadSecurely());
  }

  signOut() {
    return this.page.evaluate(() => window.client.signOut());
  }

  /** What the client told the page so far, in order. */
  async events() {
    return (await this.page.evaluate(() => window.events)).map((event) => event.action);
  }
}

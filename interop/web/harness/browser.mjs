// Debian's Chromium, and one user's browser in it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { App } from "./app.mjs";

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
  if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}: run interop/web/setup`);
  browser = await chromium.launch({ executablePath, headless: true, args });
});

after(() => browser?.close());

const dist = new URL("../dist/", import.meta.url).pathname;

/** A test with an app of its own and a user's empty browser, in each of the modes. `page`: a page other than the usual one. */
export function browserTest(name, { modes = ["cookie", "header"], antiCsrf, page = "" }, story) {
  for (const mode of modes) {
    test(`${name} (${mode} mode)`, { timeout: 60_000 }, () =>
      App.with({ antiCsrf, page: dist + page }, async (app) => {
        const context = await browser.newContext();
        try {
          const person = new Person(app, context, mode);
          await story(person);
          assert.deepEqual(person.errors, [], "the page's script failed");
        } finally {
          await context.close();
        }
      }),
    );
  }
}

/** One user's browser: a cookie jar and its tabs. */
export class Person {
  errors = [];

  constructor(app, context, mode) {
    Object.assign(this, { app, context, mode });
  }

  async openTab() {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.errors.push(error));
    await page.goto(`${this.app.origin}/test/?mode=${this.mode}`);
    await page.waitForFunction(() => window.client);
    return new Tab(page);
  }

  /** What malware on the user's machine could copy. */
  async tokens() {
    const jar = new Map((await this.context.cookies()).map(({ name, value }) => [name, value]));
    const names = this.mode === "cookie" ? ["sAccessToken", "sRefreshToken"] : ["st-access-token", "st-refresh-token"];
    return { mode: this.mode, accessToken: jar.get(names[0]), refreshToken: jar.get(names[1]) };
  }
}

/** A tab with the client in it. */
export class Tab {
  constructor(page) {
    this.page = page;
  }

  /** `fetch` as the page's script calls it; the client has put itself in between. */
  call(method, path, { form, ...init } = {}) {
    return this.page.evaluate(
      async ({ path, form, init }) => {
        const answer = await fetch(path, { ...init, ...(form && { body: new URLSearchParams(form) }) });
        return { status: answer.status, text: await answer.text() };
      },
      { path, form, init: { method, ...init } },
    );
  }

  async signIn(user) {
    const answer = await this.call("POST", "/login", { form: { user } });
    assert.deepEqual(answer, { status: 200, text: user });
  }

  async me() {
    const { status, text } = await this.call("GET", "/me");
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  /** The statuses of `times` calls that start together. */
  many(times) {
    return this.page.evaluate(
      (times) => Promise.all(Array.from({ length: times }, async () => (await fetch("/me")).status)),
      times,
    );
  }

  signedIn() {
    return this.page.evaluate(() => window.client.doesSessionExist());
  }

  userId() {
    return this.page.evaluate(() => window.client.getUserId());
  }

  payload() {
    return this.page.evaluate(() => window.client.getAccessTokenPayloadSecurely());
  }

  signOut() {
    return this.page.evaluate(() => window.client.signOut());
  }

  events() {
    return this.page.evaluate(() => window.events);
  }
}

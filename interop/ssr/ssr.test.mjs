// Pages with sessions in a real browser: rendered by the package `hallpass`, refreshed at a real backend.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { App, HOUR } from "../web/harness/app.mjs";
import { Site } from "./site.mjs";

const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-component-update", "--disable-sync", "--no-first-run"];

let browser;
before(async () => (browser = await chromium.launch({ executablePath, headless: true, args })));
after(() => browser?.close());

/** Somebody who visits the site. */
class Visitor {
  errors = [];

  constructor(site, app, context) {
    Object.assign(this, { site, app, context });
  }

  async open(path, options) {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.errors.push(error));
    await page.goto(path.startsWith("http") ? path : this.site.origin + path, options);
    return page;
  }

  async signIn(user) {
    const page = await this.open("/pages/login");
    const status = await page.evaluate(async (user) => {
      const answer = await session.fetch("/login", { method: "POST", body: new URLSearchParams({ user }) });
      return answer.status;
    }, user);
    assert.equal(status, 200);
    await page.close();
    this.site.log = [];
  }

  /** For everybody: the site, the app and the browser. */
  async advance(ms) {
    this.site.ahead += ms;
    await this.context.clock.setFixedTime(Date.now() + this.site.ahead);
    await this.app.advance(ms);
  }

  async cookies() {
    return new Map((await this.context.cookies(`${this.site.origin}/auth/session/refresh`)).map((cookie) => [cookie.name, cookie]));
  }

  /** What the server has said, what the client began with, and what it says now. */
  async says(page) {
    await page.waitForFunction(() => document.getElementById("client").textContent);
    const read = (id) => page.locator(`#${id}`).textContent();
    return { server: await read("server"), first: await page.evaluate(() => first), client: await read("client") };
  }
}

function visit(name, settings, story) {
  test(name, { timeout: 60_000 }, async () => {
    const site = await Site.open();
    try {
      await App.with({ antiCsrf: "NONE", origin: site.origin, ...settings }, async (app) => {
        site.app = app;
        const context = await browser.newContext();
        try {
          const visitor = new Visitor(site, app, context);
          await story(visitor);
          assert.deepEqual(visitor.errors, [], "the page's script failed");
        } finally {
          await context.close();
        }
      });
    } finally {
      await site.close();
    }
  });
}

const SIGNED_IN = { server: "valid ada", first: "authenticated", client: "authenticated ada" };

visit("a page is rendered signed in, and the client starts from it", {}, async (visitor) => {
  await visitor.signIn("ada");
  const page = await visitor.open("/pages/1");
  assert.deepEqual(await visitor.says(page), SIGNED_IN);
  assert.deepEqual(await visitor.app.refreshes(), []);
});

visit("a stranger is sent to sign in, and asks nobody for a session", {}, async (visitor) => {
  const page = await visitor.open("/pages/1?a=b");
  assert.equal(page.url(), `${visitor.site.origin}/pages/login?redirectToPath=%2Fpages%2F1%3Fa%3Db`);
  assert.deepEqual(await visitor.says(page), { server: "absent nobody", first: "unauthenticated", client: "unauthenticated nobody" });
  assert.deepEqual(await visitor.app.refreshes(), []);
});

for (const antiCsrf of ["NONE", "VIA_TOKEN"]) {
  visit(`with an expired token the page comes signed in, after one refresh (${antiCsrf})`, { antiCsrf }, async (visitor) => {
    await visitor.signIn("ada");
    const open = await visitor.open("/pages/open");
    await visitor.says(open);
    visitor.site.log = [];
    const before = await visitor.cookies();
    await visitor.advance(HOUR);

    const page = await visitor.open("/pages/1?a=b");
    assert.equal(page.url(), `${visitor.site.origin}/pages/1?a=b`);
    assert.deepEqual(await visitor.says(page), SIGNED_IN);
    assert.deepEqual(visitor.site.log.map(({ path, status }) => `${status} ${path}`), [
      "303 /pages/1",
      "303 /auth/session/refresh/hop",
      "200 /pages/1",
    ]);
    assert.deepEqual(await visitor.app.refreshes(), [200]);
    const now = await visitor.cookies();
    for (const name of ["sAccessToken", "sRefreshToken", "sFrontToken", "st-last-access-token-update"])
      assert.notEqual(now.get(name)?.value, before.get(name)?.value, name);
    for (const name of ["sAccessToken", "sRefreshToken"]) {
      const { httpOnly, path, sameSite, domain } = before.get(name);
      const { httpOnly: same, ...rest } = now.get(name);
      assert.deepEqual({ httpOnly: same, path: rest.path, sameSite: rest.sameSite, domain: rest.domain }, { httpOnly, path, sameSite, domain });
    }
    assert(![...now.keys()].some((name) => name.startsWith("st-hop-")), "the way is closed");

    // Both tabs go on, and change things.
    for (const tab of [page, open]) {
      const answer = await tab.evaluate(async () => {
        const { status } = await session.fetch("/note", { method: "POST", body: "hello" });
        return { status, user: session.snapshot().userId };
      });
      assert.deepEqual(answer, { status: 200, user: "ada" });
    }
    assert.deepEqual(await visitor.app.refreshes(), [200]);
    assert.deepEqual(await visitor.app.events("ada"), ["session.created"]);
  });
}

visit("eight tabs that come back at once are all signed in, and nobody is taken for a thief", {}, async (visitor) => {
  await visitor.signIn("ada");
  await visitor.advance(HOUR);
  const pages = await Promise.all(Array.from({ length: 8 }, (_, tab) => visitor.open(`/pages/${tab}`)));
  for (const page of pages) assert.deepEqual(await visitor.says(page), SIGNED_IN);
  assert.deepEqual(await visitor.app.refreshes(), [200]);
  assert.deepEqual(await visitor.app.events("ada"), ["session.created"]);
});

visit("twenty pages that are fetched ahead with an expired token refresh nothing", {}, async (visitor) => {
  await visitor.signIn("ada");
  const page = await visitor.open("/pages/links");
  await visitor.says(page);
  await visitor.advance(HOUR);
  visitor.site.log = [];
  await page.evaluate(() => {
    for (let link = 0; link < 20; link++) {
      const element = Object.assign(document.createElement("link"), { rel: "prefetch", href: `/pages/ahead/${link}` });
      document.head.append(element);
    }
    const rules = { prefetch: [{ urls: ["/pages/rules/1", "/pages/rules/2"], eagerness: "immediate" }] };
    document.head.append(Object.assign(document.createElement("script"), { type: "speculationrules", textContent: JSON.stringify(rules) }));
  });
  const fetched = () => new Set(visitor.site.log.map(({ path }) => path)).size;
  for (const deadline = Date.now() + 10_000; fetched() < 20 && Date.now() < deadline; ) await new Promise((done) => setTimeout(done, 50));
  await new Promise((done) => setTimeout(done, 300));
  assert(fetched() >= 20, `the browser has fetched only ${fetched()} of them`);
  for (const { path, mode, status } of visitor.site.log) {
    assert.match(mode, /prefetch/, path);
    assert.equal(status, 200, path);
  }
  assert.deepEqual(await visitor.app.refreshes(), []);
  assert.deepEqual(await visitor.says(await visitor.open("/pages/1")), SIGNED_IN);
});

visit("a session that was revoked ends at the sign-in page", {}, async (visitor) => {
  await visitor.signIn("ada");
  await visitor.context.addCookies([{ ...(await visitor.cookies()).get("sRefreshToken"), value: "revoked" }]);
  await visitor.advance(HOUR);
  const page = await visitor.open("/pages/1");
  assert.equal(page.url(), `${visitor.site.origin}/pages/login?redirectToPath=%2Fpages%2F1`);
  assert.equal((await visitor.says(page)).client, "unauthenticated nobody");
  const left = await visitor.cookies();
  for (const name of ["sAccessToken", "sRefreshToken", "sFrontToken"]) assert(!left.has(name), name);
});

visit("while the backend is away the page says so, and the session is there when it is back", {}, async (visitor) => {
  await visitor.signIn("ada");
  await visitor.says(await visitor.open("/pages/1"));
  await visitor.advance(HOUR);
  visitor.site.away = true;
  const page = await visitor.open("/pages/1");
  assert.equal(await page.locator("#server").textContent(), "unknown nobody");
  visitor.site.away = false;
  await visitor.context.clearCookies({ name: "st-hop" }); // it lives for ten seconds
  assert.deepEqual(await visitor.says(await visitor.open("/pages/1")), SIGNED_IN);
});

visit("a link on another site opens the page, and the client refreshes by itself", {}, async (visitor) => {
  await visitor.signIn("ada");
  await visitor.advance(HOUR);
  const foreign = await visitor.open(`http://127.0.0.1:${visitor.site.port}/pages/login`);
  visitor.site.log = [];
  await foreign.evaluate((href) => {
    const link = Object.assign(document.createElement("a"), { href, textContent: "there" });
    document.body.append(link);
    link.click();
  }, `${visitor.site.origin}/pages/1`);
  await foreign.waitForURL(`${visitor.site.origin}/pages/1`);
  assert.deepEqual(await visitor.says(foreign), { server: "expired nobody", first: "loading", client: "authenticated ada" });
  assert.deepEqual(visitor.site.log.map(({ status }) => status), [200]);
  assert.deepEqual(await visitor.app.refreshes(), [200]);
});

visit("neither tokens nor their hashes are in a page", {}, async (visitor) => {
  await visitor.signIn("ada");
  await visitor.advance(HOUR);
  const page = await visitor.open("/pages/1");
  const html = await page.content();
  assert.match(html, /"sessionHandle"/);
  const secrets = visitor.app.network.secrets();
  assert(secrets.length > 3);
  for (const secret of secrets) assert(!html.includes(secret), "the page holds a secret");
  assert(!html.includes("okenHash1"));
});

// What is fetched ahead, and where ways back may lead.
import assert from "node:assert/strict";
import { HOP } from "../visitor.mjs";

const TWENTY = Array.from({ length: 20 }, (_, link) => `/account?link=${link}`);

/** Addresses that are not this site's, or no addresses at all. */
const HOSTILE = [
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https://evil.example/",
  "javascript:document.title='evil'",
  " javascript:document.title='evil'",
  "/\t/evil.example",
  "/.//evil.example",
  "/%2e//evil.example",
  "/..//evil.example",
  "data:text/html,evil",
];

export const stories = {
  "E73 twenty links that are fetched ahead with an expired token refresh nothing": async (visitor, { prefetch, refreshesAhead = 0 }) => {
    await visitor.signIn();
    await visitor.open("/");
    await visitor.expire();
    const { page } = visitor;
    const asked = new Set();
    page.on("request", (request) => {
      const link = new URL(request.url()).searchParams.get("link");
      if (link) asked.add(link);
    });
    await page.evaluate((links) => {
      for (const href of links) document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href }));
    }, TWENTY);
    await visitor.quiet();
    assert.equal(asked.size, 20, "the browser has fetched them");
    assert.deepEqual(visitor.refreshes(), []);
    asked.clear();
    await prefetch?.(page, TWENTY);
    await visitor.quiet();
    if (prefetch) assert.equal(asked.size, 20, "the framework has fetched them");
    assert.equal(visitor.refreshes().length, refreshesAhead);
    await visitor.open("/account");
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(visitor.refreshes(), [200]);
  },

  "E74 whoever signs in stays on this site, whatever the way back says": async (visitor) => {
    for (const way of HOSTILE.flatMap((way) => [way, encodeURIComponent(way)])) {
      await visitor.context.clearCookies();
      await visitor.open(`/login?redirectToPath=${encodeURIComponent(way)}`);
      await visitor.fillIn();
      await visitor.page.waitForURL(({ pathname }) => pathname !== "/login", { timeout: 15_000 });
      await visitor.quiet();
      assert.equal(visitor.at(), "/", way);
      assert(!(await visitor.page.title()).includes("evil"), way);
      await visitor.sees(`Hello, ${visitor.user}`);
    }
  },

  "E74 two ways back are one, or none": async (visitor) => {
    await visitor.open("/login?redirectToPath=//evil.example&redirectToPath=//evil.example");
    await visitor.fillIn();
    await visitor.page.waitForURL(({ pathname }) => pathname !== "/login", { timeout: 15_000 });
    visitor.at();
  },

  "E74 a refresh on the way leads back to this site": async (visitor) => {
    const { site } = visitor;
    await visitor.signIn();
    await visitor.context.clearCookies({ name: "sAccessToken" });
    const jar = [...(await visitor.cookies()).values()].map(({ name, value }) => `${name}=${value}`);
    for (const way of HOSTILE) {
      const there = await site.ask("/account", jar);
      assert.equal(there.status, 303);
      const nonce = there.lines.map((line) => line.split(";")[0]);
      const to = new URL(there.location, site.origin);
      assert.equal(to.pathname, HOP);
      to.searchParams.set("to", way);
      const back = await site.ask(to.pathname + to.search, [...jar, ...nonce]);
      assert.deepEqual([back.status, new URL(back.location, site.origin).href], [303, `${site.origin}/`], way);
      const uninvited = await site.ask(to.pathname + to.search, jar);
      assert.equal(uninvited.status, 403);
      assert(!uninvited.html.includes("evil"), way);
    }
    assert.deepEqual(visitor.refreshes(), [200], "the others have got the same answer");
  },

  "E74 a page whose own address is hostile sends nobody away": async (visitor) => {
    for (const path of ["//evil.example/account", "//evil.example", "/\\evil.example/account"]) {
      for (const cookies of [[], ["sAccessToken=x.y.z"]]) {
        const { location = "/" } = await visitor.site.ask(path, cookies);
        assert.equal(new URL(location, visitor.site.origin).origin, visitor.site.origin, `${path} leads to ${location}`);
      }
    }
  },
};

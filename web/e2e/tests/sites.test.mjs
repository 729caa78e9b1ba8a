// Websites and APIs on hosts of their own.
import assert from "node:assert/strict";
import { answer } from "../harness/gate.mjs";
import { eventually } from "../harness/scenario.mjs";
import { siteScenario } from "../harness/sites.mjs";

const SUBDOMAINS = ["a.shop.example", "b.shop.example", "c.shop.example"];

siteScenario(
  "E22 three subdomains that share a session by their domain refresh once",
  { websites: SUBDOMAINS, api: "api.shop.example", options: { cookieDomain: "shop.example" } },
  async ({ gate }, person) => {
    const [first, ...others] = SUBDOMAINS.map((host) => gate.at(host));
    const tabs = [await person.signedIn("alice", { origin: first })];
    for (const origin of others) tabs.push(await person.open({ origin }));
    for (const tab of tabs) assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    const statuses = await Promise.all(tabs.map((tab) => tab.many(5)));
    assert.deepEqual(statuses.flat(), Array(15).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    await person.backend.confirmed("alice");
    for (const tab of tabs) {
      await person.backend.expire();
      assert.equal((await tab.me()).user, "alice");
    }
    assert.equal(await person.backend.lives("alice"), true);
    await tabs[0].signOut();
    assert.equal(await tabs[1].exists(), false);
    assert.equal(await tabs[2].status("GET", "/me"), 401);
  },
);

siteScenario(
  "E46 in a frame of another site, with all cookies of other sites blocked, tokens in headers work",
  { modes: ["header"], websites: ["shop.example"], api: "shop.example", blocks: true, options: { framed: true } },
  async (_, person) => {
    const tab = await person.openFramed("news.example");
    await tab.signIn("alice");
    assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    assert.deepEqual(await tab.many(5), Array(5).fill(200));
    assert.deepEqual(person.refreshes().slice(-1), [200]);
    const asked = person.refreshes().length;

    await tab.page.reload();
    await tab.find();
    assert.equal(await tab.exists(), true, "the frame's own storage is still there");
    assert.equal((await tab.me()).user, "alice");
    assert.equal(person.refreshes().length, asked);

    const outside = await person.open();
    assert.equal(await outside.exists(), false, "and it is the frame's alone");
  },
);

siteScenario(
  "E46 where a frame may keep nothing at all, the session lives until the page is left",
  { modes: ["header"], websites: ["shop.example"], api: "shop.example", blocks: true, options: { framed: true } },
  async (_, person) => {
    const init = () => {
      Object.defineProperty(Document.prototype, "cookie", { get: () => "", set() {} });
      for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("Access is denied for this document.", "SecurityError");
          },
        });
    };
    const tab = await person.openFramed("news.example", { init });
    await tab.signIn("alice");
    assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    assert.deepEqual(await tab.many(5), Array(5).fill(200));
    assert.ok((await tab.eventList()).some(({ type, tier }) => type === "STORAGE_DEGRADED" && tier === "memory"));
    await tab.page.reload();
    await tab.find();
    assert.equal(await tab.exists(), false);
  },
);

const ELSEWHERE = { websites: ["www.shop.example"], api: "api.shop.example" };

siteScenario("E61 an API of another origin is called with cookies", ELSEWHERE, async ({ gate }, person) => {
  const tab = await person.signedIn();
  assert.equal((await tab.me()).user, "alice");
  assert.equal(await tab.status("POST", "/note", { body: "hello" }), 200);
  await person.backend.expire();
  assert.deepEqual(await tab.many(10), Array(10).fill(200));
  assert.deepEqual(person.refreshes(), [200]);
  assert.equal(gate.to("GET /me").at(-1).headers.origin, person.origin);
  await tab.signOut();
  assert.equal(await tab.exists(), false);
});

siteScenario("E61 without credentials an API of another origin is only reached with tokens in headers", ELSEWHERE, async ({ mode }, person) => {
  await (await person.signedIn()).page.close();
  const tab = await person.open({ options: { credentials: false } });
  assert.equal(await tab.exists(), true);
  assert.equal(await tab.status("GET", "/me"), mode === "header" ? 200 : 401);
  assert.ok(person.refreshes().length <= 3);
  assert.equal(await tab.status("GET", "/me", { credentials: "include" }), 200);
  // A caller who wants no cookies sent gets none sent.
  assert.equal(await tab.status("GET", "/me", { credentials: "omit" }), mode === "header" ? 200 : 401);
  assert.equal(await person.backend.lives("alice"), true);
});

const FOREIGN = { websites: ["www.shop.example"], api: "api.shop.example" };

for (const host of ["other.example", "shop.example", "x.api.shop.example"]) {
  siteScenario(`E62 requests to ${host} are none of the client's business`, FOREIGN, async ({ gate }, person) => {
    const tab = await person.signedIn();
    gate.when("GET /elsewhere", () => answer(401, { "front-token": "remove" }, "no"));
    assert.deepEqual(await tab.call("GET", `${gate.at(host)}/elsewhere`), { status: 401, text: "no" });
    const [{ headers }] = gate.to("GET /elsewhere");
    for (const name of ["rid", "st-auth-mode", "authorization", "anti-csrf"]) assert.equal(headers[name], undefined, name);
    assert.deepEqual(person.refreshes(), []);
    assert.equal((await tab.me()).user, "alice");
  });
}

siteScenario("E62 an app decides by itself what is intercepted, once per request", FOREIGN, async ({ gate }, person) => {
  await (await person.signedIn()).page.close();
  const functions = `shouldIntercept: (url, matches) => { (window.decided ??= []).push([url.pathname, matches]); return matches && url.pathname !== "/open"; }`;
  const tab = await person.open({ functions });
  gate.when("GET /open", () => answer(401, {}, "no"));
  assert.equal(await tab.status("GET", "/open"), 401);
  const [{ headers }] = gate.to("GET /open");
  for (const name of ["rid", "st-auth-mode", "authorization"]) assert.equal(headers[name], undefined, name);
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(await tab.run(() => window.decided), [["/open", true], ["/me", true]]);
});

siteScenario("E64 a redirect to another host takes no token along", { websites: ["shop.example"], api: "shop.example", modes: ["header"] }, async ({ gate }, person) => {
  const tab = await person.signedIn();
  const { accessToken } = await person.tokens();
  gate.when("GET /away", () => answer(302, { location: `${gate.at("other.example")}/caught` }));
  gate.when("GET /caught", () => answer(200, {}, "caught"));
  assert.deepEqual(await tab.call("GET", "/away"), { status: 200, text: "caught" });
  assert.equal(gate.to("GET /away")[0].headers.authorization, `Bearer ${accessToken}`);
  assert.ok(!JSON.stringify(gate.to("GET /caught")[0].headers).includes(accessToken));
  assert.equal((await tab.me()).user, "alice");
});

siteScenario(
  "E79 all hosts of an API share one session, and one refresh",
  { websites: ["www.shop.example"], api: "api.shop.example", options: { apiDomain: "shop.example" }, more: ["--cookie-domain", ".shop.example"] },
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    const at = (host) => tab.status("GET", `${gate.at(host)}/me`);
    assert.deepEqual([await at("api.shop.example"), await at("api2.shop.example")], [200, 200]);
    await person.backend.expire();
    assert.deepEqual(await Promise.all([at("api2.shop.example"), at("api.shop.example"), at("api2.shop.example")]), [200, 200, 200]);
    assert.deepEqual(person.refreshes(), [200]);
    assert.ok(gate.to("GET /me").filter(({ host }) => host === "api2.shop.example").every(({ headers }) => headers.rid === "anti-csrf"));
  },
);

siteScenario("E55 a stream is sent once: an expired token costs a 401, unless the browser knows of it", ELSEWHERE, async ({ gate, context }, person) => {
  await context.clock.install();
  const tab = await person.signedIn();
  const stream = () =>
    tab.run(async () => {
      const body = new Blob(["from a stream"]).stream();
      return (await window.send(new URL("/note", window.apiBase), { method: "POST", body, duplex: "half" })).status;
    });
  assert.equal(await stream(), 200);
  await person.backend.expire();
  assert.equal(await stream(), 401);
  assert.deepEqual(gate.to("POST /note").map(({ status }) => status), [200, 401]);
  assert.deepEqual(gate.to("POST /note").map(({ body }) => body.toString()), ["from a stream", "from a stream"]);
  assert.equal((await tab.me()).user, "alice");

  await person.backend.expire();
  await context.clock.fastForward(3_600_000);
  assert.equal(await stream(), 200);
  assert.equal(gate.to("POST /note").length, 3);
});

siteScenario("E70 a page that comes back from the back-forward cache after a sign-out hides what it showed", { ...ELSEWHERE, switches: ["--disable-back-forward-cache"] }, async ({ gate, context }, person) => {
  const tab = await person.signedIn();
  await tab.run(() => (window.mark = "the same page"));
  await tab.page.goto(`${gate.at("news.example")}/test/frame.html`);
  const other = await person.open();
  await other.signOut();
  await tab.page.goBack({ waitUntil: "commit" });
  await eventually("it knows", () => tab.shows(), "unauthenticated");
  assert.equal(await tab.run(() => window.mark), "the same page", "it came from the cache");
  assert.ok(context.pages().length >= 2);
});

// Workers, sockets, networks that are not there, and what a page shows of all that.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { HOUR, SECOND, eventually, scenario } from "../harness/scenario.mjs";

const dist = new URL("../dist/", import.meta.url).pathname;

scenario("E68 a socket gets a token that lasts, each new one, and word of the end", { modes: ["header"] }, async ({ context }, person) => {
  await context.clock.install();
  const tab = await person.signedIn();
  await tab.run(() => {
    window.heard = [];
    window.auth = window.hallpass.socketAuth(window.client, { minTtlMs: 60_000, onToken: (token) => window.heard.push(token), onEnd: () => window.heard.push("end") });
  });
  const expiry = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).exp * 1000;
  const first = await tab.run(() => window.auth.token());
  assert.equal(first, (await person.tokens()).accessToken);
  assert.deepEqual(person.refreshes(), []);

  // Half a minute before its end it does not last long enough.
  const left = expiry(first) - (await tab.run(() => Date.now()));
  await person.app.advance(left - 30 * SECOND);
  await context.clock.fastForward(left - 30 * SECOND);
  const second = await tab.run(() => window.auth.token());
  assert.notEqual(second, first);
  assert.deepEqual(person.refreshes(), [200]);
  assert.ok(expiry(second) - (await tab.run(() => Date.now())) >= 60 * SECOND);

  await tab.ask("refresh");
  const third = (await person.tokens()).accessToken;
  await eventually("it is told of the new token", () => tab.run(() => window.heard.at(-1)), third);
  await tab.signIn("bob");
  await eventually("it is told that this user's time is over", () => tab.run(() => window.heard.includes("end")));
  assert.equal(await tab.run(() => window.auth.token()), (await person.tokens()).accessToken);
  await tab.signOut();
  await eventually("it is told of the end", () => tab.run(() => window.heard.filter((what) => what === "end").length), 2);
  assert.equal(await tab.run(() => window.auth.token()), undefined);
});

scenario("E68 a socket gets no token that the page may not read", { modes: ["cookie"] }, async (_, person) => {
  const tab = await person.signedIn();
  assert.equal(await tab.run(() => window.hallpass.socketAuth(window.client).token()), undefined);
});

const WORKERS = {
  "a dedicated worker": () => {
    window.worker = new Worker("/test/worker.js", { type: "module" });
  },
  "a service worker": async () => {
    await navigator.serviceWorker.register("/test/service-worker.js", { scope: "/test/" });
    window.worker = (await navigator.serviceWorker.ready).active;
  },
};

for (const [what, start] of Object.entries(WORKERS)) {
  scenario(`E69 ${what} shares the session and the refresh with the page`, {}, async ({ mode }, person) => {
    const tab = await person.open({ more: { store: "indexed" } });
    await tab.run(start);
    const tell = (asked, more) => tab.run(([asked, more]) => window.tell(window.worker, asked, more), [asked, more]);
    await tell("begin", { mode });
    assert.equal(await tell("ask", { method: "exists" }), false);
    await tab.signIn("alice");
    person.since = person.gate.refreshes().length;
    assert.equal(await tell("ask", { method: "exists" }), true);
    assert.equal(await tell("ask", { method: "userId" }), "alice");
    assert.equal((await tell("call", { path: "/me" })).status, 200);
    await person.backend.expire();
    const statuses = await Promise.all([tab.many(10), tell("many", { times: 10 })]);
    assert.deepEqual(statuses.flat(), Array(20).fill(200));
    assert.deepEqual(person.refreshes(), [200]);

    await person.backend.expire();
    assert.equal((await tell("call", { path: "/note", init: { method: "POST", body: "from a worker" } })).text, "alice notes: from a worker");
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200, 200]);
    await tell("ask", { method: "signOut" });
    assert.equal(await tab.exists(), false);
    assert.equal(await person.backend.lives("alice"), false);
  });
}

/** Pages that are kept for when there is no network. */
const keepPages = (context) =>
  context.route("**/test/**", async (route) => {
    const name = new URL(route.request().url()).pathname.slice("/test/".length) || "index.html";
    const contentType = name.endsWith(".js") ? "text/javascript" : "text/html";
    await route.fulfill({ body: await readFile(dist + name), contentType });
  });

scenario("E71 without a network, a session whose token is valid shows, and nobody is asked", {}, async ({ gate, context }, person) => {
  await keepPages(context);
  const tab = await person.signedIn();
  const before = gate.requests.length;
  await context.setOffline(true);
  await tab.reload();
  assert.equal(await tab.shows(), "authenticated");
  assert.equal(await tab.exists(), true);
  assert.equal(await tab.ask("userId"), "alice");
  assert.equal(await tab.status("GET", "/me"), "TypeError");
  assert.equal(await tab.exists(), true);
  assert.equal(gate.requests.length, before);
  assert.deepEqual(person.refreshes(), []);
});

scenario("E71 without a network, a session whose token has expired is unknown, and known as soon as there is one", {}, async ({ context }, person) => {
  await keepPages(context);
  await context.clock.install();
  const tab = await person.signedIn();
  await person.backend.expire();
  await context.clock.fastForward(HOUR);
  await context.setOffline(true);
  await tab.reload();
  assert.equal(await tab.exists(), true);
  assert.equal(await tab.shows(), "unknown");
  assert.equal((await tab.snapshot()).userId, "alice");
  await context.setOffline(false);
  await eventually("it is known", () => tab.shows(), "authenticated");
  assert.deepEqual(person.refreshes(), [200]);
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(person.refreshes(), [200]);
});

scenario("E74 the way back after signing in leads nowhere but here", { modes: ["cookie"] }, async (_, person) => {
  const tab = await person.open();
  const hostile = ["//evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)", "https://evil.example", "/\t/evil.example", "/ok\r\nSet-Cookie: a=b", " //evil.example", "data:text/html,x", "///evil.example", "/../..//evil.example", "evil", "", "http:evil", `/${"a".repeat(65536)}\\`];
  const found = await tab.run((all) => all.map((path) => [path, new URL(window.hallpass.returnPath(path), location).host === location.host, window.hallpass.returnPath(path)]), hostile);
  for (const [path, here, to] of found) {
    assert.ok(here, `${path} leads to ${to}`);
    assert.ok(/^\/(?![/\\])/.test(to), `${path} leads to ${to}`);
  }
  const good = ["/", "/cart?a=1#b", "/a//b", "/%2F%2Fevil.example", "/ä"];
  const kept = await tab.run((all) => all.map((path) => new URL(window.hallpass.returnPath(path), location).href === new URL(path, location).href), good);
  assert.deepEqual(kept, good.map(() => true));

  // There and back again, through the address that a guard makes.
  const round = await tab.run(() => {
    const { decide, returnPath } = window.hallpass;
    const { to } = decide({ status: "unauthenticated" }, { loginUrl: "/login?show=signin", currentUrl: `${location.origin}/cart?a=1&b=//x#top` });
    const url = new URL(to, location);
    return [url.pathname, url.searchParams.get("show"), returnPath(url.searchParams.get("redirectToPath"))];
  });
  assert.deepEqual(round, ["/login", "signin", "/cart?a=1&b=//x#top"]);
});

scenario("E75 under React's strict mode, Suspense and transitions there is one question and one effect per state", {}, async ({ gate, context }, person) => {
  const tab = await person.open({ page: "react.html" });
  await tab.page.waitForSelector("#user");
  assert.equal(await tab.page.textContent("#user"), "unauthenticated");
  assert.deepEqual(person.refreshes(), [401]);
  await tab.signIn("alice");
  await eventually("it shows", () => tab.page.textContent("#user"), "alice");
  await tab.run(() => window.showMore());
  await eventually("all show it", () => tab.run(() => [...document.querySelectorAll("#user")].filter((node) => node.textContent === "alice").length), 11);
  assert.deepEqual(gate.requests.map(({ route }) => route), ["POST /auth/session/refresh", "POST /login"]);
  await person.backend.expire();
  assert.deepEqual(await tab.many(5), Array(5).fill(200));
  assert.deepEqual(person.refreshes(), [401, 200]);
  const other = await person.open();
  await other.signOut();
  await eventually("all know", () => tab.run(() => [...document.querySelectorAll("#user")].every((node) => node.textContent === "unauthenticated")));
  assert.equal(context.pages().length, 2);
  assert.deepEqual(person.lines.filter(({ type }) => type === "error"), []);
});

scenario("E76 a guard shows, hides, denies and sends away, as the session goes", {}, async ({ gate, context }, person) => {
  await context.clock.install();
  const tab = await person.open();
  await tab.run(() => {
    const staff = { id: "staff", shouldRefresh: () => false, refresh() {}, validate: ({ staff }) => (staff ? { isValid: true } : { isValid: false, reason: "no staff" }) };
    window.decisions = [];
    const draw = () => {
      const { action, to } = window.hallpass.decide(window.client.snapshot(), { validators: window.wanted ?? [], loginUrl: "/login", currentUrl: "/inside", now: window.client.now() });
      window.decisions.push(to ? `${action} ${to}` : action);
    };
    window.demandStaff = () => {
      window.wanted = [staff];
      draw();
    };
    window.client.subscribe(draw);
    draw();
  });
  const last = () => tab.run(() => window.decisions.at(-1));
  assert.equal(await last(), "wait");
  await tab.ask("ready");
  assert.equal(await last(), "redirect /login?redirectToPath=%2Finside");
  await tab.signIn("alice");
  assert.equal(await last(), "render");
  await tab.run(() => window.demandStaff());
  assert.equal(await last(), "deny");
  await tab.signIn("staff-bob");
  assert.equal(await last(), "render");

  // The server is away for a while, and then the session is over.
  await person.backend.expire();
  await context.clock.fastForward(HOUR);
  const undo = gate.when("POST /auth/session/refresh", () => undefined);
  await tab.exists();
  assert.equal(await last(), "wait");
  undo();
  assert.equal(await tab.exists(), true);
  assert.equal(await last(), "render");
  const other = await person.open();
  await other.signOut();
  await eventually("it is told by the other tab", last, "redirect /login?redirectToPath=%2Finside");
  await other.signIn("staff-bob");
  await eventually("and let in again", last, "render");
});

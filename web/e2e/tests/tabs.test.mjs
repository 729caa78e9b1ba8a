// Several tabs share one session.
import assert from "node:assert/strict";
import { REFRESH } from "../harness/gate.mjs";
import { BOTH, eventually, SECOND, scenario } from "../harness/scenario.mjs";

const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });

for (const [name, init] of [
  ["E19 two tabs", undefined],
  ["E20 two tabs of a browser without Web Locks", withoutLocks],
]) {
  scenario(`${name} whose token expires refresh once`, { backends: BOTH }, async (_, person) => {
    const one = await person.signedIn("alice", { init });
    const two = await person.open({ init });
    await person.backend.expire();
    const statuses = await Promise.all([one.many(10), two.many(10)]);
    assert.deepEqual(statuses.flat(), Array(20).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    const { claims } = await one.me();
    for (const tab of [one, two]) assert.deepEqual(await tab.ask("payload"), claims);
    const told = [await one.eventList(), await two.eventList()].flat();
    assert.equal(told.filter(({ type }) => type === "REFRESH_SESSION").length, 1);
  });
}

/** Another process sees what a page has written only a while later: a busy machine does that to localStorage, not to cookies. */
const lagging = () => {
  const { getItem, setItem } = Storage.prototype;
  let shown = localStorage.getItem("hallpass");
  Storage.prototype.setItem = function (key, text) {
    setItem.call(this, key, text);
    shown = text;
  };
  Storage.prototype.getItem = function (key) {
    const there = getItem.call(this, key);
    if (key !== "hallpass" || this !== localStorage) return there;
    const before = shown;
    if (there !== shown) setTimeout(() => (shown = there), 60);
    return before;
  };
};

scenario(
  "E19 a tab that sees another's new cookies before its new tokens waits for these, and sends no old ones",
  { modes: ["header"] },
  async ({ gate }, person) => {
    const one = await person.signedIn();
    const two = await person.open({ init: lagging });
    assert.equal((await two.me()).user, "alice");
    await person.backend.expire();
    await one.me();
    const { accessToken } = await person.tokens();
    const before = gate.to("GET /me").length;
    assert.deepEqual(await two.many(10), Array(10).fill(200));
    const sent = gate.to("GET /me").slice(before);
    assert.deepEqual(
      sent.map(({ headers }) => headers.authorization),
      Array(10).fill(`Bearer ${accessToken}`),
    );
    assert.deepEqual(person.refreshes(), [200]);
  },
);

for (const [how, end] of [
  ["closed", (tab) => tab.page.close()],
  ["killed", (tab) => tab.page.goto("chrome://crash").catch(() => {})],
]) {
  scenario(
    `E21 a tab that is ${how} in the middle of a refresh leaves the refresh to the other`,
    {},
    async ({ gate }, person) => {
      const one = await person.signedIn();
      const two = await person.open();
      await person.backend.expire();
      const held = gate.hold(REFRESH, { answered: true });
      await one.run(() => void window.send("/me").catch(() => {}));
      await held.arrived;
      const waiting = two.me();
      await end(one);
      assert.equal((await waiting).user, "alice");
      held.release();
      await person.backend.expire();
      assert.equal((await two.me()).user, "alice");
      assert.ok(!(await person.backend.events("alice")).includes("refresh.reuse"));
    },
  );
}

for (const [name, init] of [
  ["Web Locks", undefined],
  ["a lease", withoutLocks],
]) {
  scenario(
    `E23 a tab that is throttled in the middle of a refresh keeps the other waiting, not refreshing (${name})`,
    {},
    async ({ gate, context }, person) => {
      await context.clock.install();
      const slow = await person.signedIn("alice", { init });
      const quick = await person.open({ init });
      await person.backend.expire();
      const held = gate.hold(REFRESH);
      const first = slow.me();
      await held.arrived;
      const control = await context.newCDPSession(slow.page);
      await control.send("Page.setWebLifecycleState", { state: "frozen" });
      const second = quick.me();
      await eventually("the other tab has been answered 401", async () => gate.to("GET /me").length, 2);
      await context.clock.fastForward(10 * SECOND);
      assert.equal(gate.to(REFRESH).filter(({ status }) => !status).length, 1, "the one that is held");
      held.release();
      await control.send("Page.setWebLifecycleState", { state: "active" });
      await context.clock.fastForward(SECOND);
      assert.equal((await first).user, "alice");
      assert.equal((await second).user, "alice");
      assert.deepEqual(person.refreshes(), [200]);
      assert.deepEqual(await person.backend.events("alice"), ["session.created"]);
    },
  );
}

scenario(
  "E24 signing out in one tab shows in the other, which asks nobody",
  { backends: BOTH },
  async ({ gate }, person) => {
    const one = await person.signedIn();
    const two = await person.open();
    assert.equal((await two.me()).user, "alice");
    await one.signOut();
    const before = gate.requests.length;
    await eventually("the other tab knows", () => two.shows(), "unauthenticated");
    assert.equal(await two.exists(), false);
    assert.equal(gate.requests.length, before);
    const ends = (await two.eventList()).filter(({ type }) => /SIGN_OUT|UNAUTHORISED/.test(type));
    assert.deepEqual(ends, [{ type: "SIGN_OUT", origin: "remote-tab" }]);
  },
);

scenario("E24 so does a session that the server has ended", {}, async ({ gate }, person) => {
  const one = await person.signedIn();
  const two = await person.open();
  assert.equal((await two.me()).user, "alice");
  gate.when("GET /gone", () => ({ status: 401, headers: [["front-token", "remove"]] }));
  assert.equal(await one.status("GET", "/gone"), 401);
  await eventually("the other tab knows", () => two.shows(), "unauthenticated");
  const ends = (await two.eventList()).filter(({ type }) => /SIGN_OUT|UNAUTHORISED/.test(type));
  assert.deepEqual(
    ends.map(({ origin }) => origin),
    ["remote-tab"],
  );
});

scenario("E25 signing in in one tab shows in the other", { backends: BOTH }, async ({ gate }, person) => {
  const two = await person.open();
  assert.equal(await two.exists(), false);
  const one = await person.signedIn();
  const before = gate.requests.length;
  await eventually("the other tab knows", () => two.shows(), "authenticated");
  assert.equal(await two.ask("userId"), "alice");
  assert.deepEqual(await two.ask("payload"), await one.ask("payload"));
  assert.equal(gate.requests.length, before);
  assert.equal((await two.me()).user, "alice");
  assert.deepEqual((await two.eventList()).at(-1), { type: "SESSION_CREATED", origin: "remote-tab" });
});

scenario(
  "E26 a tab that was frozen while somebody else signed in wakes up as theirs",
  {},
  async ({ context }, person) => {
    const one = await person.signedIn();
    const two = await person.open();
    assert.equal((await two.me()).user, "alice");
    const control = await context.newCDPSession(two.page);
    await control.send("Page.setWebLifecycleState", { state: "frozen" });
    await one.signOut();
    await one.signIn("bob");
    await control.send("Page.setWebLifecycleState", { state: "active" });
    await eventually("the woken tab knows", async () => (await two.snapshot()).userId, "bob");
    const { claims } = await one.me();
    assert.deepEqual(await two.ask("payload"), claims);
    assert.equal((await two.me()).user, "bob");
    assert.ok((await two.events()).some((type) => ["USER_CHANGED", "SIGN_OUT"].includes(type)));
  },
);

scenario("E26 signing in as somebody else over a live session is told as such", {}, async (_, person) => {
  const one = await person.signedIn();
  const two = await person.open();
  assert.equal((await two.me()).user, "alice");
  await one.signIn("bob");
  assert.equal((await one.events()).filter((type) => type === "USER_CHANGED").length, 1);
  await eventually("the other tab knows", async () => (await two.snapshot()).userId, "bob");
  assert.deepEqual((await two.eventList()).at(-1), { type: "USER_CHANGED", origin: "remote-tab" });
  assert.equal((await two.me()).user, "bob");
});

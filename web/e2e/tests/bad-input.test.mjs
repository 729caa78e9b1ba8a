// What nobody sends on purpose, as far as it takes a real browser. The tables are in `web/test/bad-input.test.ts`.
import assert from "node:assert/strict";
import { answer, SIGN_OUT } from "../harness/gate.mjs";
import { eventually, scenario } from "../harness/scenario.mjs";

const COOKIES = [
  "sFrontToken",
  "sAntiCsrf",
  "st-access-token",
  "st-front-overflow",
  "st-refresh-lease",
  "sIRTFrontend",
];

for (const value of ["null", "%", "😀", "Ā", "a b", "undefined", "-1", "x".repeat(1000)]) {
  scenario(
    `cookies that something else has made ${value.slice(0, 20)} throw nothing, and the session goes on`,
    {},
    async (_, person) => {
      const tab = await person.signedIn();
      await tab.run(
        ([names, value]) => {
          for (const name of names) document.cookie = `${name}=${value};path=/`;
          // Or nobody looks at them.
          document.cookie = `st-last-access-token-update=${value};path=/`;
        },
        [COOKIES, value],
      );
      await tab.reload();
      assert.equal((await tab.me()).user, "alice");
      assert.equal(await tab.exists(), true);
      await person.backend.expire();
      assert.equal((await tab.me()).user, "alice");
      assert.equal(await tab.ask("userId"), "alice");
      assert.ok(person.refreshes().length <= 2, person.refreshes().join());
      await tab.signOut();
      assert.equal(await tab.exists(), false);
    },
  );
}

const nothing = () => {
  const denied = {
    get() {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
    set() {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
  };
  Object.defineProperty(Document.prototype, "cookie", denied);
  for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, denied);
};

scenario(
  "where neither cookies nor storage can be had, people sign in, refresh and sign out as long as the page lives",
  {},
  async (_, person) => {
    const tab = await person.signedIn("alice", { init: nothing });
    const told = (await tab.eventList()).filter(({ type }) => type === "STORAGE_DEGRADED");
    assert.ok(told.length > 0 && told.every(({ tier }) => tier === "memory"), JSON.stringify(told));
    assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    assert.deepEqual(await tab.many(5), Array(5).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    await tab.signOut();
    assert.equal(await tab.exists(), false);
    assert.equal(await tab.status("GET", "/me"), 401);
  },
);

for (const [what, status, body] of [
  ["HTML", 200, "<!doctype html><h1>Wi-Fi log-in</h1>"],
  ["nothing", 200, ""],
  ["another JSON", 200, '{"ok":true}'],
  ["that it has no such page", 404, "<h1>404</h1>"],
  ["that it is busy", 429, "slow down"],
]) {
  scenario(`a sign-out to which a proxy answers ${what} has not signed anybody out`, {}, async ({ gate }, person) => {
    const tab = await person.signedIn();
    gate.once(SIGN_OUT, () => answer(status, { "content-type": "text/html" }, body));
    assert.equal((await tab.ask("signOut")).code, status === 200 ? "config" : "http");
    assert.equal(await tab.exists(), true);
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), []);
    await tab.signOut();
    assert.equal(await tab.exists(), false);
    await eventually("it shows", () => tab.shows(), "unauthenticated");
  });
}

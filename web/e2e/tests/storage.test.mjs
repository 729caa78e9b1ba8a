// What browsers keep, refuse to keep, lose and mangle.
import assert from "node:assert/strict";
import { answer } from "../harness/gate.mjs";
import { eventually, scenario } from "../harness/scenario.mjs";

const TEXT = (value) => Buffer.from(value).toString("base64");

/** Lets the gate change what front tokens say. */
const rewriteFront = (gate, change) =>
  gate.when("*", async (_, pass) => {
    const said = await pass();
    const headers = said.headers.map(([name, value]) => {
      if (name.toLowerCase() !== "front-token" || value === "remove") return [name, value];
      return [name, TEXT(change(Buffer.from(value, "base64").toString()))];
    });
    return { ...said, headers };
  });

scenario("E43 a browser with what the client of another package has kept stays signed in, and asks nobody", {}, async ({ gate, mode }, person) => {
  const before = await person.open({ page: "upstream.html" });
  await before.signIn("alice");
  assert.equal((await before.me()).user, "alice");
  const asked = gate.to("POST /auth/session/refresh").length;
  const old = await before.run(() => window.client.getAccessTokenPayloadSecurely());
  await before.page.close();

  person.since = asked;
  const tab = await person.open();
  assert.equal(await tab.shows(), "authenticated");
  assert.equal(await tab.exists(), true);
  assert.equal(await tab.ask("userId"), "alice");
  assert.deepEqual(await tab.ask("payload"), old);
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(person.refreshes(), []);
  assert.deepEqual(await tab.events(), []);

  await person.backend.expire();
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(person.refreshes(), [200]);
  await tab.reload();
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(person.refreshes(), [200]);
  if (mode === "header") assert.ok(!(await person.cookies()).has("st-refresh-token"), "the refresh token is in no cookie any more");
  await tab.signOut();
  assert.deepEqual(await person.tokens(), { mode, accessToken: undefined, refreshToken: undefined });
});

scenario("E43 both clients on one page's storage take turns without losing the session", { modes: ["cookie"] }, async (_, person) => {
  const ours = await person.signedIn();
  const theirs = await person.open({ page: "upstream.html" });
  assert.equal((await theirs.me()).user, "alice");
  for (let round = 0; round < 2; round++) {
    await person.backend.expire();
    assert.equal((await theirs.me()).user, "alice");
    assert.equal((await ours.me()).user, "alice");
    await person.backend.expire();
    assert.equal((await ours.me()).user, "alice");
    assert.equal((await theirs.me()).user, "alice");
  }
  assert.deepEqual(person.refreshes(), [200, 200, 200, 200]);
  assert.deepEqual(await person.backend.events("alice"), ["session.created"]);
  await theirs.run(() => window.client.signOut());
  assert.equal(await ours.exists(), false);
});

const blocked = () =>
  Object.defineProperty(window, "localStorage", {
    get() {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
  });
const full = () => {
  Storage.prototype.setItem = () => {
    throw new DOMException("exceeded the quota", "QuotaExceededError");
  };
};
const blockedWithoutLocks = () => {
  Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
  for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, {
      get() {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      },
    });
};

for (const [what, init] of [["is blocked", blocked], ["is full", full], ["is blocked, and locks are missing", blockedWithoutLocks]]) {
  scenario(`E44 where localStorage ${what}, people sign in, refresh and sign out all the same`, {}, async ({ mode }, person) => {
    const tab = await person.signedIn("alice", { init });
    assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    assert.deepEqual(await tab.many(5), Array(5).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    if (mode === "header") assert.ok((await tab.events()).includes("STORAGE_DEGRADED"));
    if (mode === "cookie") {
      await tab.reload();
      assert.equal(await tab.exists(), true);
      assert.deepEqual(person.refreshes(), [200]);
    }
    await tab.signOut();
    assert.equal(await tab.exists(), false);
    assert.equal(await tab.status("GET", "/me"), 401);
  });
}

const noCookies = () => Object.defineProperty(Document.prototype, "cookie", { get: () => "", set() {} });

scenario("E45 where scripts can keep no cookies the session works all the same, and the client says so", {}, async (_, person) => {
  const tab = await person.signedIn("alice", { init: noCookies });
  const told = (await tab.eventList()).filter(({ type }) => type === "STORAGE_DEGRADED");
  assert.ok(told.length > 0 && told.every(({ tier }) => tier === "localStorage"), JSON.stringify(told));
  assert.equal((await tab.me()).user, "alice");
  assert.equal(await tab.exists(), true);
  await person.backend.expire();
  assert.deepEqual(await tab.many(5), Array(5).fill(200));
  assert.deepEqual(person.refreshes(), [200]);
  await tab.signOut();
  assert.equal(await tab.exists(), false);
});

scenario("E47 tokens in headers outlive the script's cookies, which some browsers delete after a week", { modes: ["header"] }, async (_, person) => {
  const tab = await person.signedIn();
  await person.forgetScriptCookies();
  await tab.reload();
  assert.equal(await tab.exists(), true);
  assert.equal(await tab.ask("userId"), "alice");
  assert.equal((await tab.me()).user, "alice");
  assert.ok(person.refreshes().length <= 1);
  await person.backend.expire();
  assert.equal((await tab.me()).user, "alice");
});

scenario("E48 a front token that is too long for a cookie is kept all the same, and never an older one", {}, async ({ gate }, person) => {
  let bulk = 5000;
  rewriteFront(gate, (text) => {
    const front = JSON.parse(text);
    front.up.bulk = "x".repeat(bulk);
    return JSON.stringify(front);
  });
  const tab = await person.signedIn();
  const length = async () => (await tab.ask("payload")).bulk.length;
  for (bulk of [5000, 10, 64 * 1024, 0, 9000]) {
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    assert.equal(await length(), bulk);
    await tab.reload();
    assert.equal(await tab.shows(), "authenticated");
    for (let i = 0; i < 3; i++) assert.equal(await tab.exists(), true);
    assert.equal(await length(), bulk);
  }
  assert.deepEqual(person.refreshes(), Array(5).fill(200));
  await tab.signOut();
  assert.equal(await tab.exists(), false);
  await tab.reload();
  assert.equal(await tab.shows(), "unauthenticated");
});

scenario("E49 letters of every script are the same here and there", {}, async ({ gate }, person) => {
  const user = 'Zoë 山田太郎 🦀 "<&>;,=%41+\\ \u202e عمر \u2028 \u2029';
  const tab = await person.signedIn(user);
  for (const when of ["fresh", "refreshed"]) {
    assert.equal(await tab.ask("userId"), user, when);
    const { user: said, claims } = await tab.me();
    assert.equal(said, user, when);
    assert.deepEqual(await tab.ask("payload"), claims, when);
    await person.backend.expire();
    await tab.me();
  }
  // What no UTF-8 can say, JSON can.
  rewriteFront(gate, (text) => text.replace(/"up":\{/, '"up":{"half":"\\ud83e",'));
  await person.backend.expire();
  await tab.me();
  assert.equal(await tab.run(async () => (await window.client.payload()).half === "\ud83e"), true);
  await tab.reload();
  assert.equal(await tab.run(async () => (await window.client.payload()).half === "\ud83e"), true);
});

for (const [what, text] of [
  ["no base64", "%%%"],
  ["no JSON", TEXT("hello")],
  ["no object", TEXT("[1]")],
  ["of wrong types", TEXT('{"uid":1,"ate":"soon","up":null}')],
  ["half of one", TEXT('{"uid":"alice","ate":').slice(0, 20)],
  ["no UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString("base64")],
]) {
  scenario(`E50 a front token that is ${what} counts as none, and a refresh makes a new one`, {}, async (_, person) => {
    const tab = await person.signedIn();
    await tab.run((text) => (document.cookie = `sFrontToken=${text};path=/`), text);
    await tab.reload();
    assert.equal(await tab.exists(), true);
    assert.equal(await tab.ask("userId"), "alice");
    assert.equal((await tab.me()).user, "alice");
    assert.ok(person.refreshes().length <= 1, person.refreshes().join());
  });
}

scenario("a forged front token fools the page, not the server, and ends nothing", {}, async (_, person) => {
  const tab = await person.signedIn();
  const forged = TEXT(JSON.stringify({ uid: "root", ate: 8.64e15, up: { sub: "root", iat: 1e300, "st-role": { v: ["admin"], t: 1 } } }));
  await tab.run((text) => (document.cookie = `sFrontToken=${text};path=/`), forged);
  await tab.reload();
  assert.equal((await tab.me()).user, "alice");
  await person.backend.expire();
  assert.equal((await tab.me()).user, "alice");
  assert.equal(await tab.ask("userId"), "alice");
  assert.deepEqual(person.refreshes(), [200]);
});

for (const text of ["", "null", "[]", '"x"', "{", '{"lat":1,"front":{},"csrf":[],"skew":"x","of":null}', "x".repeat(65536)]) {
  scenario(`a record in localStorage that reads ${text.slice(0, 20) || "nothing"} costs no session and throws nothing`, { modes: ["cookie"] }, async (_, person) => {
    const tab = await person.signedIn();
    await tab.run((text) => localStorage.setItem("hallpass", text), text);
    await tab.reload();
    assert.equal(await tab.exists(), true);
    assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200]);
  });
}

scenario("a backend that answers HTML to everything is no backend, and no sign-out", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  const undo = gate.when("*", () => answer(200, { "content-type": "text/html" }, "<!doctype html><h1>Wi-Fi log-in</h1>"));
  assert.equal(await tab.status("GET", "/me"), 200);
  assert.equal((await tab.ask("refresh")).code, "config");
  assert.equal(await tab.exists(), true);
  assert.deepEqual(await tab.run(() => window.client.claims.invalidFrom(new Response("<h1>"))).catch((error) => error.name), []);
  undo();
  assert.equal((await tab.me()).user, "alice");
  await eventually("all is well", () => tab.shows(), "authenticated");
});

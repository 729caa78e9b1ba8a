// Signing out: when all is well, and when it is not.
import assert from "node:assert/strict";
import { REFRESH, SIGN_OUT, answer, without } from "../harness/gate.mjs";
import { BOTH, scenario } from "../harness/scenario.mjs";

const ends = async (tab) => (await tab.events()).filter((type) => /SIGN_OUT|UNAUTHORISED/.test(type));

/** Neither the browser nor the server has anything left of it. */
async function isOut(person, tab) {
  assert.equal(await tab.shows(), "unauthenticated");
  assert.equal(await tab.exists(), false);
  assert.deepEqual(await person.tokens(), { mode: person.mode, accessToken: undefined, refreshToken: undefined });
  assert.ok(!(await person.cookies()).has("sFrontToken"));
}

scenario("E27 signing out with a valid token is one call", { backends: BOTH }, async ({ gate }, person) => {
  const tab = await person.signedIn();
  const before = gate.requests.length;
  await tab.signOut();
  assert.deepEqual(gate.requests.slice(before).map(({ route }) => route), [SIGN_OUT]);
  assert.deepEqual(await ends(tab), ["SIGN_OUT"]);
  await isOut(person, tab);
  assert.equal(await person.backend.lives("alice"), false);
});

scenario("E27 signing out with an expired token refreshes first", { backends: BOTH }, async ({ gate }, person) => {
  const tab = await person.signedIn();
  await person.backend.expire();
  const before = gate.requests.length;
  await tab.signOut();
  const sent = gate.requests.slice(before).map(({ route }) => route);
  assert.deepEqual(sent.slice(-2), [REFRESH, SIGN_OUT]);
  assert.equal(sent.filter((route) => route === REFRESH).length, 1);
  assert.equal(gate.to(SIGN_OUT).filter(({ status }) => status === 200).length, 1);
  assert.deepEqual(await ends(tab), ["SIGN_OUT"]);
  await isOut(person, tab);
  assert.equal(await person.backend.lives("alice"), false);
});

scenario("E28 signing out of a session that the server has ended already is no error", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  await person.backend.expire();
  gate.when(REFRESH, () => answer(401, { "front-token": "remove" }));
  assert.equal(await tab.signOut(), undefined);
  assert.deepEqual(await ends(tab), ["UNAUTHORISED"]);
  assert.equal(await tab.shows(), "unauthenticated");
});

scenario("E29 a sign-out that the backend refuses in words is an error, and the session goes on", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  const undo = gate.when(SIGN_OUT, () => answer(200, { "content-type": "application/json" }, '{"status":"GENERAL_ERROR","message":"not today"}'));
  const error = await tab.run(() => window.client.signOut().catch(({ code, message }) => ({ code, message })));
  assert.equal(error.code, "general");
  assert.match(error.message, /not today/);
  assert.equal((await tab.me()).user, "alice");
  undo();
  await tab.signOut();
  assert.deepEqual(await ends(tab), ["SIGN_OUT"]);
});

for (const status of [500, 404]) {
  scenario(`E29 a sign-out that is answered ${status} is an error, and the session goes on`, {}, async ({ gate }, person) => {
    const tab = await person.signedIn();
    gate.once(SIGN_OUT, () => answer(status));
    assert.deepEqual(await tab.signOut(), { code: "http", status });
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(await ends(tab), []);
  });
}

scenario("E29 signing out without a network is an error, unless it may end here alone", {}, async ({ context, mode }, person) => {
  const tab = await person.signedIn();
  assert.equal(await tab.exists(), true);
  await context.setOffline(true);
  assert.deepEqual(await tab.signOut(), { code: "network", status: undefined });
  assert.equal(await tab.shows(), "authenticated");

  assert.equal(await tab.signOut({ ifUnreachable: "local" }), undefined);
  assert.equal(await tab.shows(), "unauthenticated");
  assert.equal(await tab.exists(), false);
  assert.deepEqual(await ends(tab), ["SIGN_OUT"]);
  await context.setOffline(false);
  assert.equal(await tab.status("GET", "/me"), 401, "the cookies that are left count no more");
  if (mode === "header") return;
  assert.equal((await person.gate.to(SIGN_OUT)).at(-1).passed, 200, "the server hears of it later");
  assert.deepEqual(await person.backend.events("alice"), ["session.created", "session.revoked"]);
  const { accessToken } = await person.tokens();
  assert.equal(accessToken, undefined);
});

scenario("E30 a proxy that drops empty headers leaves `front-token: remove`, and that is enough", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  gate.when(SIGN_OUT, async (_, pass) => without(await pass(), "st-access-token", "st-refresh-token"));
  await tab.signOut();
  await isOut(person, tab);
});

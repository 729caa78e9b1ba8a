// A copy of the refresh token is in somebody else's hands.
import assert from "node:assert/strict";
import { browserTest } from "../harness/browser.mjs";
import { HOUR, MINUTE, SECOND } from "../harness/app.mjs";
import { Thief } from "../harness/thief.mjs";

const detected = { status: 401, body: { message: "token theft detected" }, frontToken: "remove" };
const refused = { status: 401, body: { message: "unauthorised" }, frontToken: "remove" };

/** The access token outlives the session, and the next refresh is where the owner learns of its end. */
async function ownerIsSignedOut(person, tab) {
  await person.app.advance(HOUR);
  assert.equal((await tab.call("GET", "/me")).status, 401);
  assert.equal(await tab.signedIn(), false);
  assert.equal((await tab.events()).at(-1), "UNAUTHORISED");
  assert.deepEqual(await person.tokens(), { mode: person.mode, accessToken: undefined, refreshToken: undefined });
}

browserTest("a thief who comes after the owner has used the next token is found out, and both are signed out", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const thief = new Thief(person.app, await person.tokens());

  await person.app.advance(HOUR);
  await tab.me(); // refreshes, and uses what came of it
  await person.app.confirmed("alice");
  await person.app.advance(MINUTE);
  assert.deepEqual(await thief.refresh(), detected);
  assert.deepEqual(await person.app.events("alice"), ["session.created", "refresh.reuse"]);

  await ownerIsSignedOut(person, tab);
  assert.deepEqual(await thief.refresh(), refused);
  assert.equal(await thief.me(), 401);
});

browserTest("a thief with a token from long ago is found out", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const thief = new Thief(person.app, await person.tokens());
  for (let hour = 0; hour < 3; hour++) {
    await person.app.advance(HOUR);
    await tab.me();
  }
  assert.deepEqual(await thief.refresh(), detected);
  await ownerIsSignedOut(person, tab);
});

browserTest("a thief who refreshes first and uses what he got is found out when the owner returns", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const thief = new Thief(person.app, await person.tokens());
  assert.equal((await thief.refresh()).status, 200);
  assert.equal(await thief.me(), 200);
  await person.app.confirmed("alice");

  await ownerIsSignedOut(person, tab);
  assert.deepEqual(await person.app.events("alice"), ["session.created", "refresh.reuse"]);
  assert.deepEqual(await thief.refresh(), refused);
  assert.equal(await thief.me(), 401);
});

browserTest("a thief who refreshes first and lies low holds a dead token that gives him away", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const thief = new Thief(person.app, await person.tokens());
  assert.equal((await thief.refresh()).status, 200);

  await person.app.advance(HOUR);
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(await person.app.events("alice"), ["session.created", "refresh.reissued"]);
  await person.app.advance(SECOND);
  assert.deepEqual(await thief.refresh(), detected);
  assert.deepEqual(await person.app.events("alice"), ["session.created", "refresh.reissued", "refresh.reuse"]);
  await ownerIsSignedOut(person, tab);
});

browserTest("within the window a thief looks like a second tab, gets the same token, and is in the record", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const thief = new Thief(person.app, await person.tokens());
  assert.equal((await thief.refresh()).status, 200);

  await person.app.advance(5 * SECOND);
  assert.equal(await tab.page.evaluate(() => window.client.attemptRefreshingSession()), true);
  assert.equal((await person.tokens()).refreshToken, thief.refreshToken);
  assert.deepEqual(await person.app.events("alice"), ["session.created", "refresh.replayed"]);
});

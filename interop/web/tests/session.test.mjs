// What every user does: sign in, work, come back after the access token has expired, sign out.
import assert from "node:assert/strict";
import { browserTest } from "../harness/browser.mjs";
import { HOUR, SECOND } from "../harness/app.mjs";
import { Thief } from "../harness/thief.mjs";

browserTest("a user signs in and calls a protected route", {}, async (person) => {
  const tab = await person.openTab();
  assert.equal(await tab.signedIn(), false);
  assert.equal((await tab.call("GET", "/me")).status, 401);

  await tab.signIn("alice");
  assert.equal(await tab.signedIn(), true);
  assert.equal(await tab.userId(), "alice");
  const { user, claims } = await tab.me();
  assert.equal(user, "alice");
  assert.deepEqual(await tab.payload(), claims);
  const note = await tab.call("POST", "/note", { body: "hello" });
  assert.equal(note.status, 200);
  assert.match(note.text, /hello/);
  assert.deepEqual(await tab.events(), ["UNAUTHORISED", "SESSION_CREATED"]);
});

browserTest("the payload keeps letters of every script", {}, async (person) => {
  const user = 'Zoë 山田太郎 🦀 "<&>;,=%41+\\ \u202e عمر';
  const tab = await person.openTab();
  await tab.signIn(user);
  for (const when of ["fresh", "refreshed"]) {
    assert.equal(await tab.userId(), user, when);
    const me = await tab.me();
    assert.equal(me.user, user, when);
    assert.deepEqual(await tab.payload(), me.claims, when);
    await person.app.advance(HOUR);
    await tab.me();
  }
});

browserTest("a reload keeps the session", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const before = await person.tokens();
  const refreshes = await person.app.refreshes();

  await tab.page.reload();
  await tab.page.waitForFunction(() => window.client);
  assert.equal(await tab.signedIn(), true);
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(await person.tokens(), before);
  assert.deepEqual(await person.app.refreshes(), refreshes);
});

browserTest("when the access token has expired, ten calls in each of two tabs cause one refresh", {}, async (person) => {
  const [one, two] = [await person.openTab(), await person.openTab()];
  await one.signIn("alice");
  await two.me();
  const before = await person.tokens();
  const refreshes = await person.app.refreshes();

  await person.app.advance(HOUR);
  const statuses = await Promise.all([one.many(10), two.many(10)]);
  assert.deepEqual(statuses.flat(), Array(20).fill(200));
  assert.deepEqual(await person.app.refreshes(), [...refreshes, 200]);
  const after = await person.tokens();
  assert.notEqual(after.accessToken, before.accessToken);
  assert.notEqual(after.refreshToken, before.refreshToken);
  const events = [...(await one.events()), ...(await two.events())];
  assert.equal(events.filter((event) => event === "REFRESH_SESSION").length, 1);
  assert.deepEqual(await person.app.events("alice"), ["session.created"]);
});

browserTest("a session lives through a working day of hourly refreshes", {}, async (person) => {
  const [one, two] = [await person.openTab(), await person.openTab()];
  await one.signIn("alice");
  const refreshes = await person.app.refreshes();
  for (let hour = 1; hour <= 8; hour++) {
    await person.app.advance(HOUR);
    assert.equal((await (hour % 2 ? one : two).me()).user, "alice");
  }
  assert.deepEqual(await person.app.refreshes(), [...refreshes, ...Array(8).fill(200)]);
  assert.deepEqual(await person.app.events("alice"), ["session.created"]);
});

browserTest("signing out in one tab signs the other out", {}, async (person) => {
  const [one, two] = [await person.openTab(), await person.openTab()];
  await one.signIn("alice");
  assert.equal((await two.me()).user, "alice");
  const old = await person.tokens();

  await person.app.advance(SECOND);
  await one.signOut();
  assert.deepEqual(await person.tokens(), { mode: person.mode, accessToken: undefined, refreshToken: undefined });
  assert.equal(await two.signedIn(), false);
  assert.equal((await two.call("GET", "/me")).status, 401);
  assert.deepEqual((await one.events()).slice(-1), ["SIGN_OUT"]);
  assert.deepEqual((await two.events()).slice(-1), ["UNAUTHORISED"]);

  const copied = await new Thief(person.app, old).refresh();
  assert.deepEqual(copied, { status: 401, body: { message: "unauthorised" }, frontToken: "remove" });
  assert.deepEqual(await person.app.events("alice"), ["session.created", "session.revoked"]);
});

browserTest("signing out works when the access token has expired", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  await person.app.advance(HOUR);
  await tab.signOut();
  assert.equal(await tab.signedIn(), false);
  assert.deepEqual(await person.app.events("alice"), ["session.created", "session.revoked"]);
});

browserTest("another user can sign in after the first has signed out", {}, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  await tab.signOut();
  await tab.signIn("bob");
  assert.equal((await tab.me()).user, "bob");
  assert.equal(await tab.userId(), "bob");
});

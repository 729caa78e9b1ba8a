// Every way to end sessions.
import assert from "node:assert/strict";
import { journeys } from "../harness/journey.mjs";
import { REVOKES_PER_TENANT, Session, sessions, tenants } from "../harness/sdk.mjs";

const journey = journeys();

journey(
  "G37: a revoked session ends at once for those who ask the database, and at the next refresh for others",
  {},
  async (world) => {
    const browser = world.browser();
    const handle = await browser.signIn("alice");
    assert.equal(await browser.me({ checkDatabase: true }), 200);
    assert.equal(await Session.revokeSession(handle), true);
    assert.equal(await Session.revokeSession(handle), false);

    assert.equal(await browser.me(), 200);
    const asked = await browser.copy().inSession(() => assert.fail("the session has ended"), { checkDatabase: true });
    assert.deepEqual([asked.status, asked.body], [401, { message: "unauthorised" }]);
    const refreshed = await browser.refresh();
    assert.deepEqual([refreshed.status, refreshed.body], [401, { message: "unauthorised" }]);
    assert.equal(browser.accessToken, undefined);
  },
);

journey("a revoked session is not promoted", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  await browser.refresh();
  await Session.revokeSession(handle);
  assert.equal(await browser.me(), 401);
});

journey("many sessions can be revoked at once, and those that lived are named", {}, async () => {
  const [one, two, three] = [
    await sessions.create("alice"),
    await sessions.create("bob"),
    await sessions.create("alice"),
  ].map((s) => s.getHandle());
  const revoked = await Session.revokeMultipleSessions([one, "unknown", two, one]);
  assert.deepEqual([...new Set(revoked)].sort(), [one, two].sort());
  assert.deepEqual(await Session.revokeMultipleSessions([one, two]), []);
  assert.deepEqual(await Session.revokeMultipleSessions([]), []);
  assert.deepEqual(await sessions.ofUser("alice"), [three]);
});

journey("all sessions of a user can be revoked, and nobody else's", {}, async () => {
  const handles = [await sessions.create("alice"), await sessions.create("alice"), await sessions.create("alice")].map(
    (s) => s.getHandle(),
  );
  const bob = (await sessions.create("bob")).getHandle();
  assert.deepEqual((await sessions.ofUser("alice")).sort(), handles.sort());
  assert.deepEqual((await sessions.revokeAll("alice")).sort(), handles.sort());
  assert.deepEqual(await sessions.ofUser("alice"), []);
  assert.deepEqual(await sessions.revokeAll("alice"), []);
  assert.deepEqual(await sessions.ofUser("bob"), [bob]);
});

journey("an unknown user has no sessions", {}, async () => {
  assert.deepEqual(await sessions.ofUser("nobody"), []);
  assert.deepEqual(await sessions.revokeAll("nobody"), []);
});

journey("sessions of a user are listed and revoked in one tenant, or in all", {}, async () => {
  await tenants.create("t1");
  await tenants.create("t2");
  const [home, one, two] = await Promise.all(
    ["public", "t1", "t2"].map(async (tenantId) => (await sessions.create("alice", { tenantId })).getHandle()),
  );
  assert.deepEqual((await sessions.ofUser("alice")).sort(), [home, one, two].sort());
  assert.deepEqual(await sessions.ofUser("alice", "t1"), [one]);
  assert.deepEqual(await sessions.ofUser("alice", "public"), [home]);

  const [revoked, left] = REVOKES_PER_TENANT ? [[one], [home, two]] : [[home, one, two], []];
  assert.deepEqual((await sessions.revokeAll("alice", "t1")).sort(), revoked.sort());
  assert.deepEqual((await sessions.ofUser("alice")).sort(), left.sort());
  assert.deepEqual((await sessions.revokeAll("alice")).sort(), left.sort());
  assert.deepEqual(await sessions.ofUser("alice"), []);
});

journey("sessions of several tenants are revoked by their handles together", {}, async () => {
  await tenants.create("t1");
  const handles = await Promise.all(
    ["public", "t1"].map(async (tenantId) => (await sessions.create("alice", { tenantId })).getHandle()),
  );
  assert.deepEqual((await Session.revokeMultipleSessions(handles)).sort(), handles.sort());
});

journey("G28: a handle that names nothing is not found, which is no error", {}, async () => {
  for (const handle of ["", "random", "4f8d3ae1-0000-4000-8000-000000000000"]) {
    assert.equal(await Session.revokeSession(handle), false);
    assert.equal(await Session.updateSessionDataInDatabase(handle, { a: 1 }), false);
    assert.equal(await Session.mergeIntoAccessTokenPayload(handle, { a: 1 }), false);
    assert.equal(await Session.getSessionInformation(handle), undefined);
  }
});

for (const mode of ["cookie", "header"]) {
  journey(`signing out ends one session of the user, and leaves the others (${mode} mode)`, {}, async (world) => {
    const [phone, laptop] = [world.browser(mode), world.browser(mode)];
    await phone.signIn("alice");
    const handle = await laptop.signIn("alice");
    assert.equal((await phone.signOut()).status, 200);
    assert.deepEqual(await sessions.ofUser("alice"), [handle]);
    assert.equal((await laptop.refresh()).status, 200);
    assert.equal(await laptop.me({ checkDatabase: true }), 200);
  });

  journey(`a session can be revoked from within (${mode} mode)`, {}, async (world) => {
    const browser = world.browser(mode);
    const handle = await browser.signIn("alice");
    assert.equal((await browser.inSession((session) => session.revokeSession())).status, 200);
    assert.deepEqual([browser.accessToken, browser.refreshToken], [undefined, undefined]);
    assert.equal(await Session.getSessionInformation(handle), undefined);
  });
}

journey("a session that was revoked during a request cannot be written to", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  const writes = [
    (session) => session.mergeIntoAccessTokenPayload({ a: 1 }),
    (session) => session.updateSessionDataInDatabase({ a: 1 }),
    (session) => session.getSessionDataFromDatabase(),
    (session) => session.getExpiry(),
  ];
  await Session.revokeSession(handle);
  for (const write of writes) {
    const { status, body } = await browser.copy().inSession(write);
    assert.deepEqual([status, body], [401, { message: "unauthorised" }], String(write));
  }
});

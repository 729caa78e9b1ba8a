// The server says that the session is over, or says nothing of use.
import assert from "node:assert/strict";
import { answer, REFRESH } from "../harness/gate.mjs";
import { scenario } from "../harness/scenario.mjs";

const REMOVED = { "front-token": "remove", "st-access-token": "", "st-refresh-token": "" };
const OVER = [{ type: "UNAUTHORISED", sessionExpiredOrRevoked: true, origin: "local" }];

/** What scripts keep of a session is gone, but for the mark that we have asked. */
async function nothingIsLeft(person, tab) {
  const jar = await person.cookies();
  const scripts = [...jar.values()].filter(({ httpOnly }) => !httpOnly).map(({ name }) => name);
  assert.deepEqual(scripts, ["st-last-access-token-update"]);
  const kept = await tab.run(() => JSON.parse(localStorage.getItem("hallpass") ?? "{}"));
  assert.ok(!kept.front && !kept.access && !kept.refresh && !kept.csrf, "the record of scripts is empty");
  assert.equal(await tab.shows(), "unauthenticated");
  assert.equal(await tab.exists(), false);
}

/** The events after a session was created, in full. */
const after = async (tab) => (await tab.eventList()).filter(({ type }) => type !== "SESSION_CREATED");

scenario("E10 a 401 that also ends the session ends it: no refresh, one event", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  gate.when("GET /gone", () => answer(401, REMOVED));
  assert.equal(await tab.status("GET", "/gone"), 401);
  assert.deepEqual(person.refreshes(), []);
  assert.deepEqual(await after(tab), OVER);
  await nothingIsLeft(person, tab);
});

for (const [name, headers] of [
  ["E11 a refresh that says 401 and `remove`", REMOVED],
  ["E12 a refresh that says 401 and nothing more", {}],
]) {
  scenario(`${name} ends the session, and nobody asks again`, {}, async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    gate.when(REFRESH, () => answer(401, headers, '{"message":"unauthorised"}'));
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.deepEqual(await after(tab), OVER);
    await nothingIsLeft(person, tab);
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.deepEqual(person.refreshes(), [401]);
    await tab.reload();
    assert.equal(await tab.exists(), false);
    assert.deepEqual(person.refreshes(), [401]);
  });
}

for (const status of [500, 502, 503, 429, 404]) {
  scenario(
    `E13 a refresh that is answered ${status} ends nothing: the session is unknown until it succeeds`,
    {},
    async ({ gate, context }, person) => {
      await context.clock.install();
      const tab = await person.signedIn();
      const before = await person.tokens();
      await person.backend.expire();
      await context.clock.fastForward(3_600_000);
      const undo = gate.when(REFRESH, () => answer(status, {}, "<h1>sorry</h1>"));
      assert.equal(await tab.status("GET", "/me"), 401);
      assert.equal(await tab.exists({ onNetworkError: "false" }), false);
      assert.equal(await tab.exists(), true);
      assert.equal(await tab.shows(), "unknown");
      assert.deepEqual(await tab.ask("refresh"), { code: "http", status });
      assert.ok((await after(tab)).every(({ type, kind }) => type === "REFRESH_FAILED" && kind === "http"));
      assert.ok(gate.to(REFRESH).length <= 6, `asked ${gate.to(REFRESH).length} times`);
      assert.deepEqual(await person.tokens(), before);

      undo();
      assert.equal((await tab.me()).user, "alice");
      assert.equal(await tab.shows(), "authenticated");
      assert.equal(person.refreshes().at(-1), 200);
    },
  );
}

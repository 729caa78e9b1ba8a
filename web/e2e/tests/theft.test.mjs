// The refresh token is in two hands.
import assert from "node:assert/strict";
import { Thief } from "../../../interop/web/harness/thief.mjs";
import { REFRESH } from "../harness/gate.mjs";
import { BOTH, eventually, HOUR, SECOND, scenario } from "../harness/scenario.mjs";

scenario(
  "E31 an old refresh token in a thief's hands ends the session, in all tabs and on the server",
  { backends: BOTH },
  async (_, person) => {
    const one = await person.signedIn();
    const two = await person.open();
    const thief = new Thief({ origin: person.origin }, await person.tokens());
    await person.backend.expire();
    await one.me();
    assert.equal((await two.me()).user, "alice");
    await person.backend.settle("alice");
    assert.equal((await thief.refresh()).body.message, "token theft detected");

    await person.backend.expire();
    const asked = person.refreshes().length;
    assert.equal(await one.status("GET", "/me"), 401);
    await eventually("the other tab knows", () => two.shows(), "unauthenticated");
    assert.equal(await two.status("GET", "/me"), 401);
    assert.deepEqual(person.refreshes().slice(asked), [401]);
    assert.deepEqual((await one.eventList()).at(-1), {
      type: "UNAUTHORISED",
      sessionExpiredOrRevoked: true,
      origin: "local",
    });
    assert.deepEqual(await person.tokens(), { mode: person.mode, accessToken: undefined, refreshToken: undefined });
    assert.equal(await person.backend.lives("alice"), false);
    assert.equal((await thief.refresh()).status, 401);
  },
);

scenario("E32 the same token refreshed twice within the window is good both times", {}, async (_, person) => {
  const tab = await person.signedIn();
  const before = await person.tokens();
  const twin = new Thief({ origin: person.origin }, before);
  assert.equal((await twin.refresh()).status, 200);
  await person.app.advance(5 * SECOND);
  assert.equal(await tab.ask("refresh"), true);
  const after = await person.tokens();
  assert.notEqual(after.refreshToken, before.refreshToken);
  assert.deepEqual(person.refreshes(), [200, 200]);
  await person.app.advance(HOUR);
  assert.equal((await tab.me()).user, "alice");
  assert.notEqual((await person.tokens()).refreshToken, after.refreshToken);
  assert.deepEqual(person.refreshes(), [200, 200, 200]);
});

scenario(
  "E33 two clients that share no lock, and get their answers in the wrong order, do not loop and lose nothing",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await tab.run(() => {
      const lock = (_, critical) => critical();
      window.clients = [window.make({ lock }), window.make({ lock })];
    });
    await person.backend.expire();
    const slow = gate.hold(REFRESH, { answered: true });
    const first = tab.run(() => window.clients[0].refresh());
    await slow.arrived;
    assert.equal(await tab.run(() => window.clients[1].refresh()), true);
    slow.release();
    assert.equal(await first, true);
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200, 200]);
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200, 200, 200]);
  },
);

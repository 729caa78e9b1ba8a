// Clocks that are wrong, and time that passes unseen.
import assert from "node:assert/strict";
import { HOUR, scenario } from "../harness/scenario.mjs";

for (const [what, off] of [
  ["an hour fast", HOUR],
  ["an hour slow", -HOUR],
  ["a year fast", 365 * 24 * HOUR],
]) {
  scenario(
    `E51 a browser whose clock is ${what} refreshes when it is time, not all the time`,
    {},
    async ({ context }, person) => {
      await context.clock.install({ time: Date.now() + off });
      const tab = await person.signedIn();
      for (let i = 0; i < 3; i++) {
        assert.equal(await tab.exists(), true);
        assert.equal((await tab.me()).user, "alice");
      }
      await tab.reload();
      assert.equal(await tab.exists(), true);
      assert.deepEqual(person.refreshes(), []);
      await person.backend.expire();
      await context.clock.fastForward(HOUR);
      assert.equal(await tab.exists(), true);
      assert.equal((await tab.me()).user, "alice");
      assert.deepEqual(person.refreshes(), [200]);
    },
  );
}

scenario(
  "E52 a computer that has slept for hours refreshes once when it wakes up",
  {},
  async ({ gate, context }, person) => {
    await context.clock.install();
    const tab = await person.signedIn();
    const other = await person.open();
    await other.me();
    await person.app.advance(5 * HOUR);
    await context.clock.fastForward(5 * HOUR);
    const before = gate.requests.length;
    await tab.run(() => document.dispatchEvent(new Event("visibilitychange")));
    const statuses = await Promise.all([tab.many(10), other.many(10)]);
    assert.deepEqual(statuses.flat(), Array(20).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    assert.deepEqual(
      gate.requests.slice(before).filter(({ status }) => status === 401),
      [],
      "nobody was sent away first",
    );
  },
);

scenario(
  "E53 a token that expires on the way costs one refresh, and the request arrives whole",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    const held = gate.hold("POST /note");
    const answered = tab.call("POST", "/note", { body: "on the way" });
    await held.arrived;
    await person.backend.expire();
    held.release();
    assert.deepEqual(await answered, { status: 200, text: "alice notes: on the way" });
    const sent = gate.to("POST /note");
    assert.deepEqual(
      sent.map(({ status }) => status),
      [401, 200],
    );
    assert.deepEqual(
      sent.map(({ body }) => body.toString()),
      ["on the way", "on the way"],
    );
    assert.deepEqual(person.refreshes(), [200]);
  },
);

scenario("E77 sessions go on when the server signs with another key", {}, async (_, person) => {
  const tab = await person.signedIn();
  const kid = async () => JSON.parse(atob((await person.tokens()).accessToken.split(".")[0])).kid;
  const before = await kid();
  for (let week = 0; week < 2; week++) {
    await person.app.advance(8 * 24 * HOUR);
    assert.equal((await tab.me()).user, "alice");
  }
  assert.notEqual(await kid(), before);
  assert.deepEqual(person.refreshes(), [200, 200]);
});

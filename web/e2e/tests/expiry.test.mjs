// The access token has expired: what is asked, how often, and what the caller sees.
import assert from "node:assert/strict";
import { answer, REFRESH } from "../harness/gate.mjs";
import { BOTH, HOUR, scenario } from "../harness/scenario.mjs";

scenario(
  "E06 a call whose token the browser knows to be expired refreshes first: one request, one refresh",
  { backends: BOTH },
  async ({ gate, context }, person) => {
    await context.clock.install();
    const tab = await person.signedIn();
    await tab.me();
    await person.backend.expire();
    await context.clock.fastForward(HOUR);
    const [before, told] = [gate.requests.length, (await tab.events()).length];
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(
      gate.requests.slice(before).map(({ route }) => route),
      [REFRESH, "GET /me"],
    );
    assert.deepEqual(person.refreshes(), [200]);
    // A backend may hand out another access token when the first one is used.
    const [first, second, ...more] = (await tab.events()).slice(told);
    assert.deepEqual([first, second], ["ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]);
    assert.ok(
      more.every((type) => type === "ACCESS_TOKEN_PAYLOAD_UPDATED"),
      more.join(),
    );
  },
);

scenario(
  "E06 a call whose token only the server knows to be expired is sent twice, with one refresh between",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    const before = gate.requests.length;
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(
      gate.requests.slice(before).map(({ route }) => route),
      ["GET /me", REFRESH, "GET /me"],
    );
    assert.deepEqual(person.refreshes(), [200]);
    assert.deepEqual(await tab.events(), ["SESSION_CREATED", "ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]);
  },
);

scenario(
  "E07 a hundred calls at once with an expired token cause one refresh",
  { backends: BOTH },
  async (_, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    assert.deepEqual(await tab.many(100), Array(100).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    assert.equal(await person.backend.lives("alice"), true);
  },
);

scenario("E08 a slow 401 that arrives after the refresh has ended causes no other", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  await person.backend.expire();
  const slow = gate.hold("GET /staff", { answered: true, times: 5 });
  const late = tab.run(() => Promise.all(Array.from({ length: 5 }, async () => (await window.send("/staff")).status)));
  await slow.arrived;
  assert.deepEqual(await tab.many(20), Array(20).fill(200));
  assert.deepEqual(person.refreshes(), [200]);
  slow.release();
  assert.deepEqual(await late, Array(5).fill(403));
  assert.deepEqual(
    gate
      .to("GET /staff")
      .map(({ status }) => status)
      .sort(),
    [...Array(5).fill(401), ...Array(5).fill(403)],
  );
  assert.deepEqual(person.refreshes(), [200]);
});

for (const retries of [undefined, 5, 0]) {
  const wanted = retries ?? 3;
  scenario(
    `E09 an API that always answers 401 is tried ${wanted} times more, and then left alone for a minute`,
    { options: { retries } },
    async ({ gate, context }, person) => {
      await context.clock.install();
      const tab = await person.signedIn();
      gate.when("GET /closed", () => answer(401, {}, "not you"));
      assert.deepEqual(await tab.call("GET", "/closed"), { status: 401, text: "not you" });
      assert.equal(person.refreshes().length, wanted);
      assert.equal(gate.to("GET /closed").length, wanted + 1);
      const errors = person.lines.filter(({ type }) => type === "error");
      assert.equal(errors.length, 1, JSON.stringify(errors));

      assert.equal(await tab.status("GET", "/closed"), 401);
      assert.equal(await tab.status("GET", "/closed?again"), 401);
      assert.equal(person.refreshes().length, wanted, "the same address within a minute");
      await tab.me();
      assert.equal(await tab.exists(), true);
      assert.deepEqual(await tab.events().then((all) => all.filter((type) => /UNAUTHORISED|SIGN_OUT/.test(type))), []);

      await context.clock.fastForward(61_000);
      assert.equal(await tab.status("GET", "/closed"), 401);
      assert.equal(person.refreshes().length, 2 * wanted, "after a minute");
    },
  );
}

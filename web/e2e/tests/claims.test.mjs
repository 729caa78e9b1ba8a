// Claims that are wanting or too old are fetched first, once, and then asked. On the Node backend, whose claims can be told.
import assert from "node:assert/strict";
import { NODE } from "../backends/node.mjs";
import { answer } from "../harness/gate.mjs";
import { scenario } from "../harness/scenario.mjs";

const ON_NODE = { backends: [NODE] };

/** What asks whether the user is verified and pays, in a page. */
const prepare = (tab, claims = ["verified"]) =>
  tab.run((claims) => {
    const { BooleanClaim, PrimitiveClaim } = window.hallpass;
    const fetchClaim = (id) => async () => {
      const answer = await window.send(`/claims/${id}`, { method: "POST" });
      if (!answer.ok) throw new Error(`the claim was not fetched: ${answer.status}`);
    };
    window.all = {
      verified: new BooleanClaim({ id: "verified", refresh: fetchClaim("verified") }).validators.isTrue(60),
      plan: new PrimitiveClaim({ id: "plan", refresh: fetchClaim("plan") }).validators.hasValue("paid", 60),
    };
    window.validators = claims.map((id) => window.all[id]);
  }, claims);

const validate = (tab) => tab.run(() => window.client.claims.validate(window.validators));

scenario(
  "E58 three who ask at once in each of two tabs cause one fetch of the claim",
  ON_NODE,
  async ({ gate, backend }, person) => {
    await backend.say({ verified: true });
    const one = await person.signedIn();
    const two = await person.open();
    for (const tab of [one, two]) await prepare(tab);
    const three = (tab) =>
      tab.run(() => Promise.all([1, 2, 3].map(() => window.client.claims.validate(window.validators))));
    assert.deepEqual(await Promise.all([three(one), three(two)]), [
      [[], [], []],
      [[], [], []],
    ]);
    assert.equal(gate.to("POST /claims/verified").length, 1);
    assert.deepEqual((await one.ask("payload")).verified.v, true);
    assert.ok([...(await one.events()), ...(await two.events())].includes("ACCESS_TOKEN_PAYLOAD_UPDATED"));
    assert.deepEqual(await validate(two), []);
    assert.equal(gate.to("POST /claims/verified").length, 1);
  },
);

scenario(
  "E58 a fetch of a claim that meets an expired token refreshes, and is made once more",
  ON_NODE,
  async ({ gate, backend }, person) => {
    await backend.say({ verified: true });
    const tab = await person.signedIn();
    await prepare(tab);
    gate.once("POST /claims/verified", () => answer(401, {}, '{"message":"try refresh token"}'));
    assert.deepEqual(await validate(tab), []);
    assert.deepEqual(
      gate.to("POST /claims/verified").map(({ status }) => status),
      [401, 200],
    );
    assert.deepEqual(person.refreshes(), [200]);
  },
);

for (const [what, act] of [
  ["is answered 500", () => answer(500)],
  ["breaks off", () => undefined],
]) {
  scenario(
    `E59 a fetch of a claim that ${what} is logged, and what is there is judged`,
    ON_NODE,
    async ({ gate }, person) => {
      const tab = await person.signedIn();
      await prepare(tab);
      gate.when("POST /claims/verified", act);
      const [{ id, reason }, ...more] = await validate(tab);
      assert.deepEqual([id, reason.message, more], ["verified", "value does not exist", []]);
      assert.ok(person.lines.some(({ type }) => type === "error"));
      assert.equal(await tab.exists(), true);
      assert.equal((await tab.me()).user, "alice");
    },
  );
}

scenario(
  "E60 fetching a later claim may undo what an earlier validator wanted: all are fetched before any is asked",
  ON_NODE,
  async ({ gate, backend }, person) => {
    await backend.say({ verified: true, plan: "paid" });
    const tab = await person.signedIn();
    await prepare(tab, ["verified", "plan"]);
    assert.deepEqual(await validate(tab), []);
    assert.deepEqual(
      await tab.run(() => window.client.claims.value(new window.hallpass.PrimitiveClaim({ id: "plan", refresh() {} }))),
      "paid",
    );

    // The plan is fetched again, and by then the user is verified no more.
    await backend.say({ verified: false });
    await tab.run(
      () =>
        (window.validators = [
          window.all.verified,
          { ...window.all.plan, shouldRefresh: () => true, validate: (...asked) => window.all.plan.validate(...asked) },
        ]),
    );
    gate.when("POST /claims/plan", async (_, pass) => {
      await pass("/claims/plan");
      return pass("/claims/verified");
    });
    assert.deepEqual(
      (await validate(tab)).map(({ id }) => id),
      ["verified"],
    );
  },
);

scenario("no validators ask nobody anything", {}, async ({ gate }, person) => {
  const tab = await person.open();
  assert.deepEqual(await tab.run(() => window.client.claims.validate([])), []);
  assert.deepEqual(gate.requests, []);
});

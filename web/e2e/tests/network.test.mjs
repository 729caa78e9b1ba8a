// Between browser and server: answers that get lost, hang, or come without what matters.
import assert from "node:assert/strict";
import { answer, REFRESH, without } from "../harness/gate.mjs";
import { SECOND, scenario } from "../harness/scenario.mjs";

const TOKENS = ["front-token", "st-access-token", "st-refresh-token", "access-control-expose-headers"];

scenario(
  "E14 a refresh whose answer is lost, after the server has worked on it, is made good by the next",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    const before = await person.tokens();
    await person.backend.expire();
    const undo = gate.when(REFRESH, async (_, pass) => void (await pass()));
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.ok(person.refreshes().every((status) => status === "lost"));
    assert.deepEqual(await person.tokens(), before);
    assert.equal(await tab.exists(), true);
    undo();
    await person.app.advance(5 * SECOND);
    assert.equal((await tab.me()).user, "alice");
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    const events = await person.backend.events("alice");
    assert.ok(
      events.every((event) => ["session.created", "refresh.replayed"].includes(event)),
      events.join(),
    );
    assert.deepEqual(
      (await tab.events()).filter((type) => /UNAUTHORISED|SIGN_OUT/.test(type)),
      [],
    );
  },
);

scenario(
  "E15 a refresh that hangs holds nobody longer than its timeout, neither here nor in another tab",
  { options: { timeoutMs: 1500 } },
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    const other = await person.open();
    await person.backend.expire();
    const hanging = gate.hold(REFRESH);
    const statuses = tab.many(5);
    await hanging.arrived;
    const waiting = other.many(5); // it waits for the lock
    assert.deepEqual(await statuses, Array(5).fill(401));
    assert.deepEqual(await waiting, Array(5).fill(200));
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(
      (await tab.eventList()).filter(({ type }) => type === "REFRESH_FAILED").map(({ kind }) => kind),
      ["network"],
    );
    hanging.release();
  },
);

scenario(
  "E16 a refresh that succeeds without readable tokens is tried once more, then it is an error of the configuration",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    const undo = gate.when(REFRESH, async (_, pass) => without(await pass(), ...TOKENS));
    assert.deepEqual(await tab.ask("refresh"), { code: "config", status: 200 });
    assert.deepEqual(person.refreshes(), [200, 200]);
    const [failed] = (await tab.eventList()).filter(({ type }) => type === "REFRESH_FAILED");
    assert.deepEqual(failed, { type: "REFRESH_FAILED", kind: "config", retryable: false, origin: "local" });
    assert.equal(await tab.exists(), true);
    undo();
    assert.equal((await tab.me()).user, "alice");
  },
);

scenario(
  "E16 without a front token alone, the access token says the same",
  { modes: ["header"] },
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    gate.when(REFRESH, async (_, pass) => without(await pass(), "front-token"));
    const { user, claims } = await tab.me();
    assert.equal(user, "alice");
    assert.deepEqual(await tab.ask("payload"), claims);
    assert.deepEqual(person.refreshes(), [200]);
  },
);

scenario(
  "E17 a backend that first puts duplicate cookies in order is simply asked again",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    gate.once(REFRESH, () =>
      answer(200, { "content-type": "application/json" }, '{"message":"cleared the cookies of an older domain"}'),
    );
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200, 200]);
    assert.deepEqual(await tab.events(), ["SESSION_CREATED", "ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]);
  },
);

scenario(
  "E18 a backend that refuses duplicate cookies is an error that can be seen, and no sign-out",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    const undo = gate.when(REFRESH, () => answer(500, {}, "the request has several cookies of one name"));
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.deepEqual(await tab.ask("refresh"), { code: "http", status: 500 });
    const body = await tab.run(() => window.client.refresh().catch((error) => error.response.text()));
    assert.match(body, /several cookies/);
    assert.equal(await tab.exists(), true);
    undo();
    assert.equal((await tab.me()).user, "alice");
  },
);

for (const answered of [false, true]) {
  const when = answered ? "before its answer arrives" : "before the server has seen it";
  scenario(`E78 a page that is reloaded during a refresh, ${when}, recovers`, {}, async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    const held = gate.hold(REFRESH, { answered });
    await tab.run(() => void window.send("/me").catch(() => {}));
    await held.arrived;
    await tab.reload();
    held.release();
    assert.equal((await tab.me()).user, "alice");
    await person.backend.confirmed("alice");
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    const events = await person.backend.events("alice");
    assert.ok(
      events.every((event) => ["session.created", "refresh.replayed", "refresh.reissued"].includes(event)),
      events.join(),
    );
  });
}

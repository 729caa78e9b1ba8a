// Signing keys: they change on a live app, and nobody is signed out by it.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { Session } from "../harness/sdk.mjs";

const journey = journeys();
const SECOND = 1000;
const kid = (browser) => decode(browser.accessToken).header.kid;
const published = async () => (await Session.getJWKS()).keys.map((key) => key.kid);

/** Waits for what must become true, and fails when it does not within `ms`. */
async function until(ms, isTrue) {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(100)) if (await isTrue()) return;
  assert.fail(`it did not happen within ${ms} ms: ${isTrue}`);
}

// 0.001 h are 3.6 s: a key is a second one's elder from 2.88 s on, and 0.72 s later that one signs.
journey(
  "G17, G18, G19: reading the keys makes the next one, and tokens of the last one keep verifying",
  { core: { access_token_dynamic_signing_key_update_interval: "0.001" } },
  async (world) => {
    const [early, late] = [world.browser(), world.browser()];
    await early.signIn("alice");
    const before = await published();
    assert(before.includes(kid(early)));
    await until(5 * SECOND, async () => (await published()).some((id) => !before.includes(id)));
    assert((await published()).includes(kid(early)), "the old key is still published");

    await until(5 * SECOND, async () => {
      await late.signIn("bob");
      return kid(late) !== kid(early);
    });
    assert.match(kid(late), /^d-\d+$/);
    assert.equal(await early.me(), 200);
    assert.equal(await early.me({ checkDatabase: true }), 200);
    assert.equal(await late.me(), 200);

    const first = kid(early);
    assert.equal((await early.refresh()).status, 200);
    const second = kid(early);
    assert.notEqual(second, first);
    assert.equal(await early.me(), 200);
    assert.match(kid(early), /^d-/);
    assert.equal(await early.me({ checkDatabase: true }), 200);
  },
);

// 0.0004 h are 1.44 s; with tokens of 3 s a key verifies for 7.44 s.
journey(
  "K6: a key that no living token can need is published no more",
  { core: { access_token_dynamic_signing_key_update_interval: 0.0004, access_token_validity: 3 } },
  async (world) => {
    const browser = world.browser();
    await browser.signIn("alice");
    const first = kid(browser);
    await until(10 * SECOND, async () => !(await published()).includes(first));
    assert.equal(await browser.me(), 401);
    assert.equal((await browser.refresh()).status, 200);
    assert.equal(await browser.me(), 200);
  },
);

journey(
  "G20: the interval has an older name",
  { core: { access_token_signing_key_update_interval: "0.0005" } },
  async (world) => {
    await world.browser().signIn("alice");
    const before = await published();
    await until(4 * SECOND, async () => (await published()).some((id) => !before.includes(id)));
  },
);

journey(
  "K2: the static key stays while the dynamic ones change",
  {
    core: { access_token_dynamic_signing_key_update_interval: "0.0005" },
    session: { useDynamicAccessTokenSigningKey: false },
  },
  async (world) => {
    const browser = world.browser();
    await browser.signIn("alice");
    const first = kid(browser);
    assert.match(first, /^s-/);
    const before = await published();
    await until(4 * SECOND, async () => (await published()).some((id) => !before.includes(id)));
    await browser.refresh();
    assert.equal(await browser.me(), 200);
    assert.equal(kid(browser), first);
  },
);

for (const dynamic of [true, false]) {
  const [was, becomes] = dynamic ? ["s-", "d-"] : ["d-", "s-"];
  journey(
    `G7: a backend that switches to ${dynamic ? "dynamic" : "static"} keys gets them with the next refresh, and keeps them`,
    { session: { useDynamicAccessTokenSigningKey: !dynamic } },
    async (world) => {
      const browser = world.browser();
      await browser.signIn("alice");
      assert.equal(kid(browser).slice(0, 2), was);
      assert.equal(await browser.me(), 200);

      await world.restartBackend({ session: { useDynamicAccessTokenSigningKey: dynamic } }, browser);
      const { status, body } = await browser.inSession(() => assert.fail("its key is of the other family"));
      assert.deepEqual([status, body], [401, { message: "try refresh token" }]);
      assert.equal((await browser.refresh()).status, 200);
      assert.equal(kid(browser).slice(0, 2), becomes);
      assert.equal(await browser.me(), 200, "the first verify asks the core");
      assert.equal(kid(browser).slice(0, 2), becomes);
      await browser.inSession((session) => session.mergeIntoAccessTokenPayload({ a: 1 }));
      assert.equal(kid(browser).slice(0, 2), becomes);
      await browser.refresh();
      assert.equal(kid(browser).slice(0, 2), becomes);
      assert.equal(await browser.me({ checkDatabase: true }), 200);
    },
  );
}

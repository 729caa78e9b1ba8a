// The server goes and comes back, with its database in a file. Sessions do not notice.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { Session, sessions } from "../harness/sdk.mjs";

const journey = journeys({ database: "sqlite://sessions.db" });
const algorithm = (browser) => decode(browser.accessToken).header.alg;

journey("a restart signs nobody out, and forgets no used token", {}, async (world) => {
  const [alice, bob] = [world.browser(), world.browser()];
  const handle = await alice.signIn("alice", { payload: { custom: 1 } });
  await bob.signIn("bob");
  const thief = bob.copy();
  await bob.refresh();
  assert.equal(await bob.me(), 200);

  await world.endServer();
  await world.beginServer();
  assert.equal(await alice.me({ checkDatabase: true }), 200);
  assert.equal((await alice.refresh()).status, 200);
  assert.equal(await alice.me(), 200);
  assert.equal((await Session.getSessionInformation(handle)).customClaimsInAccessTokenPayload.custom, 1);
  assert.deepEqual((await thief.refresh()).body, { message: "token theft detected" });
});

journey("a refresh that was cut off by a restart can be tried again", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  world.wire.lose("/recipe/session/refresh");
  assert.equal((await browser.refresh()).status, 500);
  await world.endServer();
  await world.beginServer();
  assert.equal((await browser.refresh()).status, 200);
  assert.equal(await browser.me(), 200);
});

journey("while the server is away, users can work, and nobody is signed out", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  assert.equal(await browser.me(), 200);
  const { refreshToken } = browser;

  await world.endServer();
  assert.equal(await browser.me(), 200);
  assert.equal((await browser.refresh()).status, 500);
  assert.equal(browser.refreshToken, refreshToken);

  await world.beginServer();
  assert.equal((await browser.refresh()).status, 200);
  assert.equal(await browser.me(), 200);
});

// 0.0005 h are 1.8 s. The algorithm is that of new keys, so the next one brings it.
journey(
  "a server that changes its algorithm, and changes it back, signs nobody out",
  { core: { access_token_dynamic_signing_key_update_interval: "0.0005" } },
  async (world) => {
    const browser = world.browser();
    const handle = await browser.signIn("alice");
    assert.equal(await browser.me(), 200);
    for (const next of ["ES256", "EdDSA", "RS256"]) {
      await world.endServer();
      await world.beginServer(["--signing-algorithm", next]);
      assert.equal(await browser.me({ checkDatabase: true }), 200, `a token that was made before ${next}`);
      for (const deadline = Date.now() + 8000; algorithm(browser) !== next; await sleep(250)) {
        assert(Date.now() < deadline, `no token was made with ${next}`);
        assert.equal((await browser.refresh()).status, 200, next);
        assert.equal(await browser.me(), 200, next);
      }
      assert.equal(await browser.me({ checkDatabase: true }), 200, next);
    }
    assert.deepEqual(await sessions.ofUser("alice"), [handle]);
  },
);

// Bans, as a backend meets them that knows nothing of bans.
import assert from "node:assert/strict";
import { journeys } from "../harness/journey.mjs";
import { sessions } from "../harness/sdk.mjs";

const journey = journeys();

async function ban(world, path = "/hallpass/ban") {
  const answer = await world.core("POST", path, { body: { userId: "mallory" } });
  assert.deepEqual([answer.status, answer.body.status], [200, "OK"]);
}

journey("the sessions of a banned user end, and nobody else's", {}, async (world) => {
  const [browser, other] = [world.browser(), world.browser()];
  await browser.signIn("mallory");
  await other.signIn("alice");
  await ban(world);
  assert.equal(await browser.me(), 200, "the database is not asked");
  const asked = await browser.copy().inSession(() => assert.fail("the session has ended"), { checkDatabase: true });
  assert.deepEqual([asked.status, asked.body], [401, { message: "unauthorised" }]);
  const refreshed = await browser.refresh();
  assert.deepEqual([refreshed.status, refreshed.body], [401, { message: "unauthorised" }]);
  assert.equal(browser.accessToken, undefined);
  assert.equal((await other.refresh()).status, 200);
});

journey("a banned user cannot sign in until the ban is lifted", {}, async (world) => {
  await ban(world);
  await assert.rejects(sessions.create("mallory"), /status code: 403 and message: User is banned\n?$/);
  await sessions.create("alice");
  await ban(world, "/hallpass/ban/remove");
  await sessions.create("mallory");
});

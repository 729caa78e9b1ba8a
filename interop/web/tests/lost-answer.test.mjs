// The server has worked on a refresh, and its answer never arrives.
import assert from "node:assert/strict";
import { browserTest } from "../harness/browser.mjs";
import { HOUR, SECOND } from "../harness/app.mjs";
import { tokensIn } from "../harness/thief.mjs";

/** The refresh tokens in the answers that were lost. The browser tries again by itself, so there may be several. */
function lostTokens({ app, mode }) {
  const heads = app.network.lost.map((head) => new Headers(head.split("\r\n").slice(1).map((line) => line.split(/: (.*)/, 2))));
  const tokens = heads.map((headers) => tokensIn(headers, mode).refreshToken);
  assert.ok(tokens.length > 0, "no answer was lost");
  assert.equal(new Set(tokens).size, 1, "tries within the window got different tokens");
  return tokens;
}

/** Signs in, lets the access token expire, and loses the answer to the refresh. */
async function loseOne(person) {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const before = await person.tokens();
  await person.app.advance(HOUR);
  person.app.network.loseRefreshes();
  assert.equal(await tab.page.evaluate(() => fetch("/me").catch((error) => error.name)), "TypeError");
  person.app.network.heal();
  assert.deepEqual(await person.tokens(), before, "a lost answer cannot have changed anything");
  return { tab, before };
}

browserTest("a browser that lost the answer and asks again soon gets the same token", {}, async (person) => {
  const { tab } = await loseOne(person);
  await person.app.advance(5 * SECOND);
  assert.equal((await tab.me()).user, "alice");
  assert.equal((await person.tokens()).refreshToken, lostTokens(person)[0]);
  assert.ok((await person.app.events("alice")).every((event) => ["session.created", "refresh.replayed"].includes(event)));

  await person.app.advance(HOUR);
  assert.equal((await tab.me()).user, "alice");
});

browserTest("a browser that lost the answer and comes back an hour later gets a new token and stays signed in", {}, async (person) => {
  const { tab, before } = await loseOne(person);
  await person.app.advance(HOUR);
  assert.equal((await tab.me()).user, "alice");
  const { refreshToken } = await person.tokens();
  assert.notEqual(refreshToken, before.refreshToken);
  assert.ok(!lostTokens(person).includes(refreshToken));
  assert.equal((await person.app.events("alice")).at(-1), "refresh.reissued");

  await person.app.advance(HOUR);
  assert.equal((await tab.me()).user, "alice");
  assert.equal((await person.app.events("alice")).at(-1), "refresh.reissued", "an ordinary refresh is no event");
});

browserTest("two tabs that both lost the answer stay signed in", {}, async (person) => {
  const { tab } = await loseOne(person);
  const other = await person.openTab();
  await person.app.advance(5 * SECOND);
  const refreshes = await person.app.refreshes();
  const statuses = await Promise.all([tab.many(10), other.many(10)]);
  assert.deepEqual(statuses.flat(), Array(20).fill(200));
  assert.deepEqual(await person.app.refreshes(), [...refreshes, 200]);
});

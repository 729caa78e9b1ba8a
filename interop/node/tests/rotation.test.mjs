// Refresh tokens: each is used once, honest clients never lose their session, and a copy shows.
import assert from "node:assert/strict";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { RECIPE_USERS, Session, sessions } from "../harness/sdk.mjs";

const journey = journeys();
const MODES = ["cookie", "header"];
const theft = { status: 401, body: { message: "token theft detected" } };
const refused = { status: 401, body: { message: "unauthorised" } };
const plain = ({ status, body }) => ({ status, body });
const parent = (token) => decode(token).payload.parentRefreshTokenHash1;

for (const mode of MODES) {
  journey(
    `G8: the first verify after a refresh asks the core and brings a new access token (${mode} mode)`,
    {},
    async (world) => {
      const browser = world.browser(mode);
      await browser.signIn("alice");
      assert.equal(await browser.me(), 200);
      assert.equal(
        world.wire.to("/recipe/session/verify").length,
        0,
        "a token without a parent is verified without the core",
      );

      await browser.refresh();
      const refreshed = browser.accessToken;
      assert.match(parent(refreshed), /^[0-9a-f]{64}$/);
      assert.equal(await browser.me(), 200);
      assert.equal(world.wire.to("/recipe/session/verify").length, 1);
      assert.notEqual(browser.accessToken, refreshed);
      assert.equal(parent(browser.accessToken), null);
      assert.equal(decode(browser.accessToken).header.kid, decode(refreshed).header.kid);
      assert.equal(decode(browser.accessToken).payload.refreshTokenHash1, decode(refreshed).payload.refreshTokenHash1);

      assert.equal(await browser.me(), 200);
      assert.equal(world.wire.to("/recipe/session/verify").length, 1, "the second verify needs no core");
    },
  );

  journey(
    `G9: an old token that comes back after its child was used is theft, and both are signed out (${mode} mode)`,
    {},
    async (world) => {
      const browser = world.browser(mode);
      const handle = await browser.signIn("alice");
      const thief = browser.copy();
      await browser.refresh();
      assert.equal(await browser.me(), 200);

      assert.deepEqual(plain(await thief.refresh()), theft);
      assert.deepEqual([thief.accessToken, thief.refreshToken], [undefined, undefined]);
      const [removed] = world.wire.to("/recipe/session/remove");
      assert.deepEqual([removed.body, removed.answer.sessionHandlesRevoked], [{ sessionHandles: [handle] }, [handle]]);
      assert.deepEqual(plain(await browser.refresh()), refused);
      assert.equal(await Session.getSessionInformation(handle), undefined);
    },
  );
}

journey("G9: an old token that comes back before its child was used gets in again", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const old = browser.copy();
  assert.equal((await browser.refresh()).status, 200);
  assert.equal((await old.refresh()).status, 200);
  assert.equal(await old.me(), 200);
  assert.equal((await old.refresh()).status, 200);
});

journey("the refresh of a child makes its parent an old token", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const thief = browser.copy();
  await browser.refresh();
  await browser.refresh(); // no access token was used in between
  assert.deepEqual(plain(await thief.refresh()), theft);
  assert.deepEqual(plain(await browser.refresh()), refused);
});

journey("a token from long ago is theft", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const thief = browser.copy();
  for (let day = 0; day < 3; day++) {
    await browser.refresh();
    assert.equal(await browser.me(), 200);
  }
  assert.deepEqual(plain(await thief.refresh()), theft);
});

journey("a thief who refreshes first and uses what he got is found out when the owner returns", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const thief = browser.copy();
  await thief.refresh();
  assert.equal(await thief.me(), 200);
  assert.deepEqual(plain(await browser.refresh()), theft);
  assert.equal(await thief.me({ checkDatabase: true }), 401);
  assert.deepEqual(plain(await thief.refresh()), refused);
});

journey("S26: theft is told with its session, which only the SDK's handler ends", {}, async () => {
  const first = await sessions.create("alice");
  const old = first.getAllSessionTokensDangerously().refreshToken;
  const second = await Session.refreshSessionWithoutRequestResponse(old);
  await Session.getSessionWithoutRequestResponse(second.getAccessToken());
  await assert.rejects(Session.refreshSessionWithoutRequestResponse(old), (error) => {
    assert.equal(error.type, "TOKEN_THEFT_DETECTED");
    const { recipeUserId, ...session } = error.payload;
    assert.deepEqual(session, { sessionHandle: first.getHandle(), userId: "alice" });
    assert.equal(recipeUserId?.getAsString(), RECIPE_USERS ? "alice" : undefined);
    return true;
  });
  assert.equal((await Session.getSessionInformation(first.getHandle())).userId, "alice");
  const { refreshToken } = second.getAllSessionTokensDangerously();
  assert.equal((await Session.refreshSessionWithoutRequestResponse(refreshToken)).getHandle(), first.getHandle());
});

journey("G6: the answer that tells of theft names the session and its user", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  const thief = browser.copy();
  await browser.refresh();
  await browser.me();
  await thief.refresh();
  const { answer } = world.wire.to("/recipe/session/refresh").at(-1);
  assert.deepEqual(answer, {
    status: "TOKEN_THEFT_DETECTED",
    session: { handle, userId: "alice", recipeUserId: "alice" },
  });
});

journey("S27: ten refreshes of one token at once all succeed, and nobody is signed out", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  const tabs = Array.from({ length: 10 }, () => browser.copy());
  const answers = await Promise.all(tabs.map((tab) => tab.refresh()));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(10).fill(200),
  );
  assert.equal(new Set(tabs.map((tab) => tab.refreshToken)).size, 1, "all tabs hold the same token");

  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.me())), Array(10).fill(200));
  for (const tab of tabs) assert.equal(parent(tab.accessToken), null);
  assert.equal((await tabs[0].refresh()).status, 200);
  assert.equal((await tabs[0].inSession((session) => session.getHandle(), { checkDatabase: true })).value, handle);
});

journey("S21: ten first verifies of one token at once all bring a new access token", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  await browser.refresh();
  const tabs = Array.from({ length: 10 }, () => browser.copy());
  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.me())), Array(10).fill(200));
  for (const tab of tabs) assert.equal(parent(tab.accessToken), null);
});

journey("a refresh whose answer was lost can be tried again", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  for (let loss = 0; loss < 3; loss++) {
    const old = browser.refreshToken;
    world.wire.lose("/recipe/session/refresh");
    assert.equal((await browser.refresh()).status, 500);
    assert.equal(world.wire.to("/recipe/session/refresh").at(-1).answer.status, "OK", "the server has done its work");
    assert.equal(browser.refreshToken, old);

    assert.equal((await browser.refresh()).status, 200);
    assert.notEqual(browser.refreshToken, old);
    assert.equal(await browser.me(), 200);
  }
});

journey("a first verify whose answer was lost can be tried again", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  await browser.refresh();
  world.wire.lose("/recipe/session/verify");
  assert.equal(await browser.me(), 500);
  assert.equal(await browser.me(), 200);
  assert.equal(parent(browser.accessToken), null);
  assert.equal((await browser.refresh()).status, 200);
});

journey(
  "G39: a payload update right after a refresh keeps the parent, so that the next verify still promotes",
  {},
  async (world) => {
    const browser = world.browser("header");
    await browser.signIn("alice");
    const thief = browser.copy();
    const refreshing = { headers: { authorization: `Bearer ${browser.refreshToken}` } };
    const { status } = await browser.outside(async (req, res) => {
      const session = await Session.refreshSession(req, res);
      await session.mergeIntoAccessTokenPayload({ plan: "pro" });
    }, refreshing);
    assert.equal(status, 200);
    const [refreshed] = world.wire.to("/recipe/session/refresh");
    assert.equal(parent(browser.accessToken), parent(refreshed.answer.accessToken.token));
    assert.notEqual(parent(browser.accessToken), null);
    assert.equal(decode(browser.accessToken).payload.plan, "pro");

    assert.equal((await browser.inSession((session) => session.getAccessTokenPayload().plan)).value, "pro");
    assert.equal(parent(browser.accessToken), null);
    assert.deepEqual(plain(await thief.refresh()), theft);
  },
);

journey("G29: nonsense is no refresh token, and ends nobody's session", {}, async (world) => {
  const browser = world.browser("header");
  await browser.signIn("alice");
  const nonsense = [
    "x",
    "a.b.c",
    "hp1_",
    browser.accessToken,
    `${browser.refreshToken}x`,
    browser.refreshToken.slice(0, -1),
    flip(browser.refreshToken),
  ];
  for (const token of nonsense) {
    const other = browser.copy();
    other.tokens.refresh = token;
    assert.deepEqual(plain(await other.refresh()), refused, token);
  }
  assert.equal((await browser.refresh()).status, 200);
});

journey("a session lives through fifty refreshes, some of them repeated", {}, async (world) => {
  const browser = world.browser("header");
  const handle = await browser.signIn("alice");
  for (let round = 0; round < 50; round++) {
    const tab = browser.copy();
    assert.equal((await browser.refresh()).status, 200, `round ${round}`);
    if (round % 3 === 0) assert.equal((await tab.refresh()).status, 200, `round ${round}, again`);
    if (round % 2 === 0) assert.equal(await browser.me(), 200, `round ${round}`);
  }
  assert.deepEqual(await sessions.ofUser("alice"), [handle]);
});

/** The token with one letter in its middle changed. */
function flip(token) {
  const at = token.length >> 1;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

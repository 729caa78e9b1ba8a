// What an app keeps in a session: the payload of the access token, and data that stays in the database.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { RECIPE_USERS, Session, sessions } from "../harness/sdk.mjs";

const journey = journeys();
const PROTECTED = /The user payload contains protected field/;

/** The members that the app has put into a token. */
function own(token) {
  const {
    sub,
    rsub,
    tId,
    exp,
    iat,
    iss,
    sessionHandle,
    refreshTokenHash1,
    parentRefreshTokenHash1,
    antiCsrfToken,
    ...rest
  } = decode(token).payload;
  return rest;
}

async function stored(handle) {
  const { iss, ...payload } = (await Session.getSessionInformation(handle)).customClaimsInAccessTokenPayload;
  return payload;
}

const VALUES = {
  text: 'Zoë 山田太郎 🦀 "<&>;\\/\u2028\u0000',
  empty: ["", [], {}],
  nothing: null,
  nested: { a: { b: [null, { c: null }] } },
  truth: [true, false],
  1: "a member with a number for a name",
  "a.b c": "a member with a space",
};

journey("a payload and data of every kind come back as they were given", {}, async (world) => {
  const browser = world.browser("header");
  const handle = await browser.signIn("alice", { payload: VALUES, data: VALUES });
  assert.deepEqual(own(browser.accessToken), VALUES);
  assert.deepEqual(await stored(handle), VALUES);
  assert.deepEqual((await Session.getSessionInformation(handle)).sessionDataInDatabase, VALUES);
  await browser.refresh();
  assert.deepEqual(own(browser.accessToken), VALUES);
  await browser.me();
  assert.deepEqual(own(browser.accessToken), VALUES);
});

journey("G36: numbers are kept to the last digit, and integers stay integers", {}, async (world) => {
  const numbers = {
    ms: 1700000000123,
    largest: 9007199254740991,
    smallest: -9007199254740991,
    zero: 0,
    half: 1.5,
    tiny: 0.1,
    deep: [{ t: 1764033600000 }],
  };
  const browser = world.browser("header");
  const handle = await browser.signIn("alice", { payload: numbers, data: numbers });
  const data = { ...numbers };
  const texts = () => Buffer.from(browser.accessToken.split(".")[1], "base64url").toString();
  const unchanged = async () => {
    assert.deepEqual(own(browser.accessToken), numbers);
    assert.match(texts(), /"ms":1700000000123[,}]/);
    assert.match(texts(), /"largest":9007199254740991[,}]/);
    assert.deepEqual(await stored(handle), numbers);
  };
  await unchanged();
  await browser.refresh();
  await unchanged();
  await browser.me({ checkDatabase: true });
  await unchanged();
  numbers.more = 4503599627370497;
  await browser.inSession((session) => session.mergeIntoAccessTokenPayload({ more: numbers.more }));
  await unchanged();
  assert.deepEqual((await Session.getSessionInformation(handle)).sessionDataInDatabase, data);
});

for (const mode of ["cookie", "header"]) {
  journey(
    `a payload is merged into from within the session: null removes, all else replaces (${mode} mode)`,
    {},
    async (world) => {
      const browser = world.browser(mode);
      const handle = await browser.signIn("alice", { payload: { keep: 1, replace: { a: 1 }, remove: 2 } });
      const before = decode(browser.accessToken).payload;
      const { value } = await browser.inSession(async (session) => {
        await session.mergeIntoAccessTokenPayload({ replace: { b: null }, remove: null, add: [null] });
        return session.getAccessTokenPayload();
      });
      const merged = { keep: 1, replace: { b: null }, add: [null] };
      assert.deepEqual(own(browser.accessToken), merged);
      assert.deepEqual(await stored(handle), merged);
      const after = decode(browser.accessToken).payload;
      assert.deepEqual(value, after);
      assert.deepEqual(browser.frontToken.up, after);
      const same = ({ exp, refreshTokenHash1, parentRefreshTokenHash1, sessionHandle }) => [
        exp,
        refreshTokenHash1,
        parentRefreshTokenHash1,
        sessionHandle,
      ];
      assert.deepEqual(same(after), same(before));

      assert.equal(await browser.me(), 200);
      await browser.refresh();
      assert.deepEqual(own(browser.accessToken), merged);
      await browser.me();
      assert.deepEqual(own(browser.accessToken), merged);
    },
  );
}

journey(
  "G38: a payload that was changed by its handle reaches those who ask the database at once, and others at the next refresh",
  {},
  async (world) => {
    const [one, two] = [world.browser(), world.browser()];
    const handle = await one.signIn("alice", { payload: { plan: "free" } });
    two.jar.cookies = new Map(one.jar.cookies);
    assert.equal(await Session.mergeIntoAccessTokenPayload(handle, { plan: "pro", seats: 3 }), true);
    assert.deepEqual(await stored(handle), { plan: "pro", seats: 3 });

    const seen = async (browser, verify) =>
      (await browser.inSession((session) => session.getAccessTokenPayload().plan, verify)).value;
    assert.equal(await seen(one), "free");
    assert.equal(await seen(one, { checkDatabase: true }), "pro");
    assert.deepEqual(own(one.accessToken), { plan: "pro", seats: 3 });
    assert.equal(await seen(one), "pro");

    assert.equal(await seen(two), "free");
    await two.refresh();
    assert.equal(await seen(two), "pro");
  },
);

journey("G38: only a payload that differs makes a new token", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice", { payload: { a: { x: 1, y: [1, 2] }, b: null } });
  const token = browser.accessToken;
  await browser.me({ checkDatabase: true });
  await Session.mergeIntoAccessTokenPayload(handle, { a: { y: [1, 2], x: 1 } });
  await browser.me({ checkDatabase: true });
  assert.equal(browser.accessToken, token, "the order of members is no difference");
  await Session.mergeIntoAccessTokenPayload(handle, { a: { x: 1, y: [2, 1] } });
  await browser.me({ checkDatabase: true });
  assert.notEqual(browser.accessToken, token);
});

journey("by its handle, too, null removes a member", {}, async () => {
  const session = await sessions.create("alice", { payload: { keep: { deep: null }, remove: 1 } });
  assert.equal(await Session.mergeIntoAccessTokenPayload(session.getHandle(), { remove: null, absent: null }), true);
  assert.deepEqual(await stored(session.getHandle()), { keep: { deep: null } });
});

journey("data in the database is replaced as a whole, and does not reach the client", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice", { data: { secret: 1 } });
  assert.deepEqual(own(browser.accessToken), {});
  const { value } = await browser.inSession(async (session) => {
    const before = await session.getSessionDataFromDatabase();
    await session.updateSessionDataInDatabase({ other: null });
    return [before, await session.getSessionDataFromDatabase()];
  });
  assert.deepEqual(value, [{ secret: 1 }, { other: null }]);
  assert.equal(await Session.updateSessionDataInDatabase(handle, { third: [3] }), true);
  assert.deepEqual((await Session.getSessionInformation(handle)).sessionDataInDatabase, { third: [3] });
  assert.equal(await Session.updateSessionDataInDatabase(handle, undefined), true);
  assert.deepEqual((await Session.getSessionInformation(handle)).sessionDataInDatabase, {});
});

journey("S37: updates do not lengthen a session", {}, async () => {
  const session = await sessions.create("alice");
  const handle = session.getHandle();
  const { expiry } = await Session.getSessionInformation(handle);
  await session.mergeIntoAccessTokenPayload({ a: 1 });
  await Session.mergeIntoAccessTokenPayload(handle, { b: 1 });
  await Session.updateSessionDataInDatabase(handle, { c: 1 });
  assert.equal((await Session.getSessionInformation(handle)).expiry, expiry);
});

journey(
  "S33: an update with a token that expires meanwhile is kept for the next refresh",
  { core: { access_token_validity: "3" } },
  async (world) => {
    const browser = world.browser();
    await browser.signIn("alice");
    const { status } = await browser.inSession(async (session) => {
      await sleep(3100);
      await session.mergeIntoAccessTokenPayload({ late: true });
    });
    assert.equal(status, 200);
    const { answer } = world.wire.to("/recipe/session/regenerate")[0];
    assert.equal(answer.status, "OK");
    assert(!("accessToken" in answer));
    await browser.refresh();
    assert.deepEqual(own(browser.accessToken), { late: true });
  },
);

/** An override that puts a session's data into its payload, too: past the place where the SDK drops protected claims. */
const dataAsPayload = {
  functions: (original) => ({
    ...original,
    createNewSession: (input) =>
      original.createNewSession({
        ...input,
        accessTokenPayload: { ...input.accessTokenPayload, ...input.sessionDataInDatabase },
      }),
  }),
};

journey("G11: a protected claim makes no session", { session: { override: dataAsPayload } }, async () => {
  for (const name of [
    "sub",
    "exp",
    "iat",
    "sessionHandle",
    "refreshTokenHash1",
    "parentRefreshTokenHash1",
    "antiCsrfToken",
    "tId",
  ]) {
    await assert.rejects(sessions.create("alice", { data: { [name]: "x" } }), PROTECTED, name);
  }
  assert.deepEqual(await sessions.ofUser("alice"), []);
  if (RECIPE_USERS) await assert.rejects(sessions.create("alice", { data: { rsub: "x" } }), PROTECTED);
  else assert.equal((await sessions.create("alice", { data: { rsub: "x" } })).getAccessTokenPayload().rsub, "x");
});

journey("G11: a protected claim is not merged into a session", {}, async () => {
  const session = await sessions.create("alice", { payload: { a: 1 } });
  await assert.rejects(session.mergeIntoAccessTokenPayload({ sub: "bob" }), PROTECTED);
  await assert.rejects(Session.mergeIntoAccessTokenPayload(session.getHandle(), { sub: "bob" }), PROTECTED);
  assert.deepEqual(await stored(session.getHandle()), { a: 1 });
});

journey("a payload of a hundred kilobytes is carried", {}, async () => {
  const long = "x".repeat(100_000);
  const session = await sessions.create("alice", { payload: { long }, data: { long } });
  assert.equal((await stored(session.getHandle())).long, long);
  await session.mergeIntoAccessTokenPayload({ more: 1 });
  assert.equal(own(session.getAccessToken()).long, long);
});

// Requests of other sites, which browsers send with the user's cookies.
import assert from "node:assert/strict";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { Session, sessions } from "../harness/sdk.mjs";

const journey = journeys();
const viaToken = { session: { antiCsrf: "VIA_TOKEN" } };
const none = { headers: {} };
const wrong = { headers: { "anti-csrf": "4f8d3ae1-0000-4000-8000-000000000000" } };
const RETRY = [401, { message: "try refresh token" }];

journey("a token beside the cookies is given at sign-in, and is in the access token", viaToken, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const { answer, body } = world.wire.to("/public/recipe/session")[0];
  assert.equal(body.enableAntiCsrf, true);
  assert.equal(browser.antiCsrf, answer.antiCsrfToken);
  assert.match(answer.antiCsrfToken, /^[\w-]{20,}$/);
  assert.equal(decode(browser.accessToken).payload.antiCsrfToken, answer.antiCsrfToken);
});

journey("calls that change something need the token, calls that read do not", viaToken, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const call = async (how) => {
    const { status, body } = await browser.inSession(() => "let in", how);
    return [status, body];
  };
  assert.deepEqual(await call(), [200, {}]);
  assert.deepEqual(await call(none), RETRY);
  assert.deepEqual(await call(wrong), RETRY);
  assert.deepEqual(await call({ method: "GET", ...none }), [200, {}]);
  assert.deepEqual(await call({ antiCsrfCheck: false, ...none }), [200, {}]);
  assert.deepEqual(await call({ method: "GET", antiCsrfCheck: true, ...none }), RETRY);
  assert.deepEqual(await call({ checkDatabase: true }), [200, {}]);
});

journey(
  "G29: a refresh without the token, or with a wrong one, is refused and does no harm",
  viaToken,
  async (world) => {
    const browser = world.browser();
    await browser.signIn("alice");
    for (const how of [none, wrong]) {
      const { status, body } = await browser.copy().refresh(how);
      assert.deepEqual([status, body], [401, { message: "unauthorised" }]);
    }
    const old = browser.antiCsrf;
    assert.equal((await browser.refresh()).status, 200);
    assert.notEqual(browser.antiCsrf, old);
    assert.equal(decode(browser.accessToken).payload.antiCsrfToken, browser.antiCsrf);
    assert.equal((await browser.inSession(() => "let in")).status, 200, "the first verify asks the core");
    assert.equal(decode(browser.accessToken).payload.antiCsrfToken, browser.antiCsrf);
    assert.equal((await browser.inSession(() => "let in")).status, 200);
  },
);

journey(
  "G29: the same refresh succeeds when the check is switched off, and then there is no token",
  viaToken,
  async () => {
    const session = await sessions.create("alice");
    const { refreshToken, antiCsrfToken } = session.getAllSessionTokensDangerously();
    assert.notEqual(antiCsrfToken, undefined);
    await assert.rejects(Session.refreshSessionWithoutRequestResponse(refreshToken, false), { type: "UNAUTHORISED" });
    const refreshed = await Session.refreshSessionWithoutRequestResponse(refreshToken, true);
    assert.equal(refreshed.getHandle(), session.getHandle());
    assert.equal(refreshed.getAllSessionTokensDangerously().antiCsrfToken, undefined);
    assert.equal(decode(refreshed.getAccessToken()).payload.antiCsrfToken, null);
  },
);

journey("a refresh tried again gives the same token beside the cookies", viaToken, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const tab = browser.copy();
  await browser.refresh();
  await tab.refresh();
  for (const { accessToken, antiCsrf } of [browser, tab])
    assert.equal(decode(accessToken).payload.antiCsrfToken, antiCsrf);
  assert.equal((await browser.inSession(() => "let in")).status, 200);
  assert.equal((await tab.inSession(() => "let in")).status, 200);
});

journey("an updated payload keeps the token", viaToken, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  await browser.inSession((session) => session.mergeIntoAccessTokenPayload({ a: 1 }));
  assert.equal(decode(browser.accessToken).payload.antiCsrfToken, browser.antiCsrf);
  assert.equal((await browser.inSession(() => "let in")).status, 200);
});

journey("who sends tokens in headers needs none beside them", viaToken, async (world) => {
  const browser = world.browser("header");
  await browser.signIn("alice");
  assert.equal(world.wire.to("/public/recipe/session")[0].body.enableAntiCsrf, false);
  assert.equal(browser.antiCsrf, undefined);
  assert.equal((await browser.inSession(() => "let in")).status, 200);
  assert.equal((await browser.refresh()).status, 200);
  assert.equal((await browser.inSession(() => "let in")).status, 200);
});

journey(
  "a backend that begins to ask for tokens lets older sessions refresh, and gives them one",
  {},
  async (world) => {
    const browser = world.browser();
    await browser.signIn("alice");
    await world.restartBackend(viaToken, browser);
    assert.equal((await browser.inSession(() => "let in")).status, 401);
    assert.equal((await browser.refresh()).status, 200);
    assert.equal(decode(browser.accessToken).payload.antiCsrfToken, browser.antiCsrf);
    assert.equal((await browser.inSession(() => "let in")).status, 200);
  },
);

journey(
  "S48: with a custom header the core is not asked for tokens",
  { session: { antiCsrf: "VIA_CUSTOM_HEADER" } },
  async (world) => {
    const browser = world.browser();
    const rid = { headers: { rid: "anti-csrf" } };
    await browser.signIn("alice");
    assert.equal((await browser.inSession(() => "let in", none)).status, 401);
    assert.equal((await browser.inSession(() => "let in", rid)).status, 200);
    assert.equal((await browser.copy().refresh(none)).status, 401);
    assert.equal((await browser.refresh(rid)).status, 200);
    assert.equal((await browser.inSession(() => "let in", rid)).status, 200);
    assert.equal(world.wire.to("/recipe/session/refresh")[0].body.enableAntiCsrf, false);
  },
);

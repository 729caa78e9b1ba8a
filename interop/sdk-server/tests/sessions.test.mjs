// Creating, verifying, refreshing and ending sessions.
import assert from "node:assert/strict";
import { REFUSED, topic } from "./sdk.mjs";

const STANDARD = "antiCsrfToken exp iat iss parentRefreshTokenHash1 refreshTokenHash1 rsub sessionHandle sub tId".split(" ");
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

topic("sessions", (story) => {
  story("the server is there", {}, async (sdk) => {
    assert.equal((await sdk.call("GET", "/test/ping")).status, 200);
    assert.deepEqual((await sdk.call("GET", "/test/featureflag")).body, []);
    assert.deepEqual((await sdk.call("GET", "/test/getoverridelogs")).body, { logs: [] });
    assert.equal((await sdk.post("/test/resetoverridelogs", {})).status, 200);
    assert.equal((await sdk.post("/test/resetoverrideparams", {})).status, 200);
    assert.equal((await sdk.post("/test/nothing", {})).status, 404);
  });

  story("settings that cannot be are refused in words", {}, async (sdk) => {
    const init = (config) => sdk.post("/test/init", { config: JSON.stringify(config) });
    const appInfo = { appName: "x", apiDomain: "http://localhost", websiteDomain: "http://localhost" };
    const supertokens = { connectionURI: sdk.connectionURI };
    const nothing = await init({ appInfo: {}, supertokens });
    assert.equal(nothing.status, 500);
    assert.match(nothing.body.message, /no name(.|\n)*API is missing(.|\n)*website is missing/);
    const recipe = (config) => init({ appInfo, supertokens, recipeList: [{ recipeId: "session", config: JSON.stringify(config) }] });
    assert.match((await recipe({ antiCsrf: "SOMEHOW" })).body.message, /antiCsrf cannot be `SOMEHOW`/);
    assert.match((await recipe({ sessionExpiredStatusCode: 403 })).body.message, /both 403/);
    assert.equal((await recipe({ antiCsrf: "NONE" })).status, 200);
  });

  story("a new session shows everything of itself", {}, async (sdk) => {
    const session = await sdk.create({ accessTokenPayload: { plan: "pro", sub: "somebody else" }, sessionDataInDatabase: { note: 1 } });
    const names = "accessToken accessTokenUpdated frontToken recipeUserId refreshToken sessionHandle tenantId userDataInAccessToken userId";
    assert.deepEqual(Object.keys(session).sort(), names.split(" "));
    assert.match(session.sessionHandle, UUID);
    assert.deepEqual(
      [session.userId, session.recipeUserId, session.tenantId, session.accessTokenUpdated],
      ["alice", { recipeUserId: "alice" }, "public", true],
    );
    const payload = session.userDataInAccessToken;
    assert.deepEqual(Object.keys(payload).sort(), [...STANDARD, "plan"].sort());
    assert.deepEqual([payload.sub, payload.plan, payload.iss], ["alice", "pro", `${sdk.origin}/auth`]);
    const front = JSON.parse(atob(session.frontToken));
    assert.deepEqual(front, { uid: "alice", ate: payload.exp * 1000, up: payload });

    const information = await sdk.does("session/getsessioninformation", { sessionHandle: session.sessionHandle });
    const { timeCreated, expiry, ...rest } = information;
    assert.ok(timeCreated <= Date.now() && expiry > Date.now());
    assert.deepEqual(rest, {
      sessionHandle: session.sessionHandle,
      userId: "alice",
      recipeUserId: { recipeUserId: "alice" },
      sessionDataInDatabase: { note: 1 },
      customClaimsInAccessTokenPayload: { plan: "pro", iss: `${sdk.origin}/auth` },
      tenantId: "public",
    });
  });

  story("a login method's id may come wrapped, and the payload may be left out", {}, async (sdk) => {
    const session = await sdk.create({ recipeUserId: { recipeUserId: "bob" } });
    assert.equal(session.userId, "bob");
    assert.deepEqual(Object.keys(session.userDataInAccessToken).sort(), [...STANDARD].sort());
  });

  story("an access token stands for its session", {}, async (sdk) => {
    const { accessToken, ...session } = await sdk.create();
    const get = (given) => sdk.post("/test/session/getsessionwithoutrequestresponse", given);
    const { body } = await get({ accessToken });
    const { refreshToken: _, ...expected } = session;
    assert.deepEqual(body, { ...expected, accessToken, accessTokenUpdated: false });
    for (const nonsense of [undefined, "", "nonsense", "a.b.c"]) {
      assert.deepEqual(await get({ accessToken: nonsense }), REFUSED.unauthorised);
      assert.equal(await sdk.does("session/getsessionwithoutrequestresponse", { accessToken: nonsense, options: { sessionRequired: false } }), null);
    }
    const forged = accessToken.replace(/.{8}$/, "AAAAAAAA");
    assert.deepEqual(await get({ accessToken: forged }), REFUSED.tryRefresh);
    assert.deepEqual(await get({ accessToken: forged, options: { sessionRequired: false } }), REFUSED.tryRefresh);
  });

  story("a refresh brings other tokens of the same session", {}, async (sdk) => {
    const session = await sdk.create({ accessTokenPayload: { plan: "pro" } });
    const { status, body: next } = await sdk.refresh(session);
    assert.equal(status, 200);
    assert.notEqual(next.accessToken, session.accessToken);
    assert.notEqual(next.refreshToken, session.refreshToken);
    assert.deepEqual([next.sessionHandle, next.userDataInAccessToken.plan], [session.sessionHandle, "pro"]);
    assert.equal(typeof next.userDataInAccessToken.parentRefreshTokenHash1, "string");

    // its first use confirms it, and brings a token without a parent
    const used = await sdk.does("session/getsessionwithoutrequestresponse", { accessToken: next.accessToken });
    assert.equal(used.accessTokenUpdated, true);
    assert.equal(used.userDataInAccessToken.parentRefreshTokenHash1, null);
  });

  story("a refresh that fails says why in an error's own fields", {}, async (sdk) => {
    const nothing = await sdk.refresh({ refreshToken: "nonsense" });
    assert.equal(nothing.status, 500);
    assert.deepEqual([nothing.body.type, nothing.body.payload], ["UNAUTHORISED", { clearTokens: true }]);

    const session = await sdk.create();
    const { body: next } = await sdk.refresh(session);
    await sdk.does("session/getsessionwithoutrequestresponse", { accessToken: next.accessToken });
    const theft = await sdk.refresh(session);
    assert.equal(theft.status, 500);
    assert.deepEqual([theft.body.type, theft.body.payload], [
      "TOKEN_THEFT_DETECTED",
      { sessionHandle: session.sessionHandle, userId: "alice", recipeUserId: { recipeUserId: "alice" } },
    ]);
    assert.ok(theft.body.message);
    assert.equal(await sdk.lives(next), false, "and the session is over");
  });

  story("anti-CSRF tokens are made, asked for, and waived", { session: { antiCsrf: "VIA_TOKEN" } }, async (sdk) => {
    const session = await sdk.create();
    const get = (given) => sdk.post("/test/session/getsessionwithoutrequestresponse", { accessToken: session.accessToken, ...given });
    assert.equal((await get({ antiCsrfToken: session.antiCsrfToken })).status, 200);
    assert.deepEqual(await get({}), REFUSED.tryRefresh);
    assert.deepEqual(await get({ antiCsrfToken: "wrong" }), REFUSED.tryRefresh);
    assert.equal((await get({ options: { antiCsrfCheck: false } })).status, 200);
    assert.equal((await sdk.refresh(session, { antiCsrfToken: "wrong" })).body.type, "UNAUTHORISED");
    const { body: next } = await sdk.refresh(session);
    assert.ok(next.antiCsrfToken && next.antiCsrfToken !== session.antiCsrfToken);

    const without = await sdk.create({ disableAntiCsrf: true });
    assert.equal(without.antiCsrfToken, undefined);
    assert.equal((await sdk.refresh(without, { disableAntiCsrf: true })).status, 200);
  });

  story("a custom header cannot be checked where there is no request", { session: { antiCsrf: "VIA_CUSTOM_HEADER" } }, async (sdk) => {
    const session = await sdk.create();
    const refused = await sdk.post("/test/session/getsessionwithoutrequestresponse", { accessToken: session.accessToken });
    assert.equal(refused.status, 500);
    assert.match(refused.body.message, /without a request/);
    assert.equal((await sdk.refresh(session)).status, 500);
    assert.equal((await sdk.refresh(session, { disableAntiCsrf: true })).status, 200);
  });

  story("a user's sessions are listed and revoked", {}, async (sdk) => {
    const [one, two] = [await sdk.create(), await sdk.create()];
    const other = await sdk.create({ recipeUserId: "bob" });
    const handles = [one.sessionHandle, two.sessionHandle].sort();
    for (const tenantId of [undefined, "public"]) {
      assert.deepEqual((await sdk.does("session/getallsessionhandlesforuser", { userId: "alice", tenantId })).sort(), handles);
    }
    assert.deepEqual(await sdk.does("session/getallsessionhandlesforuser", { userId: "nobody" }), []);
    assert.deepEqual((await sdk.does("session/revokeallsessionsforuser", { userId: "alice" })).sort(), handles);
    assert.deepEqual([await sdk.lives(one), await sdk.lives(two), await sdk.lives(other)], [false, false, true]);
    assert.equal(await sdk.does("session/getsessioninformation", { sessionHandle: one.sessionHandle }), null);
    assert.equal(await sdk.does("session/getsessioninformation", { sessionHandle: "no handle" }), null);
  });

  story("keys that are not replaced sign when asked to", { session: { useDynamicAccessTokenSigningKey: false } }, async (sdk) => {
    const session = await sdk.create();
    assert.match(JSON.parse(Buffer.from(session.accessToken.split(".")[0], "base64url")).kid, /^s-/);
    assert.equal(await sdk.lives(session), true);
  });
});

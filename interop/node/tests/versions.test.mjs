// Sessions that other versions of the SDK have made. Versions are of tokens: a refresh brings a session up to date.
import assert from "node:assert/strict";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { RECIPE_USERS, Session, sessions, TOKEN_VERSION } from "../harness/sdk.mjs";

const journey = journeys();
const MODERN = ["3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4"];
const V2_HEADER = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIyIn0=";

const isBefore = (cdi, other) => cdi.localeCompare(other, "en", { numeric: true }) < 0;
const tokenVersion = (cdi) =>
  isBefore(cdi, "2.21") ? "2" : isBefore(cdi, "3.0") ? "3" : isBefore(cdi, "4.0") ? "4" : "5";

/** A session as an SDK of another version creates it. */
async function create(world, version, { userId = "alice", payload = { custom: 1 } } = {}) {
  const body = { userId, userDataInJWT: payload, userDataInDatabase: { kept: true }, enableAntiCsrf: false };
  const answer = await world.core("POST", `${isBefore(version, "3.0") ? "" : "/public"}/recipe/session`, {
    version,
    body: isBefore(version, "2.21") ? body : { ...body, useDynamicSigningKey: true },
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

const verify = (token, checkDatabase = false) =>
  Session.getSessionWithoutRequestResponse(token, undefined, { checkDatabase, antiCsrfCheck: false });

for (const cdi of ["2.7", "2.9", "2.18", "2.20", "2.21", ...MODERN]) {
  const version = tokenVersion(cdi);
  journey(
    `L1, L4, L6, G46: a session of version ${cdi} verifies, is updated, refreshed and revoked`,
    {},
    async (world) => {
      const made = await create(world, cdi);
      const { handle } = made.session;
      const token = made.accessToken.token;
      for (const checkDatabase of [false, true]) {
        const session = await verify(token, checkDatabase);
        assert.deepEqual(
          [session.getHandle(), session.getUserId(), session.getTenantId()],
          [handle, "alice", "public"],
        );
        assert.equal(session.getAccessTokenPayload().custom, 1);
        assert.equal(session.getAccessToken(), token);
      }

      const updated = await verify(token);
      if (!RECIPE_USERS && version === "5") {
        // This SDK does not know that `rsub` is protected, and sends it back as the app's own.
        await assert.rejects(
          updated.mergeIntoAccessTokenPayload({ more: 2 }),
          /The user payload contains protected field/,
        );
        assert.equal(await Session.mergeIntoAccessTokenPayload(handle, { more: 2 }), true);
      } else {
        await updated.mergeIntoAccessTokenPayload({ more: 2 });
        assert.equal(decode(updated.getAccessToken()).header.version, version, "an update keeps the version");
      }
      const seen = await verify(updated.getAccessToken(), true);
      assert.deepEqual([seen.getAccessTokenPayload().custom, seen.getAccessTokenPayload().more], [1, 2]);
      assert.equal((await verify(token, true)).getAccessTokenPayload().more, 2, "the old token is exchanged");

      const refreshed = await Session.refreshSessionWithoutRequestResponse(made.refreshToken.token);
      assert.equal(refreshed.getHandle(), handle);
      assert.equal(decode(refreshed.getAccessToken()).header.version, TOKEN_VERSION);
      const payload = refreshed.getAccessTokenPayload();
      assert.deepEqual(
        [payload.sub, payload.rsub, payload.tId, payload.custom, payload.more],
        ["alice", RECIPE_USERS ? "alice" : undefined, "public", 1, 2],
      );
      const promoted = await verify(refreshed.getAccessToken());
      assert.equal(decode(promoted.getAccessToken()).header.version, TOKEN_VERSION);
      assert.equal(decode(promoted.getAccessToken()).payload.parentRefreshTokenHash1, null);
      assert.deepEqual((await Session.getSessionInformation(handle)).sessionDataInDatabase, { kept: true });

      assert.equal(await Session.revokeSession(handle), true);
      assert.equal((await verify(promoted.getAccessToken())).getHandle(), handle);
      await assert.rejects(verify(promoted.getAccessToken(), true), { type: "UNAUTHORISED" });
      await assert.rejects(verify(token, true), { type: "UNAUTHORISED" });
    },
  );
}

journey("L1, L2, L3: a session of version 2.18 has the oldest form of token", {}, async (world) => {
  const made = await create(world, "2.18");
  assert.deepEqual(Object.keys(made.session).sort(), ["handle", "userDataInJWT", "userId"]);
  const members = [
    "accessToken",
    "idRefreshToken",
    "jwtSigningPublicKey",
    "jwtSigningPublicKeyExpiryTime",
    "jwtSigningPublicKeyList",
    "refreshToken",
    "session",
    "status",
  ];
  assert.deepEqual(Object.keys(made).sort(), members);
  const token = made.accessToken.token;
  assert.equal(token.split(".")[0], V2_HEADER);
  const { payload } = decode(token);
  assert.deepEqual(Object.keys(payload).sort(), [
    "expiryTime",
    "refreshTokenHash1",
    "sessionHandle",
    "timeCreated",
    "userData",
    "userId",
  ]);
  assert.deepEqual(
    [payload.userData, payload.userId, payload.sessionHandle],
    [{ custom: 1 }, "alice", made.session.handle],
  );
});

journey("L6: a session of version 2.21 has tokens without tenants", {}, async (world) => {
  const { accessToken } = await create(world, "2.21");
  const { header, payload } = decode(accessToken.token);
  assert.equal(header.version, "3");
  assert.deepEqual(Object.keys(payload).sort(), [
    "antiCsrfToken",
    "custom",
    "exp",
    "iat",
    "parentRefreshTokenHash1",
    "refreshTokenHash1",
    "sessionHandle",
    "sub",
  ]);
});

journey("L5: a payload with a protected claim cannot be refreshed until it is repaired", {}, async (world) => {
  const made = await create(world, "2.18", { payload: { sub: "mallory", custom: 1 } });
  const session = await verify(made.accessToken.token);
  assert.deepEqual([session.getUserId(), session.getAccessTokenPayload()], ["alice", { sub: "mallory", custom: 1 }]);
  await assert.rejects(Session.refreshSessionWithoutRequestResponse(made.refreshToken.token), { type: "UNAUTHORISED" });

  assert.equal(await Session.mergeIntoAccessTokenPayload(made.session.handle, { sub: null }), true);
  const refreshed = await Session.refreshSessionWithoutRequestResponse(made.refreshToken.token);
  const { sub, custom } = refreshed.getAccessTokenPayload();
  assert.deepEqual([sub, custom], ["alice", 1]);
});

journey("G9: theft of a session of version 2.18 is found out", {}, async (world) => {
  const made = await create(world, "2.18");
  const next = await Session.refreshSessionWithoutRequestResponse(made.refreshToken.token);
  await verify(next.getAccessToken());
  await assert.rejects(Session.refreshSessionWithoutRequestResponse(made.refreshToken.token), {
    type: "TOKEN_THEFT_DETECTED",
  });
});

journey("G46: a session of this version verifies, refreshes and is told of in every other", {}, async (world) => {
  let { refreshToken } = (await sessions.create("alice", { payload: { custom: 1 } })).getAllSessionTokensDangerously();
  for (const version of MODERN) {
    const body = { refreshToken, enableAntiCsrf: false, useDynamicSigningKey: true };
    const refreshed = (await world.core("POST", "/recipe/session/refresh", { version, body })).body;
    assert.equal(refreshed.status, "OK", version);
    const told = [
      "handle",
      ...(isBefore(version, "4.0") ? [] : ["recipeUserId"]),
      "tenantId",
      "userDataInJWT",
      "userId",
    ];
    assert.deepEqual(Object.keys(refreshed.session).sort(), told, version);
    assert.equal(decode(refreshed.accessToken.token).header.version, tokenVersion(version));
    const session = await verify(refreshed.accessToken.token);
    assert.equal(session.getAccessTokenPayload().custom, 1);
    assert.equal(decode(session.getAccessToken()).header.version, tokenVersion(version));
    refreshToken = refreshed.refreshToken.token;
  }
});

// The methods of a session, and changes of payloads by the session's handle.
import assert from "node:assert/strict";
import { REFUSED, topic } from "./sdk.mjs";

const protectedClaim = (method, path) => ({
  status: 500,
  body: {
    message:
      `SuperTokens core threw an error for a ${method} request to path: '${path}' with status code: 400 ` +
      "and message: The user payload contains protected field\n",
  },
});

topic("a session's methods", (story) => {
  story("what it tells of itself changes nothing", {}, async (sdk) => {
    const session = await sdk.create({ accessTokenPayload: { plan: "pro" }, sessionDataInDatabase: { note: 1 } });
    const { sessionHandle, accessToken, frontToken, refreshToken, userDataInAccessToken } = session;
    for (const [method, expected] of [
      ["getuserid", "alice"],
      ["getrecipeuserid", { recipeUserId: "alice" }],
      ["gettenantid", "public"],
      ["gethandle", sessionHandle],
      ["getaccesstoken", accessToken],
      ["getaccesstokenpayload", userDataInAccessToken],
      ["getallsessiontokensdangerously", { accessToken, frontToken, refreshToken, accessAndFrontTokenUpdated: false }],
      ["getsessiondatafromdatabase", { note: 1 }],
    ]) {
      const { retVal, updatedSession } = await sdk.on(session, method);
      assert.deepEqual(retVal, expected, method);
      assert.deepEqual(updatedSession, { ...session, accessTokenUpdated: false }, method);
    }
    const created = (await sdk.on(session, "gettimecreated")).retVal;
    const expiry = (await sdk.on(session, "getexpiry")).retVal;
    assert.ok(created <= Date.now() && created > Date.now() - 60_000 && expiry > Date.now());
    assert.equal((await sdk.failsOn(session, "nothing")).status, 404);
  });

  story("a merge shows in the session, and null takes away", {}, async (sdk) => {
    const session = await sdk.create({ accessTokenPayload: { plan: "pro", old: { a: 1 } } });
    const accessTokenPayloadUpdate = { plan: null, old: { b: null }, fresh: [1] };
    const { retVal, updatedSession } = await sdk.on(session, "mergeintoaccesstokenpayload", { accessTokenPayloadUpdate });
    assert.equal(retVal, undefined);
    assert.equal(updatedSession.accessTokenUpdated, true);
    assert.notEqual(updatedSession.accessToken, session.accessToken);
    assert.equal(updatedSession.refreshToken, session.refreshToken);
    const { plan, old, fresh, exp } = updatedSession.userDataInAccessToken;
    assert.deepEqual([plan, old, fresh, exp], [undefined, { b: null }, [1], session.userDataInAccessToken.exp]);
    assert.equal(await sdk.lives(updatedSession), true);
  });

  story("claims of the engine's own are refused as a core refuses them", {}, async (sdk) => {
    const session = await sdk.create();
    for (const name of ["sub", "iat", "exp", "sessionHandle", "parentRefreshTokenHash1", "refreshTokenHash1", "antiCsrfToken", "rsub", "tId"]) {
      const accessTokenPayloadUpdate = { [name]: "mine" };
      assert.deepEqual(
        await sdk.failsOn(session, "mergeintoaccesstokenpayload", { accessTokenPayloadUpdate }),
        protectedClaim("POST", "/recipe/session/regenerate"),
      );
      assert.deepEqual(
        await sdk.post("/test/session/mergeintoaccesspayload", { sessionHandle: session.sessionHandle, accessTokenPayloadUpdate }),
        protectedClaim("PUT", "/recipe/jwt/data"),
      );
      assert.deepEqual(
        await sdk.post("/test/session/regenerateaccesstoken", { accessToken: session.accessToken, newAccessTokenPayload: accessTokenPayloadUpdate }),
        protectedClaim("POST", "/recipe/session/regenerate"),
      );
    }
  });

  story("a merge by the handle reaches the client with the next refresh", {}, async (sdk) => {
    const session = await sdk.create({ accessTokenPayload: { plan: "pro" } });
    const { sessionHandle } = session;
    const merge = (given) => sdk.does("session/mergeintoaccesspayload", given);
    assert.equal(await merge({ sessionHandle, accessTokenPayloadUpdate: { plan: "free" } }), true);
    assert.equal((await sdk.on(session, "getaccesstokenpayload")).retVal.plan, "pro");
    assert.equal((await sdk.refresh(session)).body.userDataInAccessToken.plan, "free");
    assert.equal(await merge({ sessionHandle: "no handle", accessTokenPayloadUpdate: {} }), false);
    await sdk.does("session/revokeallsessionsforuser", { userId: "alice" });
    assert.equal(await merge({ sessionHandle, accessTokenPayloadUpdate: {} }), false);
  });

  story("a regenerated access token has another payload and the same end", {}, async (sdk) => {
    const session = await sdk.create({ accessTokenPayload: { plan: "pro" } });
    const newAccessTokenPayload = { other: 1 };
    const answer = await sdk.does("session/regenerateaccesstoken", { accessToken: session.accessToken, newAccessTokenPayload });
    assert.equal(answer.status, "OK");
    assert.deepEqual(answer.session, {
      handle: session.sessionHandle,
      userId: "alice",
      recipeUserId: { recipeUserId: "alice" },
      userDataInJWT: newAccessTokenPayload,
      tenantId: "public",
    });
    assert.equal(answer.accessToken.expiry, session.userDataInAccessToken.exp * 1000);
    const { retVal } = await sdk.on({ accessToken: answer.accessToken.token }, "getaccesstokenpayload");
    assert.deepEqual([retVal.plan, retVal.other], [undefined, 1]);
    await sdk.does("session/revokeallsessionsforuser", { userId: "alice" });
    assert.equal(await sdk.does("session/regenerateaccesstoken", { accessToken: session.accessToken, newAccessTokenPayload }), null);
  });

  story("what is kept in the database is replaced as a whole", {}, async (sdk) => {
    const session = await sdk.create({ sessionDataInDatabase: { a: 1 } });
    await sdk.on(session, "updatesessiondataindatabase", { newSessionData: { b: 2 } });
    assert.deepEqual((await sdk.on(session, "getsessiondatafromdatabase")).retVal, { b: 2 });
    await sdk.on(session, "updatesessiondataindatabase");
    assert.deepEqual((await sdk.on(session, "getsessiondatafromdatabase")).retVal, {});
  });

  story("a token of a revoked session asks for a refresh, for its own methods too", {}, async (sdk) => {
    const session = await sdk.create();
    await sdk.on(session, "revokesession");
    assert.equal(await sdk.lives(session), false);
    for (const method of ["getuserid", "getsessiondatafromdatabase", "updatesessiondataindatabase", "mergeintoaccesstokenpayload", "revokesession"]) {
      assert.deepEqual(await sdk.failsOn(session, method), REFUSED.tryRefresh, method);
    }
  });
});

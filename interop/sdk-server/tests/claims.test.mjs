// Claims, roles and metadata.
import assert from "node:assert/strict";
import { topic } from "./sdk.mjs";

const claim = { key: "subject" };
const demand = (expected, more) => ({ key: "subject", check: "hasValue", expected, ...more });

topic("claims", (story) => {
  story("a claim is fetched for the session's user and tenant, and kept", {}, async (sdk) => {
    const session = await sdk.create();
    const before = Date.now();
    const { updatedSession } = await sdk.on(session, "fetchandsetclaim", { claim });
    const { v, t } = updatedSession.userDataInAccessToken.subject;
    assert.equal(v, "alice alice public");
    assert.ok(Math.abs(t - before) < 60_000);
    assert.equal((await sdk.on(updatedSession, "getclaimvalue", { claim })).retVal, "alice alice public");
    const removed = await sdk.on(updatedSession, "removeclaim", { claim });
    assert.equal(removed.updatedSession.userDataInAccessToken.subject, undefined);
    assert.equal((await sdk.on(removed.updatedSession, "getclaimvalue", { claim })).retVal, undefined);
  });

  story("a claim without a source is set by hand, and cannot be fetched", {}, async (sdk) => {
    const session = await sdk.create();
    const own = { key: "own" };
    const { updatedSession } = await sdk.on(session, "setclaimvalue", { claim: own, value: { deep: [1] } });
    assert.deepEqual((await sdk.on(updatedSession, "getclaimvalue", { claim: own })).retVal, { deep: [1] });
    const failed = await sdk.failsOn(session, "fetchandsetclaim", { claim: own });
    assert.equal(failed.status, 500);
    assert.match(failed.body.message, /without a source/);
  });

  story("what is not fulfilled is refused with all reasons, and what was wanting is fetched first", {}, async (sdk) => {
    const session = await sdk.create();
    const claimValidators = [demand("bob bob public"), demand("alice alice public", { id: "good" }), demand("x", { id: "other" })];
    const refused = await sdk.failsOn(session, "assertclaims", { claimValidators });
    const reason = (expectedValue) => ({ message: "wrong value", expectedValue, actualValue: "alice alice public" });
    assert.deepEqual(refused, {
      status: 403,
      body: {
        message: "invalid claim",
        claimValidationErrors: [{ id: "subject", reason: reason("bob bob public") }, { id: "other", reason: reason("x") }],
      },
    });
    const { updatedSession } = await sdk.on(session, "assertclaims", { claimValidators: [demand("alice alice public")] });
    assert.equal(updatedSession.userDataInAccessToken.subject.v, "alice alice public");

    const get = (expected) =>
      sdk.post("/test/session/getsessionwithoutrequestresponse", {
        accessToken: session.accessToken,
        options: { overrideGlobalClaimValidators: [demand(expected)] },
      });
    assert.equal((await get("alice alice public")).status, 200);
    assert.equal((await get("bob bob public")).status, 403);
  });

  story("a session is judged by its handle, and keeps what was fetched", {}, async (sdk) => {
    const { sessionHandle, ...session } = await sdk.create();
    const validate = (given) => sdk.does("session/validateclaimsforsessionhandle", given);
    assert.deepEqual(await validate({ sessionHandle }), { status: "OK", invalidClaims: [] });
    const reason = { message: "wrong value", expectedValue: "x", actualValue: "alice alice public" };
    const overrideGlobalClaimValidators = [demand("x")];
    assert.deepEqual(await validate({ sessionHandle, overrideGlobalClaimValidators }), { status: "OK", invalidClaims: [{ id: "subject", reason }] });
    const { customClaimsInAccessTokenPayload } = await sdk.does("session/getsessioninformation", { sessionHandle });
    assert.equal(customClaimsInAccessTokenPayload.subject.v, "alice alice public");
    assert.equal((await sdk.refresh(session)).body.userDataInAccessToken.subject.v, "alice alice public");
    for (const nobody of ["no handle", "6f9c5ef0-6d0c-4a0e-8f57-9d3c43f0c0de"]) {
      assert.deepEqual(await validate({ sessionHandle: nobody }), { status: "SESSION_DOES_NOT_EXIST_ERROR" });
    }
  });

  story("a claim is fetched by the session's handle", {}, async (sdk) => {
    const { sessionHandle } = await sdk.create();
    assert.equal(await sdk.does("session/fetchandsetclaim", { sessionHandle, claim }), true);
    const { customClaimsInAccessTokenPayload } = await sdk.does("session/getsessioninformation", { sessionHandle });
    assert.equal(customClaimsInAccessTokenPayload.subject.v, "alice alice public");
    assert.equal(await sdk.does("session/fetchandsetclaim", { sessionHandle: "no handle", claim }), false);
  });

  story("roles are given, taken, and in new sessions", { userroles: {} }, async (sdk) => {
    const roles = (name, given) => sdk.does(`userroles/${name}`, { tenantId: "public", userId: "alice", ...given });
    const role = "editor";
    assert.deepEqual(await roles("createnewroleoraddpermissions", { role, permissions: ["write", "read"] }), { status: "OK", createdNewRole: true });
    assert.deepEqual(await roles("getpermissionsforrole", { role }), { status: "OK", permissions: ["read", "write"] });
    assert.deepEqual(await roles("addroletouser", { role }), { status: "OK", didUserAlreadyHaveRole: false });
    assert.deepEqual(await roles("addroletouser", { role }), { status: "OK", didUserAlreadyHaveRole: true });
    assert.deepEqual(await roles("getrolesforuser"), { status: "OK", roles: [role] });

    const session = await sdk.create();
    const payload = session.userDataInAccessToken;
    assert.deepEqual([payload["st-role"].v, payload["st-perm"].v], [[role], ["read", "write"]]);
    const validators = [
      ["st-role", "includes", role, true],
      ["st-role", "excludes", role, false],
      ["st-perm", "includesAll", ["read", "write"], true],
      ["st-perm", "includesAll", ["read", "own"], false],
      ["st-perm", "includesAny", ["own", "read"], true],
      ["st-perm", "excludesAll", ["own"], true],
    ];
    for (const [key, check, expected, holds] of validators) {
      const { status } = await sdk.failsOn(session, "assertclaims", { claimValidators: [{ key, check, expected }] });
      assert.equal(status, holds ? 200 : 403, `${key} ${check} ${expected}`);
    }
    assert.deepEqual(await roles("removeuserrole", { role }), { status: "OK", didUserHaveRole: true });
    assert.deepEqual(await roles("removeuserrole", { role }), { status: "OK", didUserHaveRole: false });
    const { updatedSession } = await sdk.on(session, "fetchandsetclaim", { claim: { key: "st-role" } });
    assert.deepEqual(updatedSession.userDataInAccessToken["st-role"].v, []);
    assert.deepEqual(await roles("deleterole", { role }), { status: "OK", didRoleExist: true });
    for (const name of ["addroletouser", "removeuserrole", "getpermissionsforrole"]) {
      assert.deepEqual(await roles(name, { role }), { status: "UNKNOWN_ROLE_ERROR" });
    }
  });

  story("new sessions are spared roles when that is asked for", { userroles: { skipAddingRolesToAccessToken: true } }, async (sdk) => {
    const payload = (await sdk.create()).userDataInAccessToken;
    assert.deepEqual([payload["st-role"], payload["st-perm"].v], [undefined, []]);
  });

  story("metadata is merged member by member, and cleared", {}, async (sdk) => {
    const metadata = (name, given) => sdk.does(`usermetadata/${name}usermetadata`, { userId: "alice", ...given });
    const is = (metadata) => ({ status: "OK", metadata });
    assert.deepEqual(await metadata("get"), is({}));
    assert.deepEqual(await metadata("update", { metadataUpdate: { a: { x: 1 }, b: 2 } }), is({ a: { x: 1 }, b: 2 }));
    assert.deepEqual(await metadata("update", { metadataUpdate: { a: { y: 1 }, b: null } }), is({ a: { y: 1 } }));
    assert.deepEqual(await metadata("get"), is({ a: { y: 1 } }));
    assert.deepEqual(await metadata("get", { userId: "bob" }), is({}));
    assert.deepEqual(await metadata("clear"), { status: "OK" });
    assert.deepEqual(await metadata("get"), is({}));
  });
});

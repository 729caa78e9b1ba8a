// Accounts are somebody else's business. What SDKs ask about them in passing is answered: there are none.
import assert from "node:assert/strict";
import { journeys } from "../harness/journey.mjs";
import { RECIPE_USERS, sessions, SuperTokens, tenants } from "../harness/sdk.mjs";

const journey = journeys();

journey("there are no users, in all tenants and in one", {}, async () => {
  await sessions.create("alice");
  assert.equal(await SuperTokens.getUserCount(), 0);
  assert.equal(await SuperTokens.getUserCount(["emailpassword", "thirdparty", "passwordless"], "public"), 0);
  for (const get of [SuperTokens.getUsersOldestFirst, SuperTokens.getUsersNewestFirst]) {
    assert.deepEqual(await get({ tenantId: "public" }), { users: [], nextPaginationToken: undefined });
  }
});

journey("nobody is found by an id or an address", { skip: !RECIPE_USERS && "its SDK does not ask" }, async () => {
  assert.equal(await SuperTokens.getUser("alice"), undefined);
  assert.deepEqual(await SuperTokens.listUsersByAccountInfo("public", { email: "alice@example.com" }), []);
});

journey("deleting a user who is not there succeeds", {}, async () => {
  assert.deepEqual(await SuperTokens.deleteUser("alice"), { status: "OK" });
});

journey("there are no other ids of users", {}, async () => {
  const ids = { superTokensUserId: "alice", externalUserId: "external" };
  assert.deepEqual(await SuperTokens.createUserIdMapping(ids), { status: "UNKNOWN_SUPERTOKENS_USER_ID_ERROR" });
  assert.deepEqual(await SuperTokens.getUserIdMapping({ userId: "alice", userIdType: "ANY" }), {
    status: "UNKNOWN_MAPPING_ERROR",
  });
  assert.deepEqual(await SuperTokens.deleteUserIdMapping({ userId: "alice", userIdType: "ANY" }), {
    status: "OK",
    didMappingExist: false,
  });
  const info = await SuperTokens.updateOrDeleteUserIdMappingInfo({
    userId: "alice",
    userIdType: "ANY",
    externalUserIdInfo: "x",
  });
  assert.deepEqual(info, { status: "UNKNOWN_MAPPING_ERROR" });
});

journey("no user can be put into a tenant", {}, async () => {
  await tenants.create("t1");
  assert.deepEqual(await tenants.associate("t1", "alice"), { status: "UNKNOWN_USER_ID_ERROR", wasAlreadyAssociated: false });
});

journey("G31: nothing needs a licence, and whoever brings one is thanked", {}, async (world) => {
  const { status, body } = await world.core("PUT", "/ee/license", { body: { licenseKey: "a-key" } });
  assert.deepEqual([status, body], [200, { status: "OK" }]);
  const { features } = (await world.core("GET", "/ee/featureflag")).body;
  for (const feature of ["multi_tenancy", "account_linking", "mfa", "dashboard_login"])
    assert(features.includes(feature), feature);
});

// Tenants within an app, and apps beside each other.
import assert from "node:assert/strict";
import { decode } from "../harness/browser.mjs";
import { journeys, World } from "../harness/journey.mjs";
import { FACTORS, Multitenancy, Session, sessions, tenants, UserMetadata, UserRoles } from "../harness/sdk.mjs";

const journey = journeys();
const byId = (a, b) => a.tenantId.localeCompare(b.tenantId);
const list = async () => (await Multitenancy.listAllTenants()).tenants.map(({ tenantId }) => tenantId).sort();

journey("a tenant is created once, read, and listed beside public", {}, async () => {
  assert.deepEqual(await tenants.create("t1"), { status: "OK", createdNew: true });
  assert.deepEqual(await tenants.create("t1"), { status: "OK", createdNew: false });
  assert.deepEqual(await list(), ["public", "t1"]);
  assert.equal((await Multitenancy.getTenant("t1")).status, "OK");
  assert.equal(await Multitenancy.getTenant("t2"), undefined);
});

journey("T10: ids of tenants are made small, and must be simple", {}, async () => {
  await tenants.create("Customer-1");
  assert.deepEqual(await list(), ["customer-1", "public"]);
  assert.equal((await Multitenancy.getTenant("customer-1")).status, "OK");
  for (const tenantId of ["a_b", "a.b", "appid-x", "recipe", "config", "users", "hello"]) {
    await assert.rejects(tenants.create(tenantId), /status code: 400/, tenantId);
  }
});

journey("G27: a tenant is deleted once, and public never", {}, async () => {
  await tenants.create("t1");
  assert.deepEqual(await Multitenancy.deleteTenant("t1"), { status: "OK", didExist: true });
  assert.deepEqual(await Multitenancy.deleteTenant("t1"), { status: "OK", didExist: false });
  assert.deepEqual(await list(), ["public"]);
  await assert.rejects(Multitenancy.deleteTenant("public"), /status code: 403/);
});

journey(
  "G25: a tenant is described by its factors",
  { skip: !FACTORS && "its SDK has three switches instead" },
  async () => {
    const nothing = { thirdParty: { providers: [] }, firstFactors: [], coreConfig: {} };
    await Multitenancy.createOrUpdateTenant("t1", {});
    assert.deepEqual(await Multitenancy.getTenant("t1"), { status: "OK", tenantId: "t1", ...nothing });

    await Multitenancy.createOrUpdateTenant("t1", {
      firstFactors: ["emailpassword", "custom"],
      requiredSecondaryFactors: ["totp"],
    });
    const both = { ...nothing, firstFactors: ["emailpassword", "custom"], requiredSecondaryFactors: ["totp"] };
    const sorted = ({ firstFactors, ...rest }) => ({ ...rest, firstFactors: firstFactors?.sort() });
    assert.deepEqual(sorted(await Multitenancy.getTenant("t1")), sorted({ status: "OK", tenantId: "t1", ...both }));

    await Multitenancy.createOrUpdateTenant("t1", { requiredSecondaryFactors: null });
    delete both.requiredSecondaryFactors;
    assert.deepEqual(sorted(await Multitenancy.getTenant("t1")), sorted({ status: "OK", tenantId: "t1", ...both }));
    await Multitenancy.createOrUpdateTenant("t1", { firstFactors: null });
    assert(!("firstFactors" in (await Multitenancy.getTenant("t1"))), "all factors");
    await Multitenancy.createOrUpdateTenant("t1", { firstFactors: [] });
    assert.deepEqual((await Multitenancy.getTenant("t1")).firstFactors, []);

    const { tenants: all } = await Multitenancy.listAllTenants();
    assert.deepEqual(all.sort(byId), [
      { tenantId: "public", thirdParty: { providers: [] }, coreConfig: {} },
      { tenantId: "t1", ...nothing },
    ]);
  },
);

journey(
  "T11, T17: a tenant is described by three switches",
  { skip: FACTORS && "its SDK has factors instead" },
  async () => {
    const described = (email, third, less) => ({
      emailPassword: { enabled: email },
      thirdParty: { enabled: third, providers: [] },
      passwordless: { enabled: less },
      coreConfig: {},
    });
    await Multitenancy.createOrUpdateTenant("t1", {});
    assert.deepEqual(await Multitenancy.getTenant("t1"), {
      status: "OK",
      tenantId: "t1",
      ...described(false, false, false),
    });
    await Multitenancy.createOrUpdateTenant("t1", { emailPasswordEnabled: true });
    assert.deepEqual(await Multitenancy.getTenant("t1"), {
      status: "OK",
      tenantId: "t1",
      ...described(true, false, false),
    });
    await Multitenancy.createOrUpdateTenant("t1", { thirdPartyEnabled: true, passwordlessEnabled: true });
    assert.deepEqual(await Multitenancy.getTenant("t1"), {
      status: "OK",
      tenantId: "t1",
      ...described(true, true, true),
    });
    await Multitenancy.createOrUpdateTenant("t1", { emailPasswordEnabled: false });
    assert.deepEqual(await Multitenancy.getTenant("t1"), {
      status: "OK",
      tenantId: "t1",
      ...described(false, true, true),
    });

    const { tenants: all } = await Multitenancy.listAllTenants();
    assert.deepEqual(all.sort(byId), [
      { tenantId: "public", ...described(true, true, true) },
      { tenantId: "t1", ...described(false, true, true) },
    ]);
  },
);

journey("T14: settings of a tenant are kept as they were given, and nonsense is refused", {}, async () => {
  assert.equal(
    (await Multitenancy.createOrUpdateTenant("t1", { coreConfig: { email_verification_token_lifetime: 3600000 } }))
      .status,
    "OK",
  );
  assert.deepEqual((await Multitenancy.getTenant("t1")).coreConfig, { email_verification_token_lifetime: 3600000 });
  await assert.rejects(
    Multitenancy.createOrUpdateTenant("t1", { coreConfig: { no_such_setting: 1 } }),
    /status code: 400 .*Invalid core config: /,
  );
  await assert.rejects(
    Multitenancy.createOrUpdateTenant("t1", { coreConfig: { access_token_validity: "soon" } }),
    /status code: 400 .*Invalid core config: /,
  );
  assert.deepEqual((await Multitenancy.getTenant("t1")).coreConfig, { email_verification_token_lifetime: 3600000 });
});

journey("T23, T24: providers of third parties are kept for the SDK", {}, async () => {
  await tenants.create("t1");
  const google = {
    thirdPartyId: "google",
    name: "Google",
    clients: [{ clientType: "web", clientId: "id", clientSecret: "secret", scope: ["email"] }],
    authorizationEndpointQueryParams: { prompt: "consent", gone: null },
  };
  assert.deepEqual(await Multitenancy.createOrUpdateThirdPartyConfig("t1", google), { status: "OK", createdNew: true });
  assert.deepEqual(await Multitenancy.createOrUpdateThirdPartyConfig("t1", { ...google, name: "G" }), {
    status: "OK",
    createdNew: false,
  });
  const providers = async (tenantId) => (await Multitenancy.getTenant(tenantId)).thirdParty.providers;
  const [{ userInfoMap, ...kept }, ...more] = await providers("t1");
  assert.deepEqual([kept, more], [{ ...google, name: "G" }, []]);
  assert.deepEqual(userInfoMap, { fromIdTokenPayload: {}, fromUserInfoAPI: {} });
  assert.deepEqual(await providers("public"), []);
  assert.deepEqual(await Multitenancy.deleteThirdPartyConfig("t1", "google"), { status: "OK", didConfigExist: true });
  assert.deepEqual(await Multitenancy.deleteThirdPartyConfig("t1", "google"), { status: "OK", didConfigExist: false });
  assert.deepEqual(await providers("t1"), []);
});

for (const mode of ["cookie", "header"]) {
  journey(`G40: a session of a tenant knows its tenant in all that it does (${mode} mode)`, {}, async (world) => {
    await tenants.create("t1");
    const browser = world.browser(mode);
    const handle = await browser.signIn("alice", { tenantId: "t1", payload: { a: 1 } });
    assert.match(handle, /^[0-9a-f-]{36}_t1$/);
    assert.equal(decode(browser.accessToken).payload.tId, "t1");
    assert.equal((await Session.getSessionInformation(handle)).tenantId, "t1");
    const tenant = async (verify) => (await browser.inSession((session) => session.getTenantId(), verify)).value;
    assert.equal(await tenant(), "t1");
    assert.equal(await tenant({ checkDatabase: true }), "t1");

    const old = browser.copy();
    assert.equal((await browser.refresh()).status, 200);
    assert.equal(decode(browser.accessToken).payload.tId, "t1");
    assert.equal(await tenant(), "t1");
    await browser.inSession((session) => session.mergeIntoAccessTokenPayload({ b: 2 }));
    assert.equal(decode(browser.accessToken).payload.tId, "t1");
    assert.equal(await Session.mergeIntoAccessTokenPayload(handle, { c: 3 }), true);
    assert.equal(await Session.updateSessionDataInDatabase(handle, { d: 4 }), true);
    assert.equal(await tenant({ checkDatabase: true }), "t1");
    assert.deepEqual((await old.refresh()).body, { message: "token theft detected" });
    assert.equal(await Session.getSessionInformation(handle), undefined);
  });
}

journey("H31: there are no sessions in a tenant that does not exist", {}, async () => {
  await assert.rejects(
    sessions.create("alice", { tenantId: "t1" }),
    /status code: 400 .*AppId or tenantId not found => /,
  );
});

journey(
  "S44, R7: with a tenant go its sessions and its users' roles, and nobody else's",
  { with: ["userroles"] },
  async (world) => {
    await UserRoles.createNewRoleOrAddPermissions("editor", []);
    await tenants.create("t1");
    const [home, away] = [world.browser(), world.browser()];
    const stays = await home.signIn("alice");
    await away.signIn("alice", { tenantId: "t1" });
    await UserRoles.addRoleToUser("public", "alice", "editor");
    await UserRoles.addRoleToUser("t1", "alice", "editor");
    await Multitenancy.deleteTenant("t1");

    assert.deepEqual(await sessions.ofUser("alice"), [stays]);
    assert.equal((await home.refresh()).status, 200);
    assert.notEqual((await away.refresh()).status, 200);
    await tenants.create("t1");
    assert.deepEqual(await sessions.ofUser("alice", "t1"), []);
    assert.deepEqual((await UserRoles.getRolesForUser("t1", "alice")).roles, []);
    assert.deepEqual((await UserRoles.getRolesForUser("public", "alice")).roles, ["editor"]);
    assert.deepEqual((await away.refresh()).body, { message: "unauthorised" });
  },
);

journey("apps know nothing of each other", { with: ["userroles"] }, async (world) => {
  await UserRoles.createNewRoleOrAddPermissions("editor", ["write"]);
  await UserRoles.addRoleToUser("public", "alice", "editor");
  await UserMetadata.updateUserMetadata("alice", { a: 1 });
  await tenants.create("t1");
  const browser = world.browser();
  const handle = await browser.signIn("alice");

  const other = new World(world.server, world.wire);
  await other.createApp();
  await world.restartBackend({ connectionURI: other.connectionURI, with: ["userroles"] }, browser);
  assert.deepEqual(await UserRoles.getAllRoles(), { status: "OK", roles: [] });
  assert.deepEqual(await UserMetadata.getUserMetadata("alice"), { status: "OK", metadata: {} });
  assert.deepEqual(await list(), ["public"]);
  assert.deepEqual(await sessions.ofUser("alice"), []);
  assert.equal(await Session.getSessionInformation(handle), undefined);
  assert.equal(await Session.revokeSession(handle), false);
  assert.equal(await browser.me(), 401);
  assert.deepEqual((await browser.copy().refresh()).body, { message: "unauthorised" });

  await world.restartBackend({ with: ["userroles"] }, browser);
  assert.equal(await browser.me({ checkDatabase: true }), 200);
  assert.equal((await browser.refresh()).status, 200);
});

journey("G42: what is for a whole app is not done through a tenant of it, from version 5.0 on", {}, async (world) => {
  await tenants.create("t1");
  const ask = (version, path) =>
    world.core("GET", `${path}/recipe/session/user?userId=alice&fetchAcrossAllTenants=true`, { version });
  for (const version of ["3.0", "3.1", "4.0"]) assert.equal((await ask(version, "/t1")).status, 200, version);
  for (const version of ["5.0", "5.1", "5.4"]) {
    const { status, body } = await ask(version, "/t1");
    assert.deepEqual([status, body], [403, "Only public tenantId can call this app specific API\n"], version);
    assert.equal((await ask(version, "/public")).status, 200);
  }
});

journey("T9: what is changed on a live app holds from the next token on", {}, async (world) => {
  const browser = world.browser();
  const life = () => {
    const { exp, iat } = decode(browser.accessToken).payload;
    return exp - iat;
  };
  const change = (coreConfig) =>
    world.core("PUT", "/recipe/multitenancy/app/v2", { app: "", body: { appId: world.appId, coreConfig } });
  await browser.signIn("alice");
  assert.equal(life(), 3600);
  for (const [validity, expected] of [
    ["100", 100],
    [200, 200],
    [null, 3600],
  ]) {
    assert.deepEqual((await change({ access_token_validity: validity })).body, { status: "OK", createdNew: false });
    await browser.refresh();
    assert.equal(life(), expected);
  }
  assert.equal((await change({ access_token_validity: 0 })).status, 400);
});

journey("T21, T22, G26: an app is removed with all that is in it, and its id can be used again", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  const remove = (appId) => world.core("POST", "/recipe/multitenancy/app/remove", { app: "", body: { appId } });
  await tenants.create("t1");
  assert.equal((await remove(world.appId)).status, 403, "there is a tenant left");
  await Multitenancy.deleteTenant("t1");
  const outcome = async (appId) => (await remove(appId)).body;
  assert.deepEqual(await outcome(world.appId), { status: "OK", didExist: true });
  assert.deepEqual(await outcome(world.appId), { status: "OK", didExist: false });
  assert.deepEqual(await outcome(world.appId.split("-").at(-1)), { status: "OK", didExist: false });
  await assert.rejects(Session.getSessionInformation(handle), /status code: 400 .*AppId or tenantId not found => /);

  await world.createApp();
  await world.restartBackend({}, browser);
  assert.equal(await Session.getSessionInformation(handle), undefined);
  assert.equal(await browser.me(), 401, "the new app has new keys");
  assert.deepEqual((await browser.refresh()).body, { message: "unauthorised" });
});

// Roles, their permissions, and who has them.
import assert from "node:assert/strict";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { Session, sessions, tenants, UserRoles } from "../harness/sdk.mjs";

const journey = journeys();
const withRoles = { with: ["userroles"] };
const UNKNOWN = { status: "UNKNOWN_ROLE_ERROR" };

const permissions = async (role) => (await UserRoles.getPermissionsForRole(role)).permissions.sort();
const roles = async () => (await UserRoles.getAllRoles()).roles.sort();
const rolesOf = async (userId, tenantId = "public") => (await UserRoles.getRolesForUser(tenantId, userId)).roles.sort();
const users = async (role, tenantId = "public") => (await UserRoles.getUsersThatHaveRole(tenantId, role)).users.sort();

journey("R1: a role is made once, and permissions are added to it", withRoles, async () => {
  assert.deepEqual(await UserRoles.getAllRoles(), { status: "OK", roles: [] });
  assert.deepEqual(await UserRoles.createNewRoleOrAddPermissions("editor", ["read"]), {
    status: "OK",
    createdNewRole: true,
  });
  assert.deepEqual(await UserRoles.createNewRoleOrAddPermissions("editor", ["read", "write", "write"]), {
    status: "OK",
    createdNewRole: false,
  });
  assert.deepEqual(await UserRoles.createNewRoleOrAddPermissions("guest", []), { status: "OK", createdNewRole: true });
  assert.deepEqual(await permissions("editor"), ["read", "write"]);
  assert.deepEqual(await permissions("guest"), []);
  assert.deepEqual(await roles(), ["editor", "guest"]);
});

journey("R2: permissions are taken from a role one by one", withRoles, async () => {
  await UserRoles.createNewRoleOrAddPermissions("editor", ["read", "write", "delete"]);
  assert.deepEqual(await UserRoles.removePermissionsFromRole("editor", ["write", "unknown"]), { status: "OK" });
  assert.deepEqual(await permissions("editor"), ["delete", "read"]);
  assert.deepEqual(await UserRoles.removePermissionsFromRole("editor", []), { status: "OK" });
  assert.deepEqual(await permissions("editor"), ["delete", "read"]);
  assert.deepEqual(await UserRoles.removePermissionsFromRole("editor", undefined), { status: "OK" });
  assert.deepEqual(await permissions("editor"), []);
});

journey("roles are found by a permission", withRoles, async () => {
  await UserRoles.createNewRoleOrAddPermissions("editor", ["read", "write"]);
  await UserRoles.createNewRoleOrAddPermissions("reader", ["read"]);
  assert.deepEqual((await UserRoles.getRolesThatHavePermission("read")).roles.sort(), ["editor", "reader"]);
  assert.deepEqual(await UserRoles.getRolesThatHavePermission("write"), { status: "OK", roles: ["editor"] });
  assert.deepEqual(await UserRoles.getRolesThatHavePermission("unknown"), { status: "OK", roles: [] });
});

journey("R4, R5: roles are given to users and taken from them", withRoles, async () => {
  await UserRoles.createNewRoleOrAddPermissions("editor", []);
  await UserRoles.createNewRoleOrAddPermissions("reader", []);
  assert.deepEqual(await UserRoles.addRoleToUser("public", "alice", "editor"), {
    status: "OK",
    didUserAlreadyHaveRole: false,
  });
  assert.deepEqual(await UserRoles.addRoleToUser("public", "alice", "editor"), {
    status: "OK",
    didUserAlreadyHaveRole: true,
  });
  await UserRoles.addRoleToUser("public", "alice", "reader");
  await UserRoles.addRoleToUser("public", "bob", "reader");
  assert.deepEqual(await rolesOf("alice"), ["editor", "reader"]);
  assert.deepEqual(await users("reader"), ["alice", "bob"]);
  assert.deepEqual(await UserRoles.removeUserRole("public", "alice", "editor"), {
    status: "OK",
    didUserHaveRole: true,
  });
  assert.deepEqual(await UserRoles.removeUserRole("public", "alice", "editor"), {
    status: "OK",
    didUserHaveRole: false,
  });
  assert.deepEqual(await rolesOf("alice"), ["reader"]);
  assert.deepEqual(await users("editor"), []);
});

journey("R6: who is not known has no roles", withRoles, async () => {
  assert.deepEqual(await UserRoles.getRolesForUser("public", "nobody"), { status: "OK", roles: [] });
});

journey("a role that does not exist is unknown to every call that needs it", withRoles, async () => {
  assert.deepEqual(await UserRoles.addRoleToUser("public", "alice", "unknown"), UNKNOWN);
  assert.deepEqual(await UserRoles.removeUserRole("public", "alice", "unknown"), UNKNOWN);
  assert.deepEqual(await UserRoles.getUsersThatHaveRole("public", "unknown"), UNKNOWN);
  assert.deepEqual(await UserRoles.getPermissionsForRole("unknown"), UNKNOWN);
  assert.deepEqual(await UserRoles.removePermissionsFromRole("unknown", ["read"]), UNKNOWN);
});

journey("R3: a deleted role is gone from all users of all tenants", withRoles, async () => {
  await tenants.create("t1");
  await UserRoles.createNewRoleOrAddPermissions("editor", ["write"]);
  await UserRoles.addRoleToUser("public", "alice", "editor");
  await UserRoles.addRoleToUser("t1", "alice", "editor");
  assert.deepEqual(await UserRoles.deleteRole("editor"), { status: "OK", didRoleExist: true });
  assert.deepEqual(await UserRoles.deleteRole("editor"), { status: "OK", didRoleExist: false });
  assert.deepEqual([await rolesOf("alice"), await rolesOf("alice", "t1")], [[], []]);
  assert.deepEqual(await UserRoles.getRolesThatHavePermission("write"), { status: "OK", roles: [] });
  await UserRoles.createNewRoleOrAddPermissions("editor", []);
  assert.deepEqual(
    [await permissions("editor"), await users("editor")],
    [[], []],
    "a role of the same name starts with nothing",
  );
});

journey("R7: roles are for all tenants, and who has them is a matter of one", withRoles, async () => {
  await tenants.create("t1");
  await UserRoles.createNewRoleOrAddPermissions("editor", ["write"]);
  await UserRoles.addRoleToUser("t1", "alice", "editor");
  assert.deepEqual([await rolesOf("alice"), await rolesOf("alice", "t1")], [[], ["editor"]]);
  assert.deepEqual([await users("editor"), await users("editor", "t1")], [[], ["alice"]]);
  assert.deepEqual(await UserRoles.removeUserRole("public", "alice", "editor"), {
    status: "OK",
    didUserHaveRole: false,
  });
  assert.deepEqual(await rolesOf("alice", "t1"), ["editor"]);
});

journey("R8: names are trimmed, and a name of nothing but blanks is refused", withRoles, async () => {
  await UserRoles.createNewRoleOrAddPermissions("  editor ", [" write\t"]);
  assert.deepEqual([await roles(), await permissions("editor")], [["editor"], ["write"]]);
  assert.equal((await UserRoles.addRoleToUser("public", "alice", " editor")).status, "OK");
  await assert.rejects(
    UserRoles.createNewRoleOrAddPermissions("  ", []),
    /status code: 400 .*Field name 'role' cannot be an empty String/,
  );
  await assert.rejects(
    UserRoles.createNewRoleOrAddPermissions("reader", [" "]),
    /status code: 400 .*Field name 'permissions' cannot contain an empty string/,
  );
  await UserRoles.createNewRoleOrAddPermissions("Editor", []);
  assert.deepEqual(await roles(), ["Editor", "editor"]);
});

journey("R9: roles and permissions are in the access token of a sign-in", withRoles, async (world) => {
  await UserRoles.createNewRoleOrAddPermissions("editor", ["read", "write"]);
  await UserRoles.createNewRoleOrAddPermissions("reader", ["read"]);
  await UserRoles.addRoleToUser("public", "alice", "editor");
  await UserRoles.addRoleToUser("public", "alice", "reader");
  const browser = world.browser();
  await browser.signIn("alice");
  const { "st-role": role, "st-perm": permission } = decode(browser.accessToken).payload;
  assert.deepEqual(
    [role.v.sort(), permission.v.sort()],
    [
      ["editor", "reader"],
      ["read", "write"],
    ],
  );

  const guest = world.browser();
  await guest.signIn("bob");
  const { "st-role": none, "st-perm": nothing } = decode(guest.accessToken).payload;
  assert.deepEqual([none.v, nothing.v], [[], []]);
});

journey("R9: a role of one tenant is in no token of another", withRoles, async () => {
  await tenants.create("t1");
  await UserRoles.createNewRoleOrAddPermissions("editor", ["write"]);
  await UserRoles.addRoleToUser("t1", "alice", "editor");
  const claims = async (tenantId) => {
    const payload = (await sessions.create("alice", { tenantId })).getAccessTokenPayload();
    return [payload["st-role"].v, payload["st-perm"].v];
  };
  assert.deepEqual(await claims("t1"), [["editor"], ["write"]]);
  assert.deepEqual(await claims("public"), [[], []]);
});

journey(
  "validators demand roles and permissions, and a new role counts once its claim is fetched",
  withRoles,
  async (world) => {
    const { UserRoleClaim, PermissionClaim } = UserRoles;
    await UserRoles.createNewRoleOrAddPermissions("admin", ["delete"]);
    const browser = world.browser();
    const handle = await browser.signIn("alice");
    const admins = {
      overrideGlobalClaimValidators: (all) => [
        ...all,
        UserRoleClaim.validators.includes("admin"),
        PermissionClaim.validators.includes("delete"),
      ],
    };
    const { status, body } = await browser.inSession(() => "let in", admins);
    assert.deepEqual([status, body.claimValidationErrors.map(({ id }) => id)], [403, ["st-role", "st-perm"]]);

    await UserRoles.addRoleToUser("public", "alice", "admin");
    assert.equal(await browser.me(admins), 403);
    await browser.inSession(async (session) => {
      await session.fetchAndSetClaim(UserRoleClaim);
      await session.fetchAndSetClaim(PermissionClaim);
    });
    assert.equal(await browser.me(admins), 200);

    await UserRoles.removeUserRole("public", "alice", "admin");
    await Session.fetchAndSetClaim(handle, UserRoleClaim);
    await Session.fetchAndSetClaim(handle, PermissionClaim);
    assert.equal(await browser.me({ ...admins, checkDatabase: true }), 403);
  },
);

journey("names of roles and permissions may be any text", withRoles, async () => {
  const names = ["a:b/c?d=e&f#g", "管理者 🦀", "%2F", 'it\'s "quoted"'];
  for (const name of names) {
    await UserRoles.createNewRoleOrAddPermissions(name, [name]);
    await UserRoles.addRoleToUser("public", "alice", name);
    assert.deepEqual(await permissions(name), [name]);
    assert.deepEqual(await users(name), ["alice"]);
    assert.deepEqual(await UserRoles.getRolesThatHavePermission(name), { status: "OK", roles: [name] });
  }
  assert.deepEqual(await rolesOf("alice"), [...names].sort());
});

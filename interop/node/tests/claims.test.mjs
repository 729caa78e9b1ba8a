// Claims: facts in the access token, and validators that demand them.
import assert from "node:assert/strict";
import { journeys } from "../harness/journey.mjs";
import { BooleanClaim, fetchValue, PrimitiveArrayClaim, PrimitiveClaim, Session, sessions } from "../harness/sdk.mjs";

const journey = journeys();

const levels = { alice: 7 };
const Level = new PrimitiveClaim({ key: "level", fetchValue: fetchValue((userId) => levels[userId]) });
const Verified = new BooleanClaim({ key: "verified", fetchValue: fetchValue(() => true) });
const Groups = new PrimitiveArrayClaim({
  key: "groups",
  fetchValue: fetchValue((userId, tenantId) => [userId, tenantId]),
});

const demand = (...validators) => ({ overrideGlobalClaimValidators: () => validators });
const invalid = ({ status, body }) => [
  status,
  body.message,
  body.claimValidationErrors?.map(({ id, reason }) => [id, reason.message]),
];

journey("claims are fetched, set, read and removed from within a session", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  const read = async () =>
    (
      await browser.inSession((session) =>
        Promise.all([Level, Verified, Groups].map((claim) => session.getClaimValue(claim))),
      )
    ).value;
  assert.deepEqual(await read(), [undefined, undefined, undefined]);

  const before = Date.now();
  await browser.inSession(async (session) => {
    await session.fetchAndSetClaim(Level);
    await session.fetchAndSetClaim(Verified);
    await session.fetchAndSetClaim(Groups);
  });
  assert.deepEqual(await read(), [7, true, ["alice", "public"]]);
  const { level } = (await Session.getSessionInformation(handle)).customClaimsInAccessTokenPayload;
  assert(level.t >= before && level.t <= Date.now());
  assert.deepEqual(browser.frontToken.up.level, level);

  await browser.inSession((session) => session.setClaimValue(Verified, false));
  await browser.inSession((session) => session.removeClaim(Level));
  assert.deepEqual(await read(), [undefined, false, ["alice", "public"]]);
  assert(!("level" in (await Session.getSessionInformation(handle)).customClaimsInAccessTokenPayload));
  await browser.refresh();
  assert.deepEqual(await read(), [undefined, false, ["alice", "public"]]);
});

journey(
  "G38: claims are fetched, set, read and removed by the handle of a session, and reach the client",
  {},
  async (world) => {
    const browser = world.browser();
    const handle = await browser.signIn("alice");
    assert.deepEqual(await Session.getClaimValue(handle, Level), { status: "OK", value: undefined });
    assert.equal(await Session.fetchAndSetClaim(handle, Level), true);
    assert.equal(await Session.setClaimValue(handle, Groups, ["staff"]), true);
    assert.deepEqual(await Session.getClaimValue(handle, Level), { status: "OK", value: 7 });

    const read = (claim) => async (verify) =>
      (await browser.inSession((session) => session.getClaimValue(claim), verify)).value;
    assert.equal(await read(Level)(), undefined);
    assert.equal(await read(Level)({ checkDatabase: true }), 7);
    assert.deepEqual(await read(Groups)(), ["staff"]);

    assert.equal(await Session.removeClaim(handle, Level), true);
    assert.deepEqual(await Session.getClaimValue(handle, Level), { status: "OK", value: undefined });
    await browser.refresh();
    assert.equal(await read(Level)(), undefined);
  },
);

journey("claims of a session that does not exist are not there", {}, async () => {
  assert.deepEqual(await Session.getClaimValue("nothing", Level), { status: "SESSION_DOES_NOT_EXIST_ERROR" });
  assert.equal(await Session.fetchAndSetClaim("nothing", Level), false);
  assert.equal(await Session.setClaimValue("nothing", Level, 1), false);
  assert.equal(await Session.removeClaim("nothing", Level), false);
  assert.deepEqual(await Session.validateClaimsForSessionHandle("nothing"), { status: "SESSION_DOES_NOT_EXIST_ERROR" });
});

journey("a validator fetches a missing claim, and the client gets it in a new token", {}, async (world) => {
  const browser = world.browser();
  const handle = await browser.signIn("alice");
  assert.equal(
    await browser.me(
      demand(Level.validators.hasValue(7), Verified.validators.isTrue(), Groups.validators.includes("public")),
    ),
    200,
  );
  assert.deepEqual(
    ["level", "verified", "groups"].map((key) => browser.frontToken.up[key].v),
    [7, true, ["alice", "public"]],
  );
  assert.deepEqual(await Session.getClaimValue(handle, Verified), { status: "OK", value: true });
  const calls = world.wire.calls.length;
  assert.equal(await browser.me(demand(Level.validators.hasValue(7))), 200);
  assert.equal(world.wire.calls.length, calls, "what is in the token is not fetched again");
});

journey("a claim that does not hold is answered with 403 and the reason", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  const ask = async (...validators) => invalid(await browser.inSession(() => "let in", demand(...validators)));
  assert.deepEqual(await ask(Level.validators.hasValue(8)), [403, "invalid claim", [["level", "wrong value"]]]);
  await browser.inSession((session) => session.setClaimValue(Verified, false));
  assert.deepEqual(
    await ask(
      Verified.validators.isTrue(),
      Groups.validators.includesAll(["alice", "bob"]),
      Groups.validators.excludes("bob"),
    ),
    [
      403,
      "invalid claim",
      [
        ["verified", "wrong value"],
        ["groups", "wrong value"],
      ],
    ],
  );
  assert.deepEqual(await ask(Verified.validators.isFalse()), [200, undefined, undefined]);
});

journey("a claim that is too old is fetched anew", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice", { payload: { level: { v: 1, t: Date.now() - 60_000 } } });
  assert.equal(await browser.me(demand(Level.validators.hasValue(1, 3600))), 200);
  assert.equal(await browser.me(demand(Level.validators.hasValue(7, 30))), 200);
  assert.equal(browser.frontToken.up.level.v, 7);
});

journey("a validator of the app's own decides by the payload", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice", { payload: { age: 17 } });
  const adult = {
    id: "adult",
    validate: async (payload) =>
      payload.age >= 18 ? { isValid: true } : { isValid: false, reason: { message: "too young" } },
  };
  assert.deepEqual(invalid(await browser.inSession(() => "let in", demand(adult))), [
    403,
    "invalid claim",
    [["adult", "too young"]],
  ]);
  await browser.inSession((session) => session.mergeIntoAccessTokenPayload({ age: 18 }));
  assert.equal(await browser.me(demand(adult)), 200);
});

journey("assertClaims within a request fetches, stores and refuses as the middleware does", {}, async (world) => {
  const browser = world.browser();
  await browser.signIn("alice");
  assert.equal(
    (await browser.inSession((session) => session.assertClaims([Level.validators.hasValue(7)]))).status,
    200,
  );
  assert.equal(browser.frontToken.up.level.v, 7);
  assert.equal(
    (await browser.inSession((session) => session.assertClaims([Level.validators.hasValue(8)]))).status,
    403,
  );
});

journey("claims are validated by the handle of a session, and what is missing is fetched and stored", {}, async () => {
  const handle = (await sessions.create("alice")).getHandle();
  const validate = async (...validators) => {
    const { status, invalidClaims } = await Session.validateClaimsForSessionHandle(handle, () => validators);
    return [status, invalidClaims.map(({ id }) => id)];
  };
  assert.deepEqual(await validate(Level.validators.hasValue(7), Verified.validators.isFalse()), ["OK", ["verified"]]);
  assert.deepEqual(await Session.getClaimValue(handle, Level), { status: "OK", value: 7 });
});

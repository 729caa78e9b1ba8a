// JWTs of the app's own, and the keys that verify everything.
import assert from "node:assert/strict";
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from "jose";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { JWT, RECIPE_USERS, Session, sessions } from "../harness/sdk.mjs";

const journey = journeys();
const YEARS_100 = 3153600000;

async function jwt(...args) {
  const { status, jwt } = await Session.createJWT(...args);
  assert.equal(status, "OK");
  return jwt;
}

journey("G13: a JWT lives exactly as long as was asked for, and a hundred years when nothing was", {}, async () => {
  for (const validity of [1, 60, 86400]) {
    const earliest = Math.floor(Date.now() / 1000);
    const { exp, iat } = decode(await jwt({}, validity)).payload;
    assert.equal(exp - iat, validity);
    assert(iat >= earliest && iat <= Date.now() / 1000, String(iat));
  }
  const { exp, iat } = decode(await jwt({})).payload;
  assert.equal(exp - iat, YEARS_100);
});

journey("J4, J5: a JWT has the header and the claims that were asked for", {}, async (world) => {
  const { header, payload } = decode(await jwt({ sub: "service", list: [1, null], nothing: null, ms: 1700000000123 }));
  const { iat, exp, ...claims } = payload;
  assert.deepEqual({ ...header, kid: header.kid.slice(0, 2) }, { alg: "RS256", typ: "JWT", kid: "s-" });
  assert.deepEqual(claims, {
    iss: `${world.backend.origin}/auth`,
    sub: "service",
    list: [1, null],
    nothing: null,
    ms: 1700000000123,
  });
});

journey("J5: what is in the payload goes before what is made", {}, async () => {
  const { payload } = decode(await jwt({ iss: "https://issuer.example", iat: 1, exp: 4102444800 }));
  assert.deepEqual([payload.iss, payload.iat, payload.exp], ["https://issuer.example", 1, 4102444800]);
});

journey("J5: without an issuer in the payload it is the domain of the API", { with: ["jwt"] }, async (world) => {
  const { status, jwt } = await JWT.createJWT({ a: 1 }, 100);
  assert.equal(status, "OK");
  assert.equal(decode(jwt).payload.iss, world.backend.origin);
});

journey("J8: a JWT is signed by a key that stays, or by one that changes, as asked", {}, async () => {
  const kid = async (useStatic) => decode(await jwt({}, 100, useStatic)).header.kid.slice(0, 2);
  assert.deepEqual([await kid(undefined), await kid(true), await kid(false)], ["s-", "s-", "d-"]);
});

journey("J2: a validity of nothing is refused", {}, async () => {
  for (const validity of [0, -1])
    await assert.rejects(Session.createJWT({}, validity), /validity must be greater than or equal to 0/);
});

journey("any JOSE library verifies JWTs and access tokens by the keys that the app publishes", {}, async (world) => {
  const keys = createRemoteJWKSet(new URL(`${world.backend.origin}/auth/jwt/jwks.json`));
  const session = await sessions.create("alice");
  for (const token of [await jwt({ a: 1 }, 100, true), await jwt({ a: 1 }, 100, false), session.getAccessToken()]) {
    const { payload } = await jwtVerify(token, keys, { issuer: `${world.backend.origin}/auth`, algorithms: ["RS256"] });
    assert.deepEqual(payload, decode(token).payload);
    const [head, body, signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...payload, sub: "mallory" })).toString("base64url");
    await assert.rejects(jwtVerify(`${head}.${forged}.${signature}`, keys), {
      code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
    });
    assert.notEqual(body, forged);
  }
});

journey("G15: the keys have the members that clients look for, and nothing private", {}, async (world) => {
  await sessions.create("alice");
  await jwt({});
  const { status, body } = await world.core("GET", "/.well-known/jwks.json");
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ["keys"]);
  assert.deepEqual(
    body.keys.map(({ kid }) => kid.slice(0, 2)),
    ["d-", "s-"],
    "dynamic keys first",
  );
  for (const key of body.keys) {
    const { kid, n, ...rest } = key;
    assert.deepEqual(rest, { kty: "RSA", e: "AQAB", alg: "RS256", use: "sig" });
    assert.equal(Buffer.from(n, "base64url").length, 256);
    assert.match(n, /^[\w-]+$/);
    assert.equal(typeof kid, "string");
  }
});

journey("G14: the route of the SDK passes on how long the keys may be kept", {}, async (world) => {
  const browser = world.browser();
  const { status, headers, body } = await browser.call("GET", "/auth/jwt/jwks.json");
  assert.equal(status, 200);
  const [age, rule, ...more] = headers.get("cache-control").split(", ");
  assert.deepEqual([rule, more], ["must-revalidate", []]);
  assert.match(age, /^max-age=60\d+$/);
  assert(Number(age.slice("max-age=".length)) > 604_000, age);
  assert.deepEqual(body.keys, (await Session.getJWKS()).keys);
});

journey("the discovery document leads to the keys", {}, async (world) => {
  const { body } = await world.browser().call("GET", "/auth/.well-known/openid-configuration");
  assert.equal(body.issuer, `${world.backend.origin}/auth`);
  const keys = createLocalJWKSet(await (await fetch(body.jwks_uri)).json());
  await jwtVerify(await jwt({}, 100), keys, { issuer: body.issuer });
});

journey(
  "G12: a JWT that is made of a session's payload is accepted as its access token",
  { skip: !RECIPE_USERS && "its SDK signs payloads without a recipe user" },
  async () => {
    const session = await sessions.create("alice", { payload: { a: null, b: [1, { c: null }], ms: 1700000000123 } });
    const { iat, exp, ...payload } = session.getAccessTokenPayload();
    const token = await jwt(payload, 100, false);
    assert.equal(decode(token).header.version, undefined);
    for (const checkDatabase of [false, true]) {
      const verified = await Session.getSessionWithoutRequestResponse(token, undefined, { checkDatabase });
      assert.equal(verified.getHandle(), session.getHandle());
      assert.equal(verified.getAccessToken(), token, "no other token was made");
      const { iat: _, exp: end, ...same } = verified.getAccessTokenPayload();
      assert.deepEqual(same, payload);
    }
  },
);

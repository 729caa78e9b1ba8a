// Servers that do not sign with RSA. The SDK looks keys up by their id and lets its JOSE library do the rest.
import assert from "node:assert/strict";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { decode } from "../harness/browser.mjs";
import { journeys } from "../harness/journey.mjs";
import { Session, TOKEN_VERSION } from "../harness/sdk.mjs";

const ALGORITHMS = {
  ES256: { key: { kty: "EC", crv: "P-256" }, coordinates: ["x", "y"] },
  EdDSA: { key: { kty: "OKP", crv: "Ed25519" }, coordinates: ["x"] },
};
const header = (token) => {
  const { kid, ...rest } = decode(token).header;
  return { ...rest, kid: kid.slice(0, 2) };
};

for (const [algorithm, { key, coordinates }] of Object.entries(ALGORITHMS)) {
  const journey = journeys({ flags: ["--signing-algorithm", algorithm] });

  for (const dynamic of [true, false]) {
    const options = { session: { useDynamicAccessTokenSigningKey: dynamic } };
    journey(
      `${algorithm}: sessions live as they do with RSA, with a ${dynamic ? "dynamic" : "static"} key`,
      options,
      async (world) => {
        const browser = world.browser();
        const handle = await browser.signIn("alice", { payload: { custom: 1 } });
        const expected = { alg: algorithm, typ: "JWT", version: TOKEN_VERSION, kid: dynamic ? "d-" : "s-" };
        assert.deepEqual(header(browser.accessToken), expected);
        assert.equal(Buffer.from(decode(browser.accessToken).signature, "base64url").length, 64);
        assert.equal(await browser.me(), 200);
        assert.equal(await browser.me({ checkDatabase: true }), 200);

        const old = browser.copy();
        assert.equal((await browser.refresh()).status, 200);
        assert.deepEqual(header(browser.accessToken), expected);
        assert.equal(await browser.me(), 200);
        assert.equal(decode(browser.accessToken).payload.parentRefreshTokenHash1, null);
        await browser.inSession((session) => session.mergeIntoAccessTokenPayload({ more: 2 }));
        assert.deepEqual(header(browser.accessToken), expected);
        assert.equal((await browser.inSession((session) => session.getAccessTokenPayload().more)).value, 2);
        assert.deepEqual((await old.refresh()).body, { message: "token theft detected" });
        assert.equal(await Session.getSessionInformation(handle), undefined);
      },
    );
  }

  journey(`${algorithm}: a forged token is refused`, {}, async (world) => {
    const browser = world.browser("header");
    await browser.signIn("alice");
    const [head, body, signature] = browser.accessToken.split(".");
    const forged = Buffer.from(
      JSON.stringify({ ...decode(browser.accessToken).payload, sub: "mallory", rsub: "mallory" }),
    ).toString("base64url");
    browser.tokens.access = `${head}.${forged}.${signature}`;
    assert.equal(await browser.me(), 401);
    browser.tokens.access = `${head}.${body}.${signature}`;
    assert.equal(await browser.me(), 200);
  });

  journey(
    `${algorithm}: the SDK's own route passes the keys on, and any JOSE library verifies by them`,
    {},
    async (world) => {
      const browser = world.browser();
      await browser.signIn("alice");
      const { body } = await browser.call("GET", "/auth/jwt/jwks.json");
      const { kid } = decode(browser.accessToken).header;
      const published = body.keys.find((key) => key.kid === kid);
      for (const coordinate of coordinates) {
        assert.equal(Buffer.from(published[coordinate], "base64url").length, 32);
        delete published[coordinate];
      }
      assert.deepEqual(published, { ...key, kid, alg: algorithm, use: "sig" });
      const keys = createRemoteJWKSet(new URL(`${world.backend.origin}/auth/jwt/jwks.json`));
      const { payload } = await jwtVerify(browser.accessToken, keys, { algorithms: [algorithm] });
      assert.equal(payload.sub, "alice");
    },
  );

  journey(
    `${algorithm}: a JWT of the app's own is signed with RS256, which the SDK asks for, unless it is to be by a dynamic key`,
    {},
    async (world) => {
      const keys = createRemoteJWKSet(new URL(`${world.backend.origin}/auth/jwt/jwks.json`));
      const { status, jwt } = await Session.createJWT({ a: 1 }, 100);
      assert.equal(status, "OK");
      assert.equal(decode(jwt).header.alg, "RS256");
      assert.equal((await jwtVerify(jwt, keys)).payload.a, 1);
      assert.deepEqual(await Session.createJWT({ a: 1 }, 100, false), { status: "UNSUPPORTED_ALGORITHM_ERROR" });
    },
  );
}

// A hostile client, without a browser: whatever it sends gets the documented answer, and the server goes on serving.
import assert from "node:assert/strict";
import { test } from "node:test";
import { App, HOUR } from "../harness/app.mjs";
import { bytes, raw } from "../harness/raw.mjs";
import { tokensIn } from "../harness/thief.mjs";

const unauthorised = '{"message":"unauthorised"}';
const tryRefresh = '{"message":"try refresh token"}';
const huge = "a".repeat(64 * 1024);
const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function hostileTest(name, story) {
  test(name, { timeout: 60_000 }, () =>
    App.with({}, async (app) => {
      await story(app, await signIn(app, "mallory"));
      const { accessToken } = await signIn(app, "alice");
      assert.equal((await raw(app, "GET /me HTTP/1.1", [`Cookie: sAccessToken=${accessToken}`])).status, 200, "still serving");
    }),
  );
}

async function signIn(app, user) {
  const body = new URLSearchParams({ user });
  const answer = await fetch(`${app.origin}/login`, { method: "POST", body, headers: { "st-auth-mode": "cookie" } });
  assert.equal(answer.status, 200);
  return tokensIn(answer.headers, "cookie");
}

/** A verify that finds no token of ours clears nothing: a sign-in may be on its way. */
async function verifyRefuses(app, why, fields, body) {
  const answer = await raw(app, "GET /me HTTP/1.1", fields);
  assert.deepEqual([answer.status, answer.body], [401, body], why);
  assert.deepEqual(answer.headers.getSetCookie(), [], why);
  assert.equal(answer.headers.get("front-token"), null, why);
}

/** A refresh that fails tells the client to forget everything, wherever it keeps it. */
async function refreshRefuses(app, why, fields) {
  const answer = await raw(app, "POST /auth/session/refresh HTTP/1.1", fields);
  assert.deepEqual([answer.status, answer.body], [401, unauthorised], why);
  const cleared = answer.headers.getSetCookie();
  assert.equal(cleared.length, 2, why);
  for (const cookie of cleared) {
    assert.match(cookie, /^s(Access|Refresh)Token=; Path=[^;]+; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax$/, why);
  }
  assert.equal(answer.headers.get("front-token"), "remove", why);
  assert.equal(answer.headers.get("st-access-token"), "", why);
  assert.equal(answer.headers.get("st-refresh-token"), "", why);
}

hostileTest("what is no access token of ours is no session", async (app, { accessToken, refreshToken }) => {
  const [header, payload, signature] = accessToken.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const foreign = `${text({ alg: "HS256", typ: "JWT" })}.${text({ sub: "mallory" })}.c2lnbmF0dXJl`;
  for (const [why, token] of [
    ["empty", ""],
    ["64 KiB", huge],
    ["64 KiB of dots", ".".repeat(64 * 1024)],
    ["64 KiB in each part", `${huge}.${huge}.${huge}`],
    ["garbage", "!?*"],
    ["not UTF-8", "\xff\xfe\xc0\x80"],
    ["not UTF-8 once decoded", "%ff%fe%00%0d%0a"],
    ["broken percent signs", "%%%zz%"],
    ["a foreign JWT", foreign],
    ["a refresh token", refreshToken],
    ["two parts", `${header}.${payload}`],
    ["four parts", `${accessToken}.${signature}`],
    ["no claims", `${header}.${text({})}.${signature}`],
    ["claims of wrong types", `${header}.${text({ ...claims, sub: 1, exp: "soon", sessionHandle: null })}.${signature}`],
    ["claims that are an array", `${header}.${text([claims])}.${signature}`],
    ["claims deep in arrays", `${header}.${Buffer.from("[".repeat(30_000)).toString("base64url")}.${signature}`],
  ]) {
    await verifyRefuses(app, `cookie: ${why}`, [`Cookie: sAccessToken=${token}`], unauthorised);
    await verifyRefuses(app, `bearer: ${why}`, [`Authorization: Bearer ${token}`], unauthorised);
  }
  await verifyRefuses(app, "no token at all", [], unauthorised);
  await verifyRefuses(app, "another scheme", [`Authorization: Basic ${accessToken}`], unauthorised);
  await verifyRefuses(app, "another scheme's case", [`Authorization: bearer ${accessToken}`], unauthorised);
  await verifyRefuses(app, "only the first of two", ["Authorization: Bearer x", `Authorization: Bearer ${accessToken}`], unauthorised);
});

hostileTest("an access token that looks like ours but does not hold asks for a refresh", async (app, { accessToken }) => {
  const [header, payload, signature] = accessToken.split(".");
  const head = JSON.parse(Buffer.from(header, "base64url"));
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const bits = Buffer.from(signature, "base64url");
  bits[7] ^= 1;
  for (const [why, token] of [
    ["another user", `${header}.${text({ ...claims, sub: "admin" })}.${signature}`],
    ["a longer life", `${header}.${text({ ...claims, exp: claims.exp + 1 })}.${signature}`],
    ["a flipped bit", `${header}.${payload}.${bits.toString("base64url")}`],
    ["no signature", `${header}.${payload}.`],
    ["a short signature", `${header}.${payload}.AAAA`],
    ["a zero signature", `${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`],
    ["a 64 KiB signature", `${header}.${payload}.${huge}`],
    ["an unknown key", `${text({ ...head, kid: "d-0" })}.${payload}.${signature}`],
    ["a key that is a path", `${text({ ...head, kid: "d-../../etc/passwd" })}.${payload}.${signature}`],
  ]) {
    await verifyRefuses(app, `cookie: ${why}`, [`Cookie: sAccessToken=${token}`], tryRefresh);
    await verifyRefuses(app, `bearer: ${why}`, [`Authorization: Bearer ${token}`], tryRefresh);
  }
  for (const alg of ["none", "None", "HS256", "RS256", "EdDSA"]) {
    const token = `${text({ ...head, alg })}.${payload}.${alg.toLowerCase() === "none" ? "" : signature}`;
    const answer = await raw(app, "GET /me HTTP/1.1", [`Authorization: Bearer ${token}`]);
    assert.equal(answer.status, 401, `alg ${alg}`);
  }
  await verifyRefuses(app, "a legacy cookie", [`Cookie: sAccessToken=${accessToken}; sIdRefreshToken=x`], tryRefresh);
  await verifyRefuses(app, "two access cookies", [`Cookie: sAccessToken=${accessToken}; sAccessToken=${accessToken}`], tryRefresh);
  await verifyRefuses(app, "two access cookies in two fields", [`Cookie: sAccessToken=${accessToken}`, "Cookie: sAccessToken=x"], tryRefresh);

  await app.advance(HOUR);
  await verifyRefuses(app, "expired", [`Cookie: sAccessToken=${accessToken}`], tryRefresh);
});

hostileTest("what is no refresh token of ours is refused and forgotten", async (app, { accessToken, refreshToken }) => {
  const body = Buffer.from(refreshToken.slice(4), "base64url");
  const changed = (at) => {
    const copy = Buffer.from(body);
    copy[at] ^= 1;
    return `hp1_${copy.toString("base64url")}`;
  };
  const cases = [
    ["64 KiB", huge],
    ["64 KiB with our prefix", `hp1_${huge}`],
    ["garbage", "!?*"],
    ["not UTF-8", "\xff\xfe\xc0\x80"],
    ["not UTF-8 once decoded", "%ff%fe%00%0d%0a"],
    ["broken percent signs", "%%%zz%"],
    ["only the prefix", "hp1_"],
    ["an access token", accessToken],
    ["cut", refreshToken.slice(0, -1)],
    ["longer", `${refreshToken}A`],
    ["padded", `${refreshToken}=`],
    ["another prefix", refreshToken.replace("hp1_", "hp2_")],
    ["another case", refreshToken.toUpperCase()],
    ["a length of its own", `hp1_${Buffer.alloc(5000, 255).toString("base64url")}`],
    ...[...body.keys()].map((at) => [`byte ${at} changed`, changed(at)]),
  ];
  for (const [why, token] of cases) {
    await refreshRefuses(app, `cookie: ${why}`, [`Cookie: sRefreshToken=${token}`]);
    await refreshRefuses(app, `bearer: ${why}`, [`Authorization: Bearer ${token}`]);
  }
  await refreshRefuses(app, "no token at all", []);
  await refreshRefuses(app, "an empty cookie", ["Cookie: sRefreshToken="]);
  await refreshRefuses(app, "a foreign bearer beside a good cookie", [`Cookie: sRefreshToken=${refreshToken}`, "Authorization: Bearer x"]);
  assert.deepEqual(await app.events("mallory"), ["session.created"], "a forgery is no theft");

  const good = await raw(app, "POST /auth/session/refresh HTTP/1.1", [`Cookie: sRefreshToken=${refreshToken}`]);
  assert.equal(good.status, 200, "and the session has survived it all");
});

hostileTest("duplicate session cookies at the refresh route get the one documented 500", async (app, { accessToken, refreshToken }) => {
  for (const cookies of [
    `sRefreshToken=${refreshToken}; sRefreshToken=${refreshToken}`,
    `sRefreshToken=${refreshToken}; sRefreshToken=`,
    `sAccessToken=${accessToken}; sAccessToken=x; sRefreshToken=${refreshToken}`,
  ]) {
    const answer = await raw(app, "POST /auth/session/refresh HTTP/1.1", [`Cookie: ${cookies}`]);
    assert.equal(answer.status, 500);
    assert.match(answer.body, /The request contains multiple session cookies\./);
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
  assert.deepEqual(await app.events("mallory"), ["session.created"]);
});

hostileTest("a good cookie is found among bad ones", async (app, { accessToken }) => {
  for (const [why, fields] of [
    ["malformed neighbours", [`Cookie: ={}; a={"b":"%b"}; ; ;;=; sAccessToken=${accessToken}; x="; y=\xff`]],
    ["quoted", [`Cookie: sAccessToken="${accessToken}"`]],
    ["split over fields", ["Cookie: a=1", `Cookie: sAccessToken=${accessToken}`]],
    ["with echoed attributes", [`Cookie: Path=/; Expires=Thu, 01 Jan 2099 00:00:00 GMT; HttpOnly;sAccessToken=${accessToken}`]],
    ["after 64 KiB", [`Cookie: big=${huge}; sAccessToken=${accessToken}`]],
    ["beside a foreign bearer", [`Cookie: sAccessToken=${accessToken}`, `Authorization: Bearer ${text({ alg: "none" })}.e30.`]],
  ]) {
    const answer = await raw(app, "GET /me HTTP/1.1", fields);
    assert.equal(answer.status, 200, `${why}: ${answer.body}`);
    assert.equal(JSON.parse(answer.body).user, "mallory");
  }
});

hostileTest("odd methods, paths and headers on the session routes are no server errors", async (app) => {
  for (const path of ["/auth/session/refresh", "/auth/signout", "/auth/jwt/jwks.json", "/auth/.well-known/openid-configuration"]) {
    for (const method of ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "post", "BREW"]) {
      for (const target of [path, `${path}/`, `${path}?${huge.slice(0, 8000)}`, `//${path}`, `/auth/t1${path.slice(5)}`, `${path}%00`, `${path}/%ff`]) {
        const { status } = await raw(app, `${method} ${target} HTTP/1.1`);
        assert.ok(status >= 200 && status < 500, `${method} ${target.slice(0, 80)}: ${status}`);
      }
    }
  }
  for (const name of ["rid", "anti-csrf", "st-auth-mode", "fdi-version", "origin", "user-agent", "referer"]) {
    for (const value of ["", "\xff\xfe", huge, "1,2,,,;=\"", "9".repeat(400)]) {
      for (const line of ["POST /auth/session/refresh HTTP/1.1", "POST /auth/signout HTTP/1.1", "GET /me HTTP/1.1"]) {
        const answer = await raw(app, line, [`${name}: ${value}`, `${name}: again`]);
        assert.deepEqual([answer.status, answer.body], [401, unauthorised], `${line} ${name}: ${value.slice(0, 20)}`);
      }
    }
  }
});

hostileTest("random cookies and bearer tokens never get more than a 401", async (app, { accessToken, refreshToken }) => {
  let seed = 20_231_104;
  const random = (below) => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) % below;
  const pieces = ["sAccessToken", "sRefreshToken", "sIdRefreshToken", "=", ";", ",", " ", '"', "%", "%3B", "\xff", "\t", ".", "hp1_", "eyJ", "{}"];
  pieces.push(accessToken.slice(0, 60), accessToken.slice(60, -9), refreshToken.slice(0, 50));
  const line = () => Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]).join("");
  for (let round = 0; round < 400; round++) {
    const fields = [`Cookie: ${line()}`, `Authorization: Bearer ${line()}`, `anti-csrf: ${line()}`].filter(() => random(3));
    const request = random(2) ? "GET /me HTTP/1.1" : "POST /auth/session/refresh HTTP/1.1";
    const answer = await raw(app, request, fields);
    const doubled = answer.status === 500 && answer.body.includes("The request contains multiple session cookies.");
    assert.ok(answer.status === 401 || doubled, `${request} ${JSON.stringify(fields)}: ${answer.status} ${answer.body}`);
  }
  assert.deepEqual(await app.events("mallory"), ["session.created"]);
});

hostileTest("what is not HTTP is refused or cut off", async (app) => {
  for (const text of ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET\r\n\r\n", "\r\n\r\n\xff\xff\xff\r\n\r\n", `GET /${"a".repeat(70_000)} HTTP/1.1\r\n\r\n`]) {
    const answer = await bytes(app, text);
    assert.match(answer, /^(HTTP\/1\.1 4|$)/);
  }
  const fields = Array.from({ length: 500 }, (_, i) => `x-${i}: y`);
  const { status } = await raw(app, "GET /me HTTP/1.1", fields);
  assert.ok(status >= 400 && status < 500, `500 header fields: ${status}`);
});

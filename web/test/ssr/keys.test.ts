import { expect, test } from "vitest";
import { getServerSession } from "../../src/ssr/index.js";
import { Api, SigningKey, visit } from "./api.js";

const MINUTE = 60_000;

const status = async (api: Api, token: string) =>
  (await getServerSession(visit("/", { sAccessToken: token }), api.config)).status;
/** Lets what goes on in the background end. */
const settle = () => new Promise((done) => setTimeout(done, 20));

test("a hundred pages at once ask for the keys once, and for ten minutes nobody asks again", async () => {
  const api = await Api.open();
  const token = await api.token({ exp: api.now / 1000 + 86_400 });
  const all = await Promise.all(Array.from({ length: 100 }, () => status(api, token)));
  expect(new Set(all)).toEqual(new Set(["valid"]));
  expect(api.keyCalls).toBe(1);
  api.now += 10 * MINUTE;
  expect(await status(api, token)).toBe("valid");
  expect(api.keyCalls).toBe(1);
});

test("after ten minutes a page is served with the old keys, and new ones are fetched behind it", async () => {
  const api = await Api.open();
  const token = await api.token({ exp: api.now / 1000 + 86_400 });
  await status(api, token);
  api.now += 10 * MINUTE + 1;
  let release = () => {};
  api.instead = (request) => new Promise((done) => (release = () => done(api.answer(request))));
  expect(await status(api, token)).toBe("valid");
  expect(api.keyCalls).toBe(2);
  const next = await SigningKey.make("ES256");
  api.published = [next.jwk];
  release();
  await settle();
  expect(await status(api, await next.sign(api.claims()))).toBe("valid");
  expect(api.keyCalls).toBe(2);
});

test("keys are believed for an hour while the API is away, and no longer", async () => {
  const api = await Api.open();
  const token = await api.token({ exp: api.now / 1000 + 86_400 });
  await status(api, token);
  api.instead = () => Promise.reject(new TypeError("connection refused"));
  for (let minute = 0; minute < 60; minute += 5) {
    api.now += 5 * MINUTE;
    expect(await status(api, token)).toBe("valid");
    await settle();
  }
  api.now += 1;
  expect(await status(api, token)).toBe("unknown");
});

test("a key that is new is found at once", async () => {
  const api = await Api.open();
  await status(api, await api.token());
  const next = await SigningKey.make("ES256");
  api.published.push(next.jwk);
  api.now += 500;
  expect(await status(api, await next.sign(api.claims()))).toBe("valid");
  expect(api.keyCalls).toBe(2);
});

test("strangers who name keys at will cost the API one call in half a second", async () => {
  const api = await Api.open();
  await status(api, await api.token());
  api.now += 500;
  for (let times = 0; times < 50; times++)
    expect(await status(api, await api.token({}, { kid: `k${times}` }))).toBe("invalid");
  expect(api.keyCalls).toBe(2);
  api.now += 499;
  await status(api, await api.token({}, { kid: "another" }));
  expect(api.keyCalls).toBe(2);
  api.now += 1;
  await status(api, await api.token({}, { kid: "another" }));
  expect(api.keyCalls).toBe(3);
});

test("a call for keys that was broken off is not waited for for ever", async () => {
  const api = await Api.open();
  api.instead = () => new Promise(() => {});
  void status(api, await api.token());
  await settle();
  api.instead = undefined;
  api.now += 10_000;
  expect(await status(api, await api.token())).toBe("valid");
});

test("keys of other kinds, for other uses, private or broken, are none, and disturb no other", async () => {
  const api = await Api.open("RS256");
  const other = await SigningKey.make("RS256");
  const { d } = (await crypto.subtle.exportKey("jwk", other.pair.privateKey)) as JsonWebKey;
  const unfit: Record<string, unknown>[] = [
    { ...other.jwk, alg: "RS512" },
    { ...other.jwk, use: "enc" },
    { ...other.jwk, key_ops: ["encrypt"] },
    { ...other.jwk, d },
    { ...other.jwk, n: undefined },
    { kty: "oct", k: "c2VjcmV0", kid: other.kid, alg: "HS256" },
    { kty: "EC", crv: "P-384", x: "AA", y: "AA", kid: other.kid },
    { kty: "__proto__", kid: other.kid },
    {},
  ];
  for (const jwk of unfit) {
    api.published = [jwk as JsonWebKey, api.key.jwk];
    api.now += 10 * MINUTE + 3_600_000;
    expect(await status(api, await other.sign(api.claims())), JSON.stringify(jwk)).toBe("invalid");
    expect(await status(api, await api.token())).toBe("valid");
  }
});

test("the keys may be elsewhere", async () => {
  const api = await Api.open();
  const config = { ...api.config, api: "http://nowhere.test/auth", jwks: `${api.url}/jwt/jwks.json` };
  const session = await getServerSession(visit("/", { sAccessToken: await api.token() }), config);
  expect(session.status).toBe("valid");
});

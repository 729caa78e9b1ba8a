import { expect, test } from "vitest";
import { getServerSession } from "../../src/ssr/index.js";
import { ALGORITHMS, Api, base64url, HOUR, SigningKey, visit } from "./api.js";

const of = (api: Api, sAccessToken: string, more = {}) =>
  getServerSession(visit("/", { sAccessToken }), { ...api.config, ...more });

for (const algorithm of ALGORITHMS) {
  test(`a token that the API has signed is valid (${algorithm})`, async () => {
    const api = await Api.open(algorithm);
    const session = await of(api, await api.token({ plan: "pro" }));
    expect(session).toMatchObject({
      status: "valid",
      userId: "ada",
      payload: { plan: "pro", sessionHandle: "handle-1" },
    });
    expect(session.snapshot).toMatchObject({ status: "authenticated", userId: "ada" });
  });

  test(`a token with another signature, other claims or another header is not (${algorithm})`, async () => {
    const api = await Api.open(algorithm);
    const token = await api.token();
    const [head = "", body = "", signature = ""] = token.split(".");
    const other = await SigningKey.make(algorithm, api.key.kid);
    const flipped = Buffer.from(signature, "base64url");
    flipped[10] = (flipped[10] ?? 0) ^ 1;
    for (const bad of [
      `${head}.${base64url(api.claims({ sub: "eve" }))}.${signature}`,
      `${base64url({ alg: algorithm, typ: "JWT", kid: api.key.kid, version: "4" })}.${body}.${signature}`,
      `${head}.${body}.${flipped.toString("base64url")}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${token}.more`,
      await other.sign(api.claims()),
    ]) {
      expect((await of(api, bad)).status, bad).toBe("invalid");
    }
    expect((await of(api, token)).status).toBe("valid");
  });
}

test("what the header says of the algorithm decides nothing", async () => {
  for (const kind of ALGORITHMS) {
    const api = await Api.open(kind);
    const body = base64url(api.claims());
    const head = (alg: unknown) => base64url({ alg, typ: "JWT", kid: api.key.kid, version: "5" });
    const secrets = [JSON.stringify(api.key.jwk), api.key.jwk.n ?? api.key.jwk.x ?? ""];
    for (const secret of secrets) {
      const key = await crypto.subtle.importKey(
        "raw",
        new TextEncoder().encode(secret),
        { name: "HMAC", hash: "SHA-256" },
        false,
        ["sign"],
      );
      const signed = `${head("HS256")}.${body}`;
      const mac = Buffer.from(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed)));
      expect((await of(api, `${signed}.${mac.toString("base64url")}`)).status).toBe("invalid");
    }
    for (const alg of ["none", "None", "", undefined, null, "RS512", ["RS256"], {}]) {
      expect((await of(api, `${head(alg)}.${body}.`)).status).toBe("invalid");
      expect((await of(api, await api.token({}, { alg }))).status).toBe("invalid");
    }
  }
});

test("a token signed with one kind of key, and said to be of another, is invalid", async () => {
  const api = await Api.open("RS256");
  const curve = await SigningKey.make("ES256", "curve");
  api.published.push(curve.jwk);
  expect((await of(api, await curve.sign(api.claims()))).status).toBe("valid");
  expect((await of(api, await curve.sign(api.claims(), { kid: api.key.kid }))).status).toBe("invalid");
  expect((await of(api, await curve.sign(api.claims(), { alg: "RS256" }))).status).toBe("invalid");
});

test("a token that names no key, or what only looks like a token, is invalid and asks nobody", async () => {
  const api = await Api.open();
  const rubbish = [
    "x",
    "..",
    "a.b.c",
    "null.null.null",
    `${base64url(null)}.${base64url(null)}.AA`,
    "é.é.é",
    "%",
    "=.=.=",
  ];
  const unfit = [{ kid: undefined }, { kid: 7 }, { typ: "at+jwt" }, { typ: undefined }, { crit: ["b64"] }];
  for (const header of unfit) rubbish.push(await api.token({}, header));
  for (const token of rubbish) {
    const session = await getServerSession(
      {
        headers: { get: (name: string) => (name === "cookie" ? `sAccessToken=${token}` : null) } as unknown as Headers,
      },
      api.config,
    );
    expect(session.status, token).toBe("invalid");
  }
  expect(api.calls).toEqual([]);
});

test("other JWTs of the API are no sessions", async () => {
  const api = await Api.open();
  for (const claims of [
    { sub: undefined },
    { sub: 7 },
    { sessionHandle: undefined },
    { refreshTokenHash1: undefined },
    { exp: undefined },
    { exp: "9999999999" },
    { iat: undefined },
    { nbf: api.now / 1000 + 60 },
    { stt: 1 },
  ]) {
    expect((await of(api, await api.token(claims))).status, JSON.stringify(claims)).toBe("invalid");
  }
  for (const body of [null, 7, "text", []]) expect((await of(api, await api.key.sign(body))).status).toBe("invalid");
  expect((await of(api, await api.token({ sub: "", nbf: api.now / 1000, stt: 0 }))).status).toBe("valid");
});

test("an expired token is expired to the millisecond, and names nobody", async () => {
  const api = await Api.open();
  const token = await api.token();
  api.now += HOUR - 1;
  expect((await of(api, token)).status).toBe("valid");
  api.now += 1;
  expect(await of(api, token)).toEqual({ status: "expired", snapshot: { status: "loading" } });
});

test("without cookies there is no session, and nobody is asked", async () => {
  const api = await Api.open();
  const session = await getServerSession(visit("/"), api.config);
  expect(session).toEqual({ status: "absent", snapshot: { status: "unauthenticated" } });
  expect(api.calls).toEqual([]);
});

test("a session whose tokens travel in headers is one that servers do not see", async () => {
  const api = await Api.open();
  const cookies = { "st-access-token": await api.token(), "st-refresh-token": "refresh", sFrontToken: "x" };
  expect(await getServerSession(visit("/", cookies), api.config)).toEqual({
    status: "absent",
    reason: "header-mode",
    snapshot: { status: "loading" },
  });
});

test("a session that only scripts know of is one to refresh", async () => {
  const api = await Api.open();
  for (const name of ["sFrontToken", "st-front-overflow"])
    expect((await getServerSession(visit("/", { [name]: "x" }), api.config)).status).toBe("expired");
});

test("a cookie whose name browsers guard goes before one that a sibling domain may have set", async () => {
  const api = await Api.open();
  const cookies = { sAccessToken: await api.token({ sub: "eve" }), "__Host-sAccessToken": await api.token() };
  expect(await getServerSession(visit("/", cookies), api.config)).toMatchObject({ userId: "ada" });
});

test("hashes of tokens leave neither to the page nor to the app", async () => {
  const api = await Api.open();
  const session = await of(api, await api.token({ plan: "pro", note: "x".repeat(10) }), {
    payloadFilter: ({ note: _note, ...rest }: Record<string, unknown>) => rest,
  });
  expect(JSON.stringify(session)).not.toContain("secret");
  expect(session.payload).toHaveProperty("note");
  expect(session.snapshot.payload).not.toHaveProperty("note");
  expect(session.snapshot.payload).toHaveProperty("plan", "pro");
});

test("claims that fail are named, and the session stays valid", async () => {
  const api = await Api.open();
  const admin = {
    id: "admin",
    refresh() {},
    shouldRefresh: () => false,
    validate: (payload: Record<string, unknown>) =>
      payload.admin === true ? { isValid: true as const } : { isValid: false as const, reason: "no admin" },
  };
  const session = await of(api, await api.token(), { validators: [admin] });
  expect(session).toMatchObject({ status: "valid", invalidClaims: [{ id: "admin", reason: "no admin" }] });
  expect(await of(api, await api.token({ admin: true }), { validators: [admin] })).toMatchObject({ invalidClaims: [] });
});

test("what cannot be known while the API is away is unknown, never a sign-out", async () => {
  const api = await Api.open();
  for (const instead of [
    () => Promise.reject(new TypeError("connection refused")),
    () => new Response("oops", { status: 502 }),
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    () => Response.json({ error: "away" }),
  ]) {
    api.instead = instead;
    api.now += 1000;
    expect(await of(api, await api.token())).toEqual({ status: "unknown", snapshot: { status: "loading" } });
  }
  api.instead = undefined;
  api.now += 1000;
  expect((await of(api, await api.token())).status).toBe("valid");
});

import { expect, test } from "vitest";
import { getServerSession, handleRefresh, refreshRedirect, type ServerConfig } from "../../src/ssr/index.js";
import { Api, HOUR, Visitor, visit } from "./api.js";

const HOP = "/auth/session/refresh/hop";

/** A server with a page, and somebody's browser. */
function site(api: Api, more: Partial<ServerConfig> = {}) {
  const config = { ...api.config, ...more };
  return new Visitor(async (request) => {
    const refreshed = await handleRefresh(request, config);
    if (refreshed) return refreshed;
    const session = await getServerSession(request, config);
    const redirect = refreshRedirect(request, session, config);
    return redirect ?? Response.json({ status: session.status, snapshot: session.snapshot });
  });
}

/** The same, with a session whose access token has expired. */
async function late(api: Api, more: Partial<ServerConfig> = {}) {
  const visitor = site(api, more);
  visitor.set("sAccessToken", await api.expired());
  visitor.set("sRefreshToken", api.refreshToken, "/auth/session/refresh");
  visitor.set("sFrontToken", "old");
  visitor.set("st-last-access-token-update", "1");
  return visitor;
}

const shown = async (answer: Response) =>
  (await answer.json()) as { status: string; snapshot: Record<string, unknown> };

test("a page with an expired token is rendered signed in, after one refresh", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  const page = await shown(await visitor.open("/orders?page=2&q=a%26b"));
  expect(page).toMatchObject({ status: "valid", snapshot: { status: "authenticated", userId: "ada" } });
  expect(visitor.visited).toEqual([
    "/orders?page=2&q=a%26b",
    expect.stringMatching(/^\/auth\/session\/refresh\/hop\?nonce=[\w-]{36}&to=%2Forders%3Fpage%3D2%26q%3Da%2526b$/),
    "/orders?page=2&q=a%26b",
  ]);
  expect(api.refreshes).toBe(1);
  expect(visitor.get("sRefreshToken")).toBe("refresh-1");
});

test("the API is asked as the client would ask it", async () => {
  const api = await Api.open();
  api.antiCsrf = "csrf-0";
  const visitor = await late(api);
  visitor.set("sAntiCsrf", "csrf-0");
  await visitor.open("/", { "user-agent": "Browser/1" });
  const call = api.calls.find(({ url }) => url.endsWith("/session/refresh"));
  expect(call?.method).toBe("POST");
  expect(call?.redirect, "its cookies go nowhere else").toBe("manual");
  expect(Object.fromEntries(call?.headers ?? [])).toMatchObject({
    rid: "session",
    "fdi-version": expect.stringMatching(/\d\.\d/),
    "st-auth-mode": "cookie",
    "anti-csrf": "csrf-0",
    "user-agent": "Browser/1",
    cookie: expect.stringContaining("sRefreshToken=refresh-0"),
  });
  expect(visitor.get("sAntiCsrf")).toBe("csrf-1");
});

test("what the API sets arrives word for word, and scripts find what they would have written", async () => {
  const api = await Api.open();
  const visitor = await late(api, { website: "https://www.example.com", cookieDomain: ".example.com" });
  await visitor.open("/");
  expect(visitor.lineOf("sRefreshToken")).toBe(
    "sRefreshToken=refresh-1; Path=/auth/session/refresh; HttpOnly; SameSite=Lax",
  );
  const attributes = "; Path=/; Domain=example.com; Max-Age=34560000; SameSite=Lax; Secure";
  expect(visitor.lineOf("sFrontToken")).toBe(`sFrontToken=${visitor.get("sFrontToken")}${attributes}`);
  expect(visitor.lineOf("st-last-access-token-update")).toBe(`st-last-access-token-update=${api.now}${attributes}`);
  const front = JSON.parse(Buffer.from(visitor.get("sFrontToken") ?? "", "base64").toString());
  expect(front).toMatchObject({ uid: "ada", ate: api.now + HOUR });
});

test("the cookies of scripts are this host's, unless several hosts share them", async () => {
  for (const [cookieDomain, website] of [
    [undefined, undefined],
    ["site.test", undefined],
    ["localhost", undefined],
    ["www.example.com", "http://www.example.com/"],
  ]) {
    const api = await Api.open();
    const visitor = await late(api, JSON.parse(JSON.stringify({ cookieDomain, website })));
    await visitor.open("/");
    expect(visitor.lineOf("sFrontToken")).not.toMatch(/Domain|Secure/);
  }
});

test("a session that has ended is one page more, not a loop, and the browser forgets it", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  api.refreshToken = "revoked";
  const page = await shown(await visitor.open("/"));
  expect(page).toEqual({ status: "absent", snapshot: { status: "unauthenticated" } });
  expect(visitor.visited).toHaveLength(3);
  expect(visitor.get("sAccessToken")).toBeUndefined();
  expect(visitor.get("sFrontToken")).toBeUndefined();
  expect(visitor.get("st-last-access-token-update")).toBe(`${api.now}`);
});

test("a 401 that clears no cookies is believed, too", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  await getServerSession(visit("/", { sAccessToken: await api.token() }), api.config);
  api.instead = () => new Response("no", { status: 401 });
  expect(await shown(await visitor.open("/"))).toMatchObject({ status: "absent" });
  expect(visitor.visited).toHaveLength(3);
});

const troubles: [string, () => Response | Promise<Response>][] = [
  ["does not answer", () => Promise.reject(new TypeError("connection refused"))],
  ...[302, 400, 403, 404, 429, 500, 503].map((status): [string, () => Response] => [
    `answers ${status}`,
    () =>
      new Response("oops", {
        status,
        headers: {
          "set-cookie": "sAccessToken=; Path=/; Max-Age=0",
          "front-token": "remove",
          location: "http://evil.test/",
        },
      }),
  ]),
];
for (const [what, instead] of troubles) {
  test(`an API that ${what} signs nobody out, and is asked once`, async () => {
    const api = await Api.open();
    await getServerSession(visit("/", { sAccessToken: await api.token() }), api.config);
    const visitor = await late(api);
    const before = new Map(visitor.jar);
    api.instead = instead;
    const page = await shown(await visitor.open("/"));
    expect(page).toMatchObject({ status: "unknown", snapshot: { status: "unknown", userId: "ada" } });
    expect(JSON.stringify(page)).not.toContain("secret");
    for (const [name, { value }] of before) expect(visitor.jar.get(name)?.value).toBe(value);
    expect(await shown(await visitor.open("/again"))).toMatchObject({ status: "unknown" });
    expect(api.refreshes).toBe(1);

    api.instead = undefined;
    api.now += 10_001;
    visitor.jar.delete("st-hop /"); // it lives for ten seconds
    expect(await shown(await visitor.open("/"))).toMatchObject({ status: "valid" });
  });
}

test("the mark of a refresh is gone after ten seconds", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  await visitor.open("/");
  expect(visitor.lineOf("st-hop")).toBe("st-hop=done; Path=/; HttpOnly; Max-Age=10; SameSite=Lax");
});

test("new tokens that are no better end at the sign-in page, with the session intact", async () => {
  const api = await Api.open();
  // As with a clock that is wrong by more than a token lives.
  const ahead = api.now + 2 * HOUR;
  const skewed = await late(api, { now: () => ahead });
  const page = await shown(await skewed.open("/"));
  expect(page).toEqual({ status: "expired", snapshot: { status: "unauthenticated" } });
  expect(skewed.visited).toHaveLength(3);
  expect(skewed.get("sRefreshToken")).toBe("refresh-1");
});

test("cookies that never arrive make no loop", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  const stripped = new Visitor(async (request) => {
    const answer = await visitor.serve(request);
    answer.headers.delete("set-cookie");
    return answer;
  });
  for (const [key, cookie] of visitor.jar) stripped.jar.set(key, cookie);
  const answer = await stripped.open("/page");
  expect(answer.status).toBe(403);
  expect(await answer.text()).toBe('<a href="/page">Continue</a>');
  expect(api.refreshes).toBe(0);
});

test("a tampered token, and one whose key is gone, are refreshed like an expired one", async () => {
  const api = await Api.open();
  for (const token of [`${await api.token()}x`, await api.token({}, { kid: "gone" }), "x.y.z"]) {
    const visitor = await late(api);
    visitor.set("sAccessToken", token);
    api.now += 20_000;
    expect(await shown(await visitor.open("/"))).toMatchObject({ status: "valid" });
    expect(visitor.visited).toHaveLength(3);
  }
});

test("an API that puts duplicate cookies in order is asked once more, and then no more", async () => {
  const api = await Api.open();
  await getServerSession(visit("/", { sAccessToken: await api.token() }), api.config);
  const message = () =>
    Response.json({ message: "try again" }, { headers: { "set-cookie": "old=; Path=/; Max-Age=0" } });
  let visitor = await late(api);
  let answers = 0;
  api.instead = (request) => (answers++ ? api.answer(request) : message());
  expect(await shown(await visitor.open("/"))).toMatchObject({ status: "valid" });
  expect(visitor.visited).toHaveLength(5);

  visitor = await late(api);
  api.instead = message;
  expect(await shown(await visitor.open("/"))).toMatchObject({
    status: "expired",
    snapshot: { status: "unauthenticated" },
  });
  expect(visitor.visited).toHaveLength(5);
});

test("a front token that is too long for a cookie is asked for by the client", async () => {
  const api = await Api.open();
  api.payload = { permissions: "p".repeat(4000) };
  const visitor = await late(api);
  expect(await shown(await visitor.open("/"))).toMatchObject({ status: "valid" });
  expect(visitor.get("sFrontToken")).toBeUndefined();
  expect(visitor.get("st-last-access-token-update")).toBeUndefined();
  expect(visitor.get("st-front-overflow")).toBe("1");
});

test("without a refresh token nobody is asked, and nobody is signed out", async () => {
  const api = await Api.open();
  const visitor = site(api);
  visitor.set("sFrontToken", "x");
  expect(await shown(await visitor.open("/"))).toEqual({ status: "unknown", snapshot: { status: "loading" } });
  expect(visitor.get("sFrontToken")).toBe("x");
  expect(api.refreshes).toBe(0);
});

test("twenty tabs that are opened at once refresh once, and all are signed in", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  const pages = await Promise.all(Array.from({ length: 20 }, (_, tab) => visitor.open(`/tab/${tab}`).then(shown)));
  expect(pages.every(({ status }) => status === "valid")).toBe(true);
  expect(api.refreshes).toBe(1);
});

test.each(["done", "gone", "failed"])(
  "a tab that comes when another has just been told (%s) refreshes nothing",
  async (mark) => {
    const api = await Api.open();
    const cookies = { "st-hop-n": "1", "st-hop": mark, sRefreshToken: "refresh-0" };
    const back = await handleRefresh(visit(`${HOP}?nonce=n&to=/tab`, cookies), api.config);
    expect([back?.status, back?.headers.get("location")]).toEqual([303, "/tab"]);
    expect(back?.headers.getSetCookie()).toEqual([expect.stringMatching(/^st-hop-n=; .*Max-Age=0/)]);
    expect(api.refreshes).toBe(0);
  },
);

test("what one refresh has brought serves for ten seconds, and only who has all of its proofs", async () => {
  const api = await Api.open();
  api.antiCsrf = "csrf-0";
  const arrive = async (refresh: string, csrf: string) => {
    const cookies = { "st-hop-n": "1", sRefreshToken: refresh, sAntiCsrf: csrf };
    return (
      (await handleRefresh(visit(`${HOP}?nonce=n&to=/`, cookies), api.config))?.headers.getSetCookie().join() ?? ""
    );
  };
  expect(await arrive("refresh-0", "csrf-0")).toContain("refresh-1");
  api.now += 9_999;
  expect(await arrive("refresh-0", "csrf-0")).toContain("refresh-1");
  expect(api.refreshes).toBe(1);
  expect(await arrive("refresh-0", "forged")).not.toContain("refresh-1");
  expect(await arrive("refresh-x", "csrf-0")).not.toContain("refresh-1");
  api.now += 1;
  expect(await arrive("refresh-0", "csrf-0")).not.toContain("refresh-1");
});

const refused: [string, Record<string, string>][] = [
  ["a script's call", { "sec-fetch-mode": "cors" }],
  ["a call of the same origin", { "sec-fetch-mode": "same-origin" }],
  ["an image", { "sec-fetch-mode": "no-cors" }],
  ["a link on another site", { "sec-fetch-site": "cross-site" }],
  ["a browser that does not say", { "sec-fetch-mode": "", "sec-fetch-site": "" }],
  ["a page fetched ahead", { "sec-purpose": "prefetch" }],
  ["a page fetched ahead for others", { "sec-purpose": "prefetch;anonymous-client-ip" }],
  ["a page rendered ahead", { "sec-purpose": "prefetch;prerender" }],
  ["a page fetched ahead by an older browser", { purpose: "prefetch" }],
  ["a page fetched ahead by another browser", { "x-moz": "prefetch" }],
  ["a preview", { "x-purpose": "preview" }],
  ["a page that a framework fetches ahead", { "next-router-prefetch": "1" }],
  ["a page that a framework fetches ahead otherwise", { "x-middleware-prefetch": "1" }],
];
for (const [what, headers] of refused) {
  test(`${what} is not sent to refresh, and refreshes nothing if it comes by itself`, async () => {
    const api = await Api.open();
    const cookies = { sAccessToken: await api.expired(), sRefreshToken: "refresh-0", "st-hop-n": "1" };
    const page = visit("/", cookies, headers);
    const session = await getServerSession(page, api.config);
    expect(session.status).toBe("expired");
    expect(refreshRedirect(page, session, api.config)).toBeUndefined();
    const answer = await handleRefresh(visit(`${HOP}?nonce=n&to=/`, cookies, headers), api.config);
    expect(answer?.status).toBe(403);
    expect(answer?.headers.getSetCookie()).toEqual([]);
    expect(api.refreshes).toBe(0);
  });
}

test("twenty pages fetched ahead refresh nothing", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  for (let link = 0; link < 20; link++) {
    const page = await shown(await visitor.open(`/link/${link}`, { "sec-purpose": "prefetch" }));
    expect(page).toEqual({ status: "expired", snapshot: { status: "loading" } });
  }
  expect(api.refreshes).toBe(0);
});

test("what was sent to a page is not sent to refresh: a form would be lost", async () => {
  const api = await Api.open();
  const page = visit("/", { sAccessToken: await api.expired() });
  const form = new Request(page, { method: "POST", body: "text" });
  expect(refreshRedirect(form, await getServerSession(form, api.config), api.config)).toBeUndefined();
});

test("the way is open once, and only to whom a page has sent", async () => {
  const api = await Api.open();
  const visitor = await late(api);
  const cookies = { sRefreshToken: "refresh-0" };
  for (const [query, more] of [
    ["", {}],
    ["?nonce=", { "st-hop-": "" }],
    ["?nonce=guessed", { "st-hop-other": "1" }],
    ["?to=/", { "st-hop": "1" }],
  ] as const) {
    const answer = await handleRefresh(visit(HOP + query, { ...cookies, ...more }), api.config);
    expect(answer?.status, query).toBe(403);
  }
  expect(api.refreshes).toBe(0);
  await visitor.open("/");
  const again = await visitor.open(visitor.visited[1] ?? "");
  expect(again.status).toBe(403);
  expect(api.refreshes).toBe(1);
});

test("the redirect itself says little, and is kept by nobody", async () => {
  const api = await Api.open();
  const page = visit("/", { sAccessToken: await api.expired() });
  const config = { ...api.config, website: "https://site.test" };
  const redirect = refreshRedirect(page, await getServerSession(page, config), config);
  expect(redirect?.status).toBe(303);
  expect(redirect?.headers.get("cache-control")).toBe("private, no-store");
  expect(redirect?.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^st-hop-[\w-]{36}=1; Path=\/auth\/session\/refresh\/hop; HttpOnly; Max-Age=60; SameSite=Lax; Secure$/,
    ),
  ]);
});

test("nobody is sent to refresh unless the app has said so, nor when all is well", async () => {
  const api = await Api.open();
  const { expired: _hop, ...client } = api.config;
  const page = visit("/", { sAccessToken: await api.expired() });
  const session = await getServerSession(page, client);
  expect(refreshRedirect(page, session, client)).toBeUndefined();
  for (const cookies of [{}, { sAccessToken: await api.token() }] as Record<string, string>[]) {
    const other = visit("/", cookies);
    expect(refreshRedirect(other, await getServerSession(other, api.config), api.config)).toBeUndefined();
  }
});

test("the path is the one that browsers see", async () => {
  const api = await Api.open();
  const visitor = await late(api, { basePath: "/gateway/auth/", website: "http://site.test/" });
  visitor.set("sRefreshToken", "refresh-0", "/gateway/auth/session/refresh");
  expect(await shown(await visitor.open("/"))).toMatchObject({ status: "valid" });
  expect(visitor.visited[1]).toMatch(/^\/gateway\/auth\/session\/refresh\/hop\?/);
});

const ways = [
  "//evil.test",
  "//evil.test/x",
  "/\\evil.test",
  "\\\\evil.test",
  "https://evil.test/",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,x",
  "evil.test",
  "/\tx",
  "/\n/evil.test",
  "\t//evil.test",
  "/x\r\nset-cookie: a=b",
  "/\u0000",
  "",
  " /x",
  "http:evil.test",
  "/./\\evil.test",
  "/.//evil.test",
  "/..//evil.test",
  "/%2e//evil.test",
  "/x/..//evil.test/",
];
test("the way back stays on this site, whatever it is said to be", async () => {
  const api = await Api.open();
  for (const way of ways) {
    const url = `${HOP}?nonce=n&to=${encodeURIComponent(way)}`;
    const answer = await handleRefresh(visit(url, { "st-hop-n": "1", sRefreshToken: "refresh-0" }), api.config);
    expect(answer?.status).toBe(303);
    expect(answer?.headers.get("location"), way).toBe("/");
    const link = await handleRefresh(visit(url), api.config);
    expect(await link?.text(), way).toBe('<a href="/">Continue</a>');
  }
});

test("the link of whoever may not refresh holds no markup", async () => {
  const api = await Api.open();
  const way = `/"><script>alert(1)</script>?"'<>#"'<>\``;
  const answer = await handleRefresh(visit(`${HOP}?to=${encodeURIComponent(way)}`), api.config);
  const text = (await answer?.text()) ?? "";
  expect(text).toMatch(/^<a href="[^"<>]*">Continue<\/a>$/);
});

test("a page whose own path looks like another host leads back to the start", async () => {
  const api = await Api.open();
  const page = new Request("http://site.test//evil.test/x", visit("/", { sAccessToken: await api.expired() }));
  const redirect = refreshRedirect(page, await getServerSession(page, api.config), api.config);
  expect(redirect?.headers.get("location")).toMatch(/&to=%2F$/);
});

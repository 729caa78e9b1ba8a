import { beforeEach, expect, test, vi } from "vitest";
import * as next from "../../src/next/index.js";
import * as nuxt from "../../src/nuxt/index.js";
import * as remix from "../../src/remix/index.js";
import { getServerSession } from "../../src/ssr/index.js";
import * as sveltekit from "../../src/sveltekit/index.js";
import { Api, visit } from "./api.js";

/** What the frameworks would be asked for. */
const framework = vi.hoisted(() => ({ headers: new Headers() }));
class Thrown extends Error {
  constructor(readonly what: unknown[]) {
    super(JSON.stringify(what));
  }
}
vi.mock("next/headers", () => ({ headers: async () => framework.headers }));
vi.mock("next/navigation", () => ({
  redirect: (to: string) => {
    throw new Thrown(["redirect", to]);
  },
  notFound: () => {
    throw new Thrown(["not found"]);
  },
}));
vi.mock("next/server", () => ({
  NextResponse: {
    next: ({ request }: { request: { headers: Headers } }) =>
      new Response(null, {
        headers: { "x-middleware-next": "1", "seen-place": request.headers.get("x-session-place") ?? "" },
      }),
  },
}));
vi.mock("@sveltejs/kit", () => ({
  redirect: (...what: unknown[]) => {
    throw new Thrown(["redirect", ...what]);
  },
  error: (...what: unknown[]) => {
    throw new Thrown(["error", ...what]);
  },
}));

const staff = {
  id: "staff",
  refresh() {},
  shouldRefresh: () => false,
  validate: (payload: Record<string, unknown>) =>
    payload.staff === true ? { isValid: true as const } : { isValid: false as const, reason: "no staff" },
};
const guard = { loginUrl: "/login", validators: [staff] };
const LOGIN = "/login?redirectToPath=%2Fpage%3Fa%3Db";

let api: Api;
beforeEach(async () => {
  api = await Api.open();
});

type Who = "stranger" | "user" | "staff" | "expired" | "tampered" | "revoked";
async function cookiesOf(who: Who): Promise<Record<string, string>> {
  if (who === "stranger") return {};
  if (who === "revoked") return { sAccessToken: await api.expired(), "st-hop": "gone" };
  if (who === "expired") return { sAccessToken: await api.expired(), sRefreshToken: "refresh-0" };
  const token = await api.token({ staff: who === "staff" });
  return { sAccessToken: who === "tampered" ? `${token}x` : token };
}
const page = async (who: Who, headers: Record<string, string> = {}, path = "/page?a=b") =>
  visit(path, await cookiesOf(who), headers);
/** A page that is fetched by script: nobody is sent to refresh. */
const DATA = { "sec-fetch-mode": "cors" };

const outcome = async (act: () => unknown): Promise<unknown> => {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof Thrown) return thrown.what;
    if (thrown instanceof Response) return [thrown.status, thrown.headers.get("location")];
    throw thrown;
  }
};

/** How a guarded page is asked for in each framework, and how it says no. */
const pages = {
  next: {
    async ask(request: Request, more = {}) {
      framework.headers = new Headers(request.headers);
      framework.headers.set("x-session-place", "/page?a=b");
      return (await next.guardPage({ ...api.config, ...more }, guard)).status;
    },
    login: ["redirect", LOGIN],
    denied: ["not found"],
  },
  sveltekit: {
    async ask(request: Request, more = {}) {
      const config = { ...api.config, ...more };
      const locals = { session: await getServerSession(request, config) };
      return (await sveltekit.guardLoad(config, guard)({ locals, url: new URL(request.url) })).status;
    },
    login: ["redirect", 303, LOGIN],
    denied: ["error", 403, { message: "access denied" }],
  },
  remix: {
    async ask(request: Request, more = {}) {
      return remix.guardLoader({ ...api.config, ...more }, guard, ({ session }) => session.status)({ request });
    },
    login: [303, LOGIN],
    denied: [403, null],
  },
};
for (const [name, { ask, login, denied }] of Object.entries(pages)) {
  test(`${name}: a guarded page is shown to whom it may concern, and to nobody else`, async () => {
    const asked = async (who: Who) => outcome(async () => ask(await page(who, DATA)));
    expect(await asked("staff")).toBe("valid");
    expect(await asked("user")).toEqual(denied);
    expect(await asked("stranger")).toEqual(login);
    expect(await asked("revoked")).toEqual(login);
    expect(await asked("expired")).toBe("expired");
    expect(await asked("tampered")).toBe("invalid");
    api.now += 4_000_000;
    api.instead = () => new Response(null, { status: 503 });
    expect(await asked("staff")).toBe("unknown");
  });

  test(`${name}: claims are asked of what the page does not get, too`, async () => {
    const payloadFilter = () => ({});
    expect(await outcome(async () => ask(await page("staff", DATA), { payloadFilter }))).toBe("valid");
    expect(await outcome(async () => ask(await page("user", DATA), { payloadFilter }))).toEqual(denied);
  });
}

/** How a page with an expired token comes about in each framework: what the server answers. */
const hops = {
  next: (request: Request) => next.middleware(api.config)(request),
  sveltekit: (request: Request) =>
    sveltekit.sessionHandle(api.config)({ event: { request, locals: {} }, resolve: () => new Response("page") }),
  remix: async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/hop")) return remix.refreshLoader(api.config)({ request });
    try {
      return await remix.guardLoader(
        api.config,
        {},
        () => new Response("page", { headers: remix.headers() }),
      )({ request });
    } catch (thrown) {
      return thrown as Response;
    }
  },
  nuxt: async (request: Request) => {
    const headers = new Headers();
    const { pathname, search } = new URL(request.url);
    const node = { res: { setHeader: (name: string, value: string) => headers.set(name, value) } };
    const event = { method: request.method, path: pathname + search, headers: request.headers, node, context: {} };
    return (
      (await nuxt.sessionHandler({ ...api.config, website: "http://site.test" })(event)) ??
      new Response("page", { headers })
    );
  },
};
for (const [name, answer] of Object.entries(hops)) {
  test(`${name}: the browser is sent to refresh, refreshed, and sent back`, async () => {
    const there = await answer(await page("expired"));
    expect(there.status).toBe(303);
    expect(there.headers.get("vary")).toBe("Cookie");
    const hop = new URL(there.headers.get("location") ?? "", "http://site.test");
    expect(hop.href).toMatch(/^http:\/\/site\.test\/auth\/session\/refresh\/hop\?nonce=/);
    const nonce = `st-hop-${hop.searchParams.get("nonce")}`;
    expect(there.headers.getSetCookie()).toEqual([expect.stringContaining(`${nonce}=1`)]);

    const back = await answer(visit(hop.pathname + hop.search, { ...(await cookiesOf("expired")), [nonce]: "1" }));
    expect(back.status).toBe(303);
    expect(new URL(back.headers.get("location") ?? "", "http://site.test").href).toBe("http://site.test/page?a=b");
    const lines = back.headers.getSetCookie();
    expect(lines).toContain("sRefreshToken=refresh-1; Path=/auth/session/refresh; HttpOnly; SameSite=Lax");
    expect(lines.length).toBeGreaterThan(4);
    expect(api.refreshes).toBe(1);
  });

  test(`${name}: nobody is refreshed for a page that is fetched ahead`, async () => {
    const answered = await answer(await page("expired", { "sec-purpose": "prefetch" }));
    expect(answered.headers.get("location")).toBeNull();
    expect(api.refreshes).toBe(0);
  });

  test(`${name}: a page of somebody is kept for nobody else`, async () => {
    const answered = await answer(await page("user"));
    expect(answered.headers.get("cache-control")).toBe("private, no-store");
    expect(answered.headers.get("vary")).toBe("Cookie");
  });
}

test("next: pages are told where they are, whatever the browser says of it", async () => {
  const answered = await next.middleware(api.config)(await page("user", { "x-session-place": "/forged" }));
  expect(answered.headers.get("seen-place")).toBe("/page?a=b");
  for (const forged of ["//evil.test", "http://[", "http://evil.test/x"]) {
    framework.headers = new Headers({ "x-session-place": forged });
    expect(await outcome(() => next.guardPage(api.config, guard))).toEqual(["redirect", "/login?redirectToPath=%2F"]);
  }
});

const call = async (who: Who, init: RequestInit = {}, headers: Record<string, string> = {}) =>
  new Request(await page(who, headers, "/api"), init);

/** A guarded call in each framework: status and body. */
const calls = {
  next: async (request: Request) => {
    const handler = next.withSession(api.config, (_, { session }) => Response.json({ user: session.userId }), guard);
    const answered = await handler(request, {});
    expect(answered.headers.get("cache-control")).toBe("private, no-store");
    return { status: answered.status, body: await answered.json() };
  },
  nuxt: async (request: Request) => {
    const node = { res: { setHeader() {} } };
    const event = { method: request.method, path: "/api", headers: request.headers, node, context: {} };
    try {
      const config = { ...api.config, website: "http://site.test" };
      return { status: 200, body: { user: (await nuxt.requireServerSession(event, config, guard)).userId } };
    } catch (thrown) {
      const { statusCode, data } = thrown as { statusCode: number; data: unknown };
      expect((thrown as object).constructor).toHaveProperty("__h3_error__", true);
      return { status: statusCode, body: data };
    }
  },
  remix: async (request: Request) => {
    try {
      return { status: 200, body: { user: (await remix.requireServerSession(request, api.config, guard)).userId } };
    } catch (thrown) {
      const answer = thrown as Response;
      return { status: answer.status, body: await answer.json() };
    }
  },
  sveltekit: async (request: Request) => {
    try {
      return {
        status: 200,
        body: { user: (await sveltekit.requireServerSession({ request }, api.config, guard)).userId },
      };
    } catch (thrown) {
      const [, status, body] = (thrown as Thrown).what;
      return { status, body };
    }
  },
};
for (const [name, answer] of Object.entries(calls)) {
  test(`${name}: a call is answered as the API would answer it`, async () => {
    expect(await answer(await call("staff"))).toEqual({ status: 200, body: { user: "ada" } });
    expect(await answer(await call("stranger"))).toEqual({ status: 401, body: { message: "unauthorised" } });
    expect(await answer(await call("expired"))).toEqual({ status: 401, body: { message: "try refresh token" } });
    expect(await answer(await call("tampered"))).toEqual({ status: 401, body: { message: "try refresh token" } });
    const claimValidationErrors = [{ id: "staff", reason: "no staff" }];
    expect(await answer(await call("user"))).toEqual({
      status: 403,
      body: { message: "invalid claim", claimValidationErrors },
    });
    api.now += 4_000_000;
    api.instead = () => new Response(null, { status: 503 });
    expect(await answer(await call("staff"))).toMatchObject({ status: 503 });
  });

  test(`${name}: what changes something must come from a page of this site`, async () => {
    const status = async (headers: Record<string, string>) =>
      (await answer(await call("staff", { method: "POST" }, { "sec-fetch-site": "", ...headers }))).status;
    for (const good of [
      { "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { origin: "http://site.test" },
      { "sec-fetch-site": "cross-site", rid: "anti-csrf" },
      {},
    ])
      expect(await status(good), JSON.stringify(good)).toBe(200);
    for (const bad of [{ "sec-fetch-site": "cross-site" }, { origin: "http://evil.test" }, { origin: "null" }])
      expect(await status(bad), JSON.stringify(bad)).toBe(403);
    expect((await answer(await call("staff", {}, { "sec-fetch-site": "cross-site" }))).status).toBe(200);
  });
}

test("next: an action is run for somebody, and says why it was not", async () => {
  const run = next.ensureSession(api.config, (session, text: string) => `${session.userId}: ${text}`, guard);
  const as = async (who: Who) => {
    framework.headers = (await page(who)).headers;
    return run("hello");
  };
  expect(await as("staff")).toEqual({ ok: true, value: "ada: hello" });
  expect(await as("user")).toEqual({ ok: false, status: "denied", error: { id: "staff", reason: "no staff" } });
  expect(await as("stranger")).toEqual({ ok: false, status: "absent" });
  expect(await as("expired")).toEqual({ ok: false, status: "expired" });
});

test("next: pages of the pages router get a snapshot beside their props", async () => {
  const ask = async (who: Who) => {
    const headers: Record<string, string> = {};
    const { cookie } = Object.fromEntries((await page(who)).headers);
    const load = next.withSessionProps(
      api.config,
      ({ session }) => ({ props: { who: session.userId ?? null } }),
      guard,
    );
    const res = { setHeader: (name: string, value: string) => Object.assign(headers, { [name]: value }) };
    const result = await load({
      req: { headers: cookie === undefined ? {} : { cookie } },
      res,
      resolvedUrl: "/page?a=b",
    });
    expect(headers["cache-control"]).toBe("private, no-store");
    return result;
  };
  expect(await ask("staff")).toMatchObject({
    props: { who: "ada", session: { status: "authenticated", userId: "ada" } },
  });
  expect(JSON.stringify(await ask("staff"))).not.toContain("secret");
  expect(await ask("expired")).toEqual({ props: { who: null, session: { status: "loading" } } });
  expect(await ask("stranger")).toEqual({ redirect: { destination: LOGIN, permanent: false } });
  expect(await ask("user")).toEqual({ notFound: true });
});

test("nuxt: the page starts from what the server has rendered, and guards ask the same of both", async () => {
  const request = await page("staff");
  const context = {};
  const node = { res: { setHeader() {} } };
  const config = { ...api.config, website: "http://site.test", payloadFilter: () => ({ shown: 1 }) };
  await nuxt.sessionHandler(config)({ method: "GET", path: "/page", headers: request.headers, node, context });

  const payload: Record<string, unknown> = {};
  const server = { payload, ssrContext: { event: { context } } };
  const { provide } = nuxt.sessionPlugin()(server);
  expect(provide.session.snapshot()).toEqual(payload.session);
  expect(payload.session).toMatchObject({ status: "authenticated", userId: "ada", payload: { shown: 1 } });
  expect(JSON.stringify(payload)).not.toContain("secret");
  expect(await nuxt.guardRoute({ ...server, $session: provide.session }, "/page", guard)).toEqual({ action: "render" });

  const send = vi.fn(async () => new Response(null, { status: 500 }));
  const browser = { payload: JSON.parse(JSON.stringify(payload)) };
  const { session } = nuxt.sessionPlugin({ platform: { fetch: send }, now: () => api.now })(browser).provide;
  expect(session.initial).toEqual(payload.session);
  expect(await nuxt.guardRoute({ ...browser, $session: session }, "/page", { loginUrl: "/login" })).toEqual({
    action: "render",
  });
  expect(send).not.toHaveBeenCalled();
});

test("nuxt: the first page in the browser is the server's; what it could not tell is asked after that", async () => {
  const send = vi.fn(async () => new Response(null, { status: 401 }));
  const platform = { fetch: send, location: { href: "http://site.test/" } };
  const app = { payload: { session: { status: "loading" } } };
  const { session } = nuxt.sessionPlugin({ platform } as object)(app).provide;
  const says = (isHydrating: boolean) => nuxt.guardRoute({ ...app, isHydrating, $session: session }, "/page", guard);
  expect(await says(true)).toEqual({ action: "wait" });
  expect(send).not.toHaveBeenCalled();
  expect(await says(false)).toMatchObject({ action: "redirect", reason: "no-session" });
  expect(send).toHaveBeenCalledTimes(1);
});

test("nuxt: its own files are fetched without a session", async () => {
  const sent: [path: string, rid: boolean][] = [];
  const platform = {
    fetch: async (input: RequestInfo | URL) => {
      const { url, headers } = input as Request;
      if (headers) sent.push([new URL(url).pathname, headers.has("rid")]);
      return new Response(null, { headers: { "front-token": "remove" } });
    },
    location: { href: "http://site.test/" },
  };
  const fetchAll = async ($config?: { app: { baseURL?: string; buildAssetsDir?: string } }) => {
    sent.length = 0;
    const { session } = nuxt.sessionPlugin({ platform } as object)({
      payload: {},
      ...($config && { $config }),
    }).provide;
    for (const path of ["/_nuxt/builds/meta.json", "/shop/files/a.js", "/api/note"]) {
      const request = new Request(`http://site.test${path}`);
      await session.fetch(request);
    }
    return sent.filter(([, rid]) => !rid).map(([path]) => path);
  };
  expect(await fetchAll()).toEqual(["/_nuxt/builds/meta.json"]);
  expect(await fetchAll({ app: { baseURL: "/shop/", buildAssetsDir: "/files/" } })).toEqual(["/shop/files/a.js"]);
});

test("nuxt: a request of any shape is no reason to fail", async () => {
  for (const [path, host] of [
    ["//evil.test", "site.test"],
    ["http://evil.test/", "site.test"],
    ["", "site.test"],
    ["/page", "a b"],
    ["/page", ""],
    ["/page", "site.test:99999"],
    ["/%", "[::1"],
  ] as const) {
    const node = { res: { setHeader() {} } };
    const headers = new Headers({ ...Object.fromEntries((await page("expired")).headers), host });
    const answered = await nuxt.sessionHandler(api.config)({ method: "GET", path, headers, node, context: {} });
    expect(answered?.headers.get("location"), `${host} ${path}`).toMatch(
      /^\/auth\/session\/refresh\/hop\?nonce=[\w-]+&to=%2F(page|%2525|%25)?$/,
    );
  }
});

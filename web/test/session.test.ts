import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSession, SessionError } from "../src/index.js";
import { held, noNetwork, open, status } from "./setup.js";

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

describe.each(["cookie", "header"] as const)("tokens in %ss", (mode) => {
  test("a new visitor is asked about once", async () => {
    const { client, server, events } = open({ mode });
    expect(client.snapshot().status).toBe("loading");
    expect(await client.exists()).toBe(false);
    expect(await client.exists()).toBe(false);
    expect(server.refreshes).toBe(1);
    expect(events).toEqual([]);
    expect(client.snapshot().status).toBe("unauthenticated");
  });

  test("a probe that fails is no answer, and is made again", async () => {
    const { client, server, browser } = open({ mode });
    server.instead.push(status(500));
    expect(await client.exists()).toBe(false);
    expect(browser.document.cookie).toBe("");
    await client.exists();
    expect(server.refreshes).toBe(2);
  });

  test("a sign-in is seen, and waits for no probe", async () => {
    const { client, server, events, signIn } = open({ mode });
    await signIn("ada");
    expect(server.log).toEqual(["POST /auth/signin"]);
    expect(events).toEqual(["SESSION_CREATED"]);
    expect(client.snapshot()).toMatchObject({ status: "authenticated", userId: "ada" });
    expect(await client.payload()).toMatchObject({ sub: "ada" });
  });

  test("requests carry what the server asks for", async () => {
    const { server, signIn, call } = open({ mode });
    await signIn("ada");
    await call("/me", { headers: { rid: "mine" } });
    const { headers, credentials } = server.requests.at(-1) as Request;
    expect(headers.get("rid")).toBe("mine");
    expect(headers.get("st-auth-mode")).toBe(mode);
    expect(credentials).toBe("include");
    expect(headers.get("authorization")).toBe(mode === "header" ? "Bearer access-ada-1" : null);
  });

  test("an expired token is refreshed before it is sent", async () => {
    const { server, events, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    events.length = 0;
    expect(await (await call()).text()).toBe("ada:");
    expect(server.log.slice(1)).toEqual(["POST /auth/session/refresh", "GET /me"]);
    expect(events).toEqual(["ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]);
  });

  test("a hundred calls with an expired token refresh once", async () => {
    const { server, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    const answers = await Promise.all(Array.from({ length: 100 }, () => call()));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(server.refreshes).toBe(1);
  });

  test("a 401 that comes after somebody else's refresh is answered by trying again", async () => {
    const { server, signIn, call } = open({ mode });
    await signIn("ada");
    const late = held();
    server.instead.push(late.answer);
    const slow = call();
    await vi.waitFor(() => expect(server.log).toContain("GET /me"));
    server.expire();
    expect((await call("/other")).status).toBe(200);
    late.release(new Response("{}", { status: 401 }));
    expect((await slow).status).toBe(200);
    expect(server.refreshes).toBe(1);
  });

  test.each([
    [undefined, 3],
    [5, 5],
    [0, 0],
  ])(
    "an API that always answers 401 causes few refreshes, and then none for a minute (retries %s)",
    async (retries, most) => {
      const logged = vi.spyOn(console, "error").mockImplementation(() => {});
      const { client, server, signIn, call } = open({ mode }, retries === undefined ? {} : { retries });
      await signIn("ada");
      const always = () => {
        if (server.log.at(-1) === "GET /wrong") return new Response("{}", { status: 401 });
        return undefined;
      };
      const wrong = async () => {
        server.instead.splice(0, Infinity, ...Array.from({ length: 40 }, () => always));
        const answer = await call("/wrong");
        server.instead.length = 0;
        return answer.status;
      };
      expect(await wrong()).toBe(401);
      expect(server.refreshes).toBe(most);
      expect(await wrong()).toBe(401);
      expect(server.refreshes).toBe(most);
      expect(logged).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(60_000);
      await wrong();
      expect(server.refreshes).toBe(2 * most);
      expect(await client.exists()).toBe(true);
      logged.mockRestore();
    },
  );

  test("a session that the server has ended is gone, and that is told once", async () => {
    const { client, browser, server, events, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    server.revoke();
    events.length = 0;
    expect((await call()).status).toBe(401);
    expect(events).toEqual(["UNAUTHORISED(true)"]);
    expect(client.snapshot().status).toBe("unauthenticated");
    expect(browser.document.cookie).toMatch(/^st-last-access-token-update=[^;]*$/);
    await call();
    expect(server.refreshes).toBe(1);
  });

  test("a 401 that takes the session itself causes no refresh", async () => {
    const { server, events, signIn, call } = open({ mode });
    await signIn("ada");
    server.instead.push(status(401, { "front-token": "remove" }));
    events.length = 0;
    expect((await call()).status).toBe(401);
    expect(server.refreshes).toBe(0);
    expect(events).toEqual(["UNAUTHORISED(true)"]);
  });

  test("a refresh that is answered 401 without headers ends the session, too", async () => {
    const { client, server, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    server.instead.push(status(401));
    await call();
    expect(client.snapshot().status).toBe("unauthenticated");
  });

  test.each([500, 502, 503, 429, 404, 403])("a refresh that is answered %s keeps the session", async (code) => {
    const { client, server, events, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    events.length = 0;
    server.instead.push(status(code));
    expect(await client.exists({ onNetworkError: "false" })).toBe(false);
    expect(client.snapshot()).toMatchObject({ status: "unknown", userId: "ada" });
    expect(events).toEqual(["REFRESH_FAILED"]);
    expect((await call()).status).toBe(200);
    expect(client.snapshot().status).toBe("authenticated");
  });

  test("a refresh that no network answers is tried once more, with the same token", async () => {
    const { server, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    server.instead.push(noNetwork);
    const answer = call();
    await vi.advanceTimersByTimeAsync(1000);
    expect((await answer).status).toBe(200);
    expect(server.refreshes).toBe(2);
  });

  test("a busy server is left alone for as long as it asks", async () => {
    const { client, server, signIn } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    server.instead.push(status(503, { "retry-after": "30" }));
    await client.exists();
    await client.exists();
    expect(server.refreshes).toBe(1);
    vi.advanceTimersByTime(30_000);
    expect(await client.exists({ onNetworkError: "throw" })).toBe(true);
    expect(server.refreshes).toBe(2);
  });

  test("a refresh without a front token is repeated once, then told to be a mistake of configuration", async () => {
    const { client, server, signIn } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    server.instead.push(status(200));
    expect(await client.refresh()).toBe(true);
    expect(server.refreshes).toBe(2);
    server.instead.push(status(200), status(200));
    await expect(client.refresh()).rejects.toMatchObject({ code: "config", retryable: false });
    expect(client.snapshot().status).toBe("authenticated");
  });

  test("a caller that gives up does not end the refresh that others wait for", async () => {
    const { server, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    const late = held();
    server.instead.push(late.answer);
    const caller = new AbortController();
    const aborted = call("/me", { signal: caller.signal });
    const patient = call("/other");
    await vi.waitFor(() => expect(server.refreshes).toBe(1));
    caller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    late.release(server.issue("{}"));
    expect((await patient).status).toBe(200);
    expect(server.refreshes).toBe(1);
  });

  test("a body is sent again as it was", async () => {
    const { server, signIn, call } = open({ mode });
    await signIn("ada");
    server.expire();
    expect(await (await call("/me", { method: "POST", body: "héllo" })).text()).toBe("ada:héllo");
    expect(server.log.slice(1)).toEqual(["POST /me", "POST /auth/session/refresh", "POST /me"]);
  });

  test("a request object is sent again as it was", async () => {
    const { client, server, signIn } = open({ mode });
    await signIn("ada");
    server.expire();
    const request = new Request(`${server.origin}/me`, { method: "PUT", body: "x", headers: { "x-mine": "1" } });
    expect(await (await client.fetch(request)).text()).toBe("ada:x");
    expect(server.requests.at(-1)?.headers.get("x-mine")).toBe("1");
  });

  test("a stream is not sent again", async () => {
    const { server, signIn, call } = open({ mode });
    await signIn("ada");
    server.expire();
    const body = new Blob(["x"]).stream();
    expect((await call("/me", { method: "POST", body, duplex: "half" } as RequestInit)).status).toBe(401);
    expect(server.refreshes).toBe(0);
  });

  test("a sign-out ends it here and in other tabs, which ask nobody", async () => {
    const { client, events, signIn, tab, server } = open({ mode });
    await signIn("ada");
    const other = tab();
    expect(await other.client.userId()).toBe("ada");
    const calls = server.log.length;
    await client.signOut();
    await vi.waitFor(() => expect(other.client.snapshot().status).toBe("unauthenticated"));
    expect(events.at(-1)).toBe("SIGN_OUT");
    expect(other.events).toEqual(["SIGN_OUT elsewhere"]);
    expect(server.log.slice(calls)).toEqual(["POST /auth/signout"]);
  });

  test("two tabs that expire at once refresh once", async () => {
    const { server, signIn, call, tab } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    const other = tab();
    vi.advanceTimersByTime(61_000);
    const answers = await Promise.all([call(), other.call(), call(), other.call()]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(server.refreshes).toBe(1);
    expect(await other.client.payload()).toMatchObject({ sub: "ada" });
  });

  test("a tab that shows the sign-in page learns of a sign-in elsewhere, and of another user", async () => {
    const { client, signIn, tab } = open({ mode });
    const other = tab();
    await other.client.ready();
    await signIn("ada");
    await vi.waitFor(() => expect(other.client.snapshot().userId).toBe("ada"));
    await client.signOut();
    await signIn("bob");
    await vi.waitFor(() => expect(other.client.snapshot().userId).toBe("bob"));
  });

  test("a tab that heard nothing while it was frozen looks when it is shown again", async () => {
    const { signIn, tab, browser } = open({ mode });
    await signIn("ada");
    const other = tab();
    browser.deaf = true;
    await signIn("bob");
    expect(other.client.snapshot().userId).toBe("ada");
    other.window.dispatch("pageshow");
    await vi.waitFor(() => expect(other.client.snapshot().userId).toBe("bob"));
    expect(other.events).toContain("USER_CHANGED elsewhere");
  });

  test("an offline start shows what is known, and is settled once when the network is back", async () => {
    const { server, signIn, tab } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    server.instead.push(noNetwork, noNetwork);
    const later = tab();
    expect(later.client.snapshot().status).toBe("loading");
    const ready = later.client.ready();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await ready).toMatchObject({ status: "unknown", userId: "ada" });
    later.window.dispatch("online");
    await vi.waitFor(() => expect(later.client.snapshot().status).toBe("authenticated"));
    expect(server.refreshes).toBe(3);
  });

  test("a 403 tells which claims fail, and can be read", async () => {
    const { client, server, signIn, call } = open({ mode });
    await signIn("ada");
    const heard = vi.fn();
    client.on("API_INVALID_CLAIM", heard);
    const claimValidationErrors = [{ id: "st-role", reason: { message: "wrong value" } }];
    server.instead.push(() => Response.json({ message: "invalid claim", claimValidationErrors }, { status: 403 }));
    const answer = await call();
    expect(heard).toHaveBeenCalledWith({ type: "API_INVALID_CLAIM", claimValidationErrors, origin: "local" });
    expect(await client.claims.invalidFrom(answer)).toEqual(claimValidationErrors);
    expect(await answer.json()).toMatchObject({ message: "invalid claim" });
    server.instead.push(
      () => new Response("no", { status: 403 }),
      () => new Response(null, { status: 403 }),
    );
    await call();
    await call();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test("what a handler throws hurts nobody", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const { client, events, signIn } = open({ mode });
    client.on("SESSION_CREATED", () => {
      throw new Error("mine");
    });
    const changed = vi.fn();
    client.subscribe(changed);
    await signIn("ada");
    expect(events).toEqual(["SESSION_CREATED"]);
    expect(changed).toHaveBeenCalled();
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
  });

  test("the snapshot is the same object until something changes", async () => {
    const { client, signIn, call } = open({ mode });
    await signIn("ada");
    const before = client.snapshot();
    await call();
    expect(client.snapshot()).toBe(before);
  });

  test("nothing that is logged or thrown holds a token", async () => {
    const said: unknown[] = [];
    const spies = (["error", "warn", "log", "debug", "info"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...words) => void said.push(...words)),
    );
    const { client, server, signIn, call } = open({ mode, validityMs: 60_000, antiCsrf: true });
    await signIn("ada");
    client.on("*", (event) => said.push(JSON.stringify(event)));
    server.instead.push(status(401), status(500));
    await call();
    vi.advanceTimersByTime(61_000);
    server.instead.push(status(500));
    await client.payload().catch((error) => said.push(error.message, JSON.stringify(error)));
    expect(said.length).toBeGreaterThan(2);
    expect(said.join("\n")).not.toMatch(/access-ada|refresh-ada|csrf-ada/);
    for (const spy of spies) spy.mockRestore();
  });
});

test("anti-CSRF tokens are sent, change with refreshes, and are shared by tabs", async () => {
  const { server, signIn, call, tab } = open({ antiCsrf: true });
  await signIn("ada");
  expect((await call("/me", { method: "POST" })).status).toBe(200);
  server.expire();
  expect((await call()).status).toBe(200);
  expect((await tab().call("/me", { method: "POST" })).status).toBe(200);
  expect(server.requests.at(-1)?.headers.get("anti-csrf")).toBe("csrf-ada-2");
});

test("who has lost the script's cookies only is still signed in after one refresh", async () => {
  const { client, browser, server, signIn, events } = open();
  await signIn("ada");
  browser.document.jar.clear();
  events.length = 0;
  expect(await client.exists()).toBe(true);
  expect(server.refreshes).toBe(1);
  expect(events).toEqual(["SESSION_CREATED", "REFRESH_SESSION"]);
});

test("who has lost them and has anti-CSRF tokens is signed out cleanly", async () => {
  const { client, browser, signIn } = open({ antiCsrf: true });
  await signIn("ada");
  browser.document.jar.clear();
  expect(await client.exists()).toBe(false);
});

test("tokens in headers survive the loss of the script's cookies", async () => {
  const { browser, server, signIn, tab } = open({ mode: "header" });
  await signIn("ada");
  browser.document.jar.clear();
  expect(await tab().client.exists()).toBe(true);
  expect(server.refreshes).toBe(1);
});

test("a call without a session that is answered 401 is told to be unauthorised", async () => {
  const { events, call } = open();
  expect((await call()).status).toBe(401);
  expect(events).toEqual(["UNAUTHORISED(false)"]);
});

test("a corrupted front token is none, and a refresh mends it", async () => {
  const { client, browser, server, signIn } = open();
  await signIn("ada");
  browser.document.cookie = "sFrontToken=%%%;path=/";
  browser.document.cookie = "st-last-access-token-update=1;path=/";
  expect(await client.userId()).toBe("ada");
  expect(await client.exists()).toBe(true);
  expect(server.refreshes).toBe(1);
});

test("an access token that only pages read is never sent", async () => {
  const { client, server, signIn, call } = open();
  server.instead.push(() => {
    server.user = "ada";
    const answer = server.issue("ada");
    answer.headers.set("st-access-token", "exposed");
    return answer;
  });
  await signIn("ada");
  expect(await client.accessToken()).toBe("exposed");
  await call();
  expect(server.requests.at(-1)?.headers.get("authorization")).toBeNull();
});

test("a proxy that drops empty headers still signs out, one that drops the front token is no harm", async () => {
  const { client, server, browser, signIn } = open({ mode: "header" });
  const up = { sub: "ada", exp: 1_700_003_600, iat: 1_700_000_000, name: "Ä" };
  const jwt = `x.${Buffer.from(JSON.stringify(up)).toString("base64url")}.y`;
  server.instead.push(
    () => new Response("ada", { headers: { "st-access-token": jwt, "st-refresh-token": "refresh-ada-1" } }),
  );
  await signIn("ada");
  expect(await client.payload()).toEqual(up);
  server.instead.push(status(200, { "front-token": "remove" }));
  await client.signOut();
  expect(browser.localStorage.kept.get("hallpass")).not.toContain("refresh-ada");
});

test("a slow answer to one user does not end the session of the next", async () => {
  const { client, server, signIn, call } = open({ mode: "header" });
  await signIn("ada");
  const late = held();
  server.instead.push(late.answer);
  const slow = call();
  await vi.waitFor(() => expect(server.log.at(-1)).toBe("GET /me"));
  await signIn("bob");
  late.release(new Response("{}", { headers: { "front-token": "remove" } }));
  await slow;
  expect(await client.userId()).toBe("bob");
});

test("an app's own copy of our token is replaced, a foreign one is left alone", async () => {
  const { client, server, signIn, call } = open({ mode: "header" });
  await signIn("ada");
  const token = await client.accessToken();
  await call();
  server.expire();
  expect((await call("/me", { headers: { AUTHORIZATION: `Bearer ${token}` } })).status).toBe(200);
  await call("/open", { headers: { authorization: "Basic abc" } });
  expect(server.requests.at(-1)?.headers.get("authorization")).toBe("Basic abc");
});

test("tokens are not written to an unencrypted address of an encrypted API", async () => {
  const { client, server, signIn } = open({ mode: "header" });
  await signIn("ada");
  await client.fetch(server.origin.replace("https:", "http:"));
  expect(server.requests.at(-1)?.headers.get("authorization")).toBeNull();
});

test("other hosts get requests untouched", async () => {
  const { client, server, signIn } = open({ mode: "header" });
  await signIn("ada");
  await client.fetch("https://elsewhere.example/x");
  expect([...(server.requests.at(-1)?.headers.keys() ?? [])]).toEqual([]);
});

test.each([
  ["/me", "https://www.example.com/me"],
  ["data/list.json", "https://www.example.com/app/data/list.json"],
  ["//www.example.com/x", "https://www.example.com/x"],
])("an API at the page's own host is found by %s", async (address, url) => {
  const { browser, server } = open();
  const client = createSession({ platform: browser.tab(), probe: "never" });
  await client.fetch(address);
  expect(server.requests.at(-1)?.url).toBe(url);
  expect(server.requests.at(-1)?.headers.get("rid")).toBe("anti-csrf");
});

test("credentials that a caller leaves out stay out", async () => {
  const { server, call } = open({}, { probe: "never" });
  await call("/open", { credentials: "omit" });
  expect(server.requests.at(-1)?.credentials).toBe("omit");
});

test("answers that mean 401 in other words cause a refresh", async () => {
  const isUnauthorised = async (response: Response) => (await response.text()).includes("UNAUTHENTICATED");
  const { server, signIn, call } = open({}, { isUnauthorised });
  await signIn("ada");
  server.instead.push(() => new Response('{"errors":["UNAUTHENTICATED"]}'));
  expect(await (await call()).text()).toBe("ada:");
  expect(server.refreshes).toBe(1);
});

test.each([
  ["lazy", 0, 1],
  ["never", 0, 1],
] as const)("probe %s asks nobody by itself", async (probe, before, after) => {
  const { client, server, call } = open({}, { probe });
  expect(await client.exists()).toBe(false);
  expect(server.refreshes).toBe(before);
  await call();
  expect(server.refreshes).toBe(probe === "lazy" ? after : 0);
});

test("a refresh that hangs is given up, and the next one is made", async () => {
  vi.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("late", "TimeoutError")), milliseconds);
    return controller.signal;
  });
  const { client, server, signIn } = open({ validityMs: 60_000 });
  await signIn("ada");
  vi.advanceTimersByTime(61_000);
  server.instead.push(
    (request) => new Promise((_, fail) => request.signal.addEventListener("abort", () => fail(request.signal.reason))),
  );
  const asked = client.exists({ onNetworkError: "throw" });
  const refused = expect(asked).rejects.toMatchObject({ code: "network" });
  await vi.advanceTimersByTimeAsync(20_000);
  await refused;
  expect(server.refreshes).toBe(1);
  expect(await client.refresh()).toBe(true);
  vi.restoreAllMocks();
});

test.each([3_600_000, -3_600_000])("a clock that is %s ms ahead causes no refreshes", async (ahead) => {
  const { client, server, signIn, call } = open({ validityMs: 60_000 }, { now: () => Date.now() + ahead });
  await signIn("ada");
  await call();
  await client.payload();
  expect(server.refreshes).toBe(0);
  expect(Math.abs(client.now() - Date.now())).toBeLessThan(1000);
  vi.advanceTimersByTime(61_000);
  await call();
  expect(server.refreshes).toBe(1);
});

test("a token is fetched early enough for who needs it for a while", async () => {
  const { client, server, signIn } = open({ mode: "header", validityMs: 60_000 });
  await signIn("ada");
  expect(await client.accessToken({ minTtlMs: 30_000 })).toBe("access-ada-1");
  vi.advanceTimersByTime(31_000);
  expect(await client.accessToken({ minTtlMs: 30_000 })).toBe("access-ada-2");
  expect(await client.refresh({ ifExpiresWithinMs: 1000 })).toBe(true);
  expect(server.refreshes).toBe(1);
  await client.refresh();
  expect(server.refreshes).toBe(2);
});

test("without a session there is nothing to ask for", async () => {
  const { client } = open();
  await expect(client.userId()).rejects.toBeInstanceOf(SessionError);
  await expect(client.payload()).rejects.toMatchObject({ code: "no-session" });
  expect(await client.accessToken()).toBeUndefined();
  expect(await client.refresh()).toBe(false);
});

test("a large payload does not leave an old one behind", async () => {
  const { client, browser, server, events, signIn, call, tab } = open();
  await signIn("ada");
  server.payload = { permissions: "p".repeat(6000) };
  await client.refresh();
  expect(await client.payload()).toMatchObject(server.payload);
  expect(browser.document.cookie).toContain("st-front-overflow=1");
  expect(browser.document.cookie).not.toContain("sFrontToken");
  expect(events).toContain("STORAGE_DEGRADED");
  expect(await tab().client.payload()).toMatchObject(server.payload);
  await call();
  expect(server.refreshes).toBe(1);
});

test.each(["emoji 😀", "\u2028", "עברית", "\ud800"])("a payload with %j is the server's", async (name) => {
  const { client, signIn } = open({ payload: { name } });
  await signIn("ädä");
  expect((await client.payload())["name"]).toBe(name);
  expect(await client.userId()).toBe("ädä");
});

test("what a server rendered holds without asking, until something else is kept", async () => {
  const initial = {
    status: "authenticated",
    userId: "ada",
    payload: { a: 1 },
    expiresAt: Date.now() + 60_000,
  } as const;
  const { client, server, signIn } = open({}, { initial });
  expect(client.snapshot()).toBe(initial);
  expect(await client.ready()).toBe(initial);
  expect(await client.userId()).toBe("ada");
  expect(server.log).toEqual([]);
  await signIn("bob");
  expect(await client.userId()).toBe("bob");
});

test("what a server could not tell is left to the client", async () => {
  const { client, server } = open({}, { initial: { status: "loading" } });
  expect(client.snapshot()).toEqual({ status: "loading" });
  expect(server.refreshes).toBe(0);
  expect(await client.ready()).toEqual({ status: "unauthenticated" });
  expect(server.refreshes).toBe(1);
});

test("a client on a server holds nothing and knows nothing", () => {
  const client = createSession({ platform: { fetch: () => Promise.reject(new Error("not called")) } });
  expect(client.snapshot()).toEqual({ status: "loading" });
});

test("a page that the browser prepares ahead asks nothing before it is shown", async () => {
  const { server, browser } = open();
  const events = new EventTarget();
  const document = Object.assign(Object.create(browser.document), {
    prerendering: true,
    addEventListener: events.addEventListener.bind(events),
  });
  const client = createSession({ api: `${server.origin}/auth`, platform: browser.tab({ document }) });
  const ready = client.ready();
  const exists = client.exists();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(client.snapshot()).toEqual({ status: "loading" });
  expect(server.log).toEqual([]);
  document.prerendering = false;
  events.dispatchEvent(new Event("prerenderingchange"));
  expect(await ready).toEqual({ status: "unauthenticated" });
  expect(await exists).toBe(false);
  expect(server.log).toEqual(["POST /auth/session/refresh"]);
});

test("a whole top-level domain is refused", () => {
  expect(() => createSession({ apiDomain: "com" })).toThrow(SessionError);
  expect(() => createSession({ apiDomain: ".com" })).toThrow(SessionError);
});

test("a destroyed client listens no more", async () => {
  const { client, window, server, signIn, browser } = open();
  await signIn("ada");
  client.destroy();
  browser.document.jar.clear();
  window.dispatch("pageshow");
  await vi.advanceTimersByTimeAsync(10);
  expect(server.refreshes).toBe(0);
});

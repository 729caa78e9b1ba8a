import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as compat from "../src/compat/index.js";
import { FakeServer, type Script } from "../src/testing/index.js";
import { Browser } from "./browser.js";
import { noNetwork, status } from "./setup.js";

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  for (const name of ["__supertokensOriginalFetch", "hallpass:fetch", "hallpass:delegate"])
    Reflect.deleteProperty(globalThis, name);
});

/** A page that has started the SDK. */
function page(script: Script = {}, config: Partial<compat.Config> = {}) {
  const server = new FakeServer(script);
  const window = new Browser(server).tab();
  for (const name of ["fetch", "document", "location", "localStorage", "navigator"] as const)
    vi.stubGlobal(name, window[name]);
  const events: string[] = [];
  compat.init({
    apiDomain: server.origin,
    tokenTransferMethod: script.mode ?? "cookie",
    onHandleEvent: ({ action }) => events.push(action),
    ...config,
  });
  const call = (path = "/me", init?: RequestInit) => fetch(server.origin + path, init);
  return { server, events, call, signIn: (user: string) => call("/auth/signin", { method: "POST", body: user }) };
}

test("the page's own fetch carries the session", async () => {
  const { server, events, call, signIn } = page({ validityMs: 60_000 });
  expect(await compat.doesSessionExist()).toBe(false);
  await signIn("ada");
  expect(await compat.getUserId()).toBe("ada");
  expect(await compat.getAccessTokenPayloadSecurely()).toMatchObject({ sub: "ada" });
  expect(await compat.getAccessToken()).toBeUndefined();
  vi.advanceTimersByTime(61_000);
  expect((await call()).status).toBe(200);
  expect(server.refreshes).toBe(2);
  await compat.signOut();
  expect(await compat.doesSessionExist()).toBe(false);
  expect(events).toEqual(["SESSION_CREATED", "ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION", "SIGN_OUT"]);
});

test("a failed refresh is what the call yields", async () => {
  const { server, call, signIn } = page();
  await signIn("ada");
  server.instead.push(status(401), () => new Response("down", { status: 500 }));
  const answer = await call();
  expect([answer.status, await answer.text()]).toEqual([500, "down"]);
  server.instead.push(status(401), noNetwork, noNetwork);
  const refused = expect(call()).rejects.toThrow("Failed to fetch");
  await vi.advanceTimersByTimeAsync(1000);
  await refused;
});

test("a session that is over yields the answer of the refresh", async () => {
  const { server, call, signIn } = page();
  await signIn("ada");
  server.instead.push(status(401), () => new Response("over", { status: 401 }));
  expect(await (await call()).text()).toBe("over");
});

test("an API that always answers 401 makes the call throw", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const { server, call, signIn } = page({}, { maxRetryAttemptsForSessionRefresh: 0 });
  await signIn("ada");
  server.instead.push(status(401));
  await expect(call()).rejects.toThrow("401");
  expect(server.refreshes).toBe(0);
  logged.mockRestore();
});

test("a refresh throws the answer of the server, and is false without a session", async () => {
  const { server, signIn } = page();
  expect(await compat.attemptRefreshingSession()).toBe(false);
  await signIn("ada");
  expect(await compat.attemptRefreshingSession()).toBe(true);
  server.instead.push(status(503));
  await expect(compat.attemptRefreshingSession()).rejects.toMatchObject({ status: 503 });
});

test("a general error is marked as one", async () => {
  const { server, signIn } = page();
  await signIn("ada");
  server.instead.push(() => Response.json({ status: "GENERAL_ERROR", message: "not now" }));
  await expect(compat.signOut()).rejects.toMatchObject({ isSuperTokensGeneralError: true });
});

test("hooks see the SDK's own calls, and may change them", async () => {
  const seen: string[] = [];
  const { server, signIn } = page(
    {},
    {
      preAPIHook: async ({ action, requestInit, url }) => {
        seen.push(`before ${action}`);
        const headers = new Headers(requestInit.headers);
        headers.set("x-hook", "1");
        return { url: `${url}?hooked`, requestInit: { ...requestInit, headers } };
      },
      postAPIHook: async ({ action, fetchResponse }) =>
        void seen.push(`after ${action}: ${await fetchResponse.text()}`),
    },
  );
  await signIn("ada");
  await compat.attemptRefreshingSession();
  await compat.signOut();
  expect(seen).toEqual([
    "before REFRESH_SESSION",
    "after REFRESH_SESSION: {}",
    "before SIGN_OUT",
    'after SIGN_OUT: {"status":"OK"}',
  ]);
  expect(server.requests.slice(1).map(({ url, headers }) => [new URL(url).search, headers.get("x-hook")])).toEqual([
    ["?hooked", "1"],
    ["?hooked", "1"],
  ]);
});

test("requests that say so are not intercepted", async () => {
  const { server, call, signIn } = page({ mode: "header" });
  await signIn("ada");
  await call("/me?superTokensDoNotDoInterception");
  expect(server.requests.at(-1)?.headers.has("authorization")).toBe(false);
});

test("claims are asked by either style of arguments", async () => {
  const { signIn } = page({ payload: { plan: { v: "pro", t: 1 } } });
  await signIn("ada");
  const plan = new compat.PrimitiveClaim<string>({ id: "plan", refresh: () => {} });
  expect(await compat.getClaimValue({ claim: plan })).toBe("pro");
  expect(await compat.validateClaims()).toEqual([]);
  expect(await compat.validateClaims((global) => [...global, plan.validators.hasValue("free")])).toHaveLength(1);
  const overrideGlobalClaimValidators = () => [plan.validators.hasValue("pro")];
  expect(await compat.validateClaims({ overrideGlobalClaimValidators })).toEqual([]);
  const response = { data: JSON.stringify({ claimValidationErrors: [{ id: "x" }] }) };
  expect(await compat.getInvalidClaimsFromResponse({ response })).toEqual([{ id: "x" }]);
});

test("functions can be overridden", async () => {
  page({}, { override: { functions: (original) => ({ ...original, getUserId: async () => "mine" }) } });
  expect(await compat.getUserId()).toBe("mine");
});

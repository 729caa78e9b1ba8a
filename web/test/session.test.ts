import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSession, type SessionOptions } from "../src/index.js";
import { FakeServer, type Script } from "../src/testing/index.js";
import { Browser } from "./browser.js";

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

/** A client in a tab of a browser, and what it was told. */
function open(script: Script = {}, options: SessionOptions = {}) {
  const backend = new FakeServer(script);
  const browser = new Browser(backend);
  const tab = (more: SessionOptions = {}) => {
    const client = createSession({
      api: `${backend.origin}/auth`,
      mode: script.mode ?? "cookie",
      platform: browser.tab(),
      ...options,
      ...more,
    });
    const events: string[] = [];
    client.on("*", (event) => events.push(event.origin === "local" ? event.type : `${event.type} elsewhere`));
    return { client, events };
  };
  const call = (client = first.client, path = "/me", init?: RequestInit) => client.fetch(backend.origin + path, init);
  const signIn = (user: string, client = first.client) => call(client, "/login", { method: "POST", body: user });
  const first = tab();
  return { backend, browser, tab, call, signIn, ...first };
}

for (const mode of ["cookie", "header"] as const) {
  test(`a new visitor is asked about once (${mode})`, async () => {
    const { client, backend, events } = open({ mode });
    expect(client.snapshot().status).toBe("loading");
    expect(await client.exists()).toBe(false);
    expect(await client.exists()).toBe(false);
    expect(backend.refreshes).toBe(1);
    expect(events).toEqual([]);
    expect(client.snapshot().status).toBe("unauthenticated");
  });

  test(`a sign-in is seen, and does not wait for a probe (${mode})`, async () => {
    const { client, backend, events, signIn } = open({ mode });
    await signIn("ada");
    expect(await client.userId()).toBe("ada");
    expect(client.snapshot()).toMatchObject({ status: "authenticated", userId: "ada" });
    expect(events).toContain("SESSION_CREATED");
    expect(backend.log.at(-1)).toBe("POST /login");
  });

  test(`an expired token is refreshed before it is sent (${mode})`, async () => {
    const { backend, events, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    events.length = 0;
    expect(await (await call()).text()).toBe("ada:");
    expect(backend.log.slice(-2)).toEqual(["POST /auth/session/refresh", "GET /me"]);
    expect(events).toEqual(["ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]);
  });

  test(`a hundred calls with an expired token refresh once (${mode})`, async () => {
    const { backend, signIn, call } = open({ mode, validityMs: 60_000 });
    await signIn("ada");
    const before = backend.refreshes;
    vi.advanceTimersByTime(61_000);
    const answers = await Promise.all(Array.from({ length: 100 }, () => call()));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(backend.refreshes - before).toBe(1);
  });

  test(`a sign-out ends it here and in other tabs (${mode})`, async () => {
    const { client, events, signIn, tab, backend } = open({ mode });
    await signIn("ada");
    const other = tab();
    expect(await other.client.userId()).toBe("ada");
    const calls = backend.log.length;
    await client.signOut();
    await vi.waitFor(() => expect(other.client.snapshot().status).toBe("unauthenticated"));
    expect(events.at(-1)).toBe("SIGN_OUT");
    expect(other.events).toEqual(["SIGN_OUT elsewhere"]);
    expect(backend.log.slice(calls)).toEqual(["POST /auth/signout"]);
  });
}

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noNetwork, open, status } from "./setup.js";

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

test("an expired session is refreshed to be ended", async () => {
  const { client, server, events, signIn } = open({ validityMs: 60_000 });
  await signIn("ada");
  vi.advanceTimersByTime(61_000);
  await client.signOut();
  expect(server.log.slice(1)).toEqual(["POST /auth/session/refresh", "POST /auth/signout"]);
  expect(events.filter((type) => type === "SIGN_OUT")).toHaveLength(1);
});

test("one that the server has ended already is no error", async () => {
  const { client, server, events, signIn } = open();
  await signIn("ada");
  server.revoke();
  await client.signOut();
  expect(events.at(-1)).toBe("UNAUTHORISED(true)");
});

test("where there is none nobody is asked", async () => {
  const { client, server, events } = open();
  await client.ready();
  const calls = server.log.length;
  await client.signOut();
  expect(server.log).toHaveLength(calls);
  expect(events).toEqual(["SIGN_OUT"]);
});

test("a proxy that drops the header does not keep anybody signed in", async () => {
  const { client, server, events, signIn } = open();
  await signIn("ada");
  server.instead.push(() => Response.json({ status: "OK" }));
  await client.signOut();
  expect(client.snapshot().status).toBe("unauthenticated");
  expect(events.at(-1)).toBe("SIGN_OUT");
});

test.each([
  ["an error", status(500), { code: "http" }],
  ["a general error", () => Response.json({ status: "GENERAL_ERROR", message: "not now" }), { code: "general" }],
  ["no answer", noNetwork, { code: "network", retryable: true }],
])("%s leaves everything as it is", async (_, answer, error) => {
  const { client, server, signIn } = open();
  await signIn("ada");
  server.instead.push(answer);
  await expect(client.signOut()).rejects.toMatchObject(error);
  expect(client.snapshot().status).toBe("authenticated");
});

test("offline it ends here at once, no cookie is sent, and the server is told when it can be", async () => {
  const { client, server, browser, window, events, call, signIn } = open({ antiCsrf: true });
  await signIn("ada");
  server.instead.push(noNetwork);
  await client.signOut({ ifUnreachable: "local" });
  expect(client.snapshot().status).toBe("unauthenticated");
  expect(events.at(-1)).toBe("SIGN_OUT");

  server.instead.push(noNetwork);
  await call("/open");
  expect(server.requests.at(-1)?.credentials).toBe("omit");
  expect(server.user).toBe("ada");

  server.expire(); // it has to be refreshed first, which needs the anti-CSRF token
  window.dispatch("online");
  await vi.waitFor(() => expect(server.user).toBeUndefined());
  await vi.waitFor(() => expect(browser.document.cookie).not.toContain("st-signed-out"));
  await call("/open");
  expect(server.requests.at(-1)?.credentials).toBe("include");
});

test("offline, tokens of headers are forgotten", async () => {
  const { client, server, browser, signIn } = open({ mode: "header" });
  await signIn("ada");
  server.instead.push(noNetwork);
  await client.signOut({ ifUnreachable: "local" });
  expect(browser.localStorage.kept.get("hallpass")).not.toContain("-ada-");
  expect(browser.document.cookie).not.toContain("st-signed-out");
});

test("who signs in afterwards is another one", async () => {
  const { client, server, signIn } = open();
  await signIn("ada");
  server.instead.push(noNetwork);
  await client.signOut({ ifUnreachable: "local" });
  await signIn("bob");
  expect(server.log.slice(-2)).toEqual(["POST /auth/signout", "POST /auth/signin"]);
  expect(await client.userId()).toBe("bob");
});

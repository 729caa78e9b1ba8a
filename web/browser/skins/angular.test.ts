// What an Angular app does with the router's guards and with HttpClient, in a real browser, without zones and with them.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, launch, Person, type Tab } from "./harness.js";

let browser: Browser;
const scripts: string[] = [];
beforeAll(async () => {
  browser = await launch();
  // Zones need promises that they can replace: those of `async` functions are not such.
  scripts.push(await bundle("angular"), await bundle("angular-zones", "es2016"));
});
afterAll(() => browser?.close());

const story = (name: string, tell: (person: Person) => Promise<void>) =>
  test.each([
    ["without zones", 0],
    ["with zones", 1],
  ])(`${name} (%s)`, (_, which) => Person.with(browser, scripts[which] ?? "", tell));
const REFRESH = "POST /auth/session/refresh";
const roles = (...v: string[]) => ({ "st-role": { v, t: Date.now() } });
/** A call by HttpClient: its status and its text. */
const http = (tab: Tab, path: string, body?: unknown) =>
  tab.page.evaluate(([path, body]) => Reflect.get(window.app, "http")(path, body), [path, body] as const);

story("a visitor without a session signs in, and is told the way back", async (person) => {
  const tab = await person.open("account");
  await tab.reads("/login unauthenticated -");
  expect(new URL(tab.page.url()).searchParams.get("redirectToPath")).toBe("/account");
  expect(person.server.log).toEqual([REFRESH]);
});

story("a guard of what matches sends people to sign in, too", async (person) => {
  const tab = await person.open("matched");
  await tab.reads("/login unauthenticated -");
  expect(new URL(tab.page.url()).searchParams.get("redirectToPath")).toBe("/matched");
});

story("a user sees the page, and nobody is asked", async (person) => {
  await person.signIn("ada", roles("user", "admin"));
  const tab = await person.open("account");
  await tab.reads("/account ada user,admin");
  for (const view of ["admin", "matched", "open", "admin", "account"]) {
    await tab.go(view);
    await tab.reads(`/${view} ada user,admin`);
  }
  expect(person.server.log).toEqual([]);
});

story("an expired token is refreshed once before anything is shown", async (person) => {
  person.script.validityMs = -1000;
  await person.signIn("ada");
  person.script.validityMs = 3_600_000;
  const tab = await person.open("account");
  await tab.reads("/account ada -");
  expect(await tab.moves()).toEqual(["/", "/account"]);
  expect(person.server.log).toEqual([REFRESH]);
});

story("a sign-out elsewhere closes the page, and what was left sends nobody anywhere", async (person) => {
  await person.signIn("ada");
  const tab = await person.open("account");
  await tab.reads("/account ada -");
  const other = await person.open("account");
  await other.reads("/account ada -");
  await other.go("open");
  await other.signOut();
  await other.reads("/open unauthenticated -");
  await tab.reads("/login unauthenticated -");
  expect(new URL(tab.page.url()).searchParams.get("redirectToPath")).toBe("/account");
});

story("a session that has ended closes the page when the server says so", async (person) => {
  await person.signIn("ada");
  const tab = await person.open("account");
  await tab.reads("/account ada -");
  person.server.revoke();
  expect(await http(tab, "/me")).toMatch(/^401 /);
  await tab.reads("/login unauthenticated -");
  expect(person.server.refreshes).toBe(1);
});

story("a role that is lost closes the page, and where that leads is said or the start page", async (person) => {
  for (const [view, end] of [
    ["admin", "/open"],
    ["strict", "/"],
  ]) {
    await person.signIn("ada", roles("admin"));
    const tab = await person.open(view as string);
    await tab.reads(`/${view} ada admin`);
    person.server.payload = roles("user");
    await tab.refresh();
    await tab.reads(`${end} ada user`);
    await tab.go(view as string);
    await tab.reads(`${end} ada user`);
    expect(person.server.log).toEqual([REFRESH]);
    await tab.page.close();
  }
});

story(
  "offline is not signed out: a page waits, or is shown where that is allowed, and comes back by itself",
  async (person) => {
    person.script.validityMs = -1000;
    await person.signIn("ada");
    person.script.validityMs = 3_600_000;
    person.reachable = false;
    const tab = await person.open("offline");
    await tab.reads("/offline ada -");
    const going = tab.go("account");
    await tab.page.waitForTimeout(100);
    await tab.reads("/offline ada -");
    await person.reconnect();
    await going;
    await tab.reads("/account ada -");
    expect(person.server.log).toEqual([REFRESH]);
  },
);

story("requests of HttpClient are refreshed once and sent again, however many there are", async (person) => {
  await person.signIn("ada");
  const tab = await person.open("open");
  await tab.reads("/open ada -");
  person.server.expire();
  expect(await Promise.all(["one", "two", "three"].map((body) => http(tab, "/me", body)))).toEqual([
    "200 ada:one",
    "200 ada:two",
    "200 ada:three",
  ]);
  expect(person.server.refreshes).toBe(1);
});

story("what HttpClient is answered is the app's, errors too", async (person) => {
  await person.signIn("ada");
  const tab = await person.open("open");
  await tab.page.evaluate(() => {
    Reflect.set(window, "told", []);
    const on = Reflect.get(window.app.client, "on");
    on("API_INVALID_CLAIM", ({ claimValidationErrors }: never) =>
      Reflect.get(window, "told").push(claimValidationErrors),
    );
  });
  const denied = JSON.stringify({ message: "invalid claim", claimValidationErrors: [{ id: "st-role" }] });
  person.server.instead.push(() => new Response(denied, { status: 403 }));
  expect(await http(tab, "/me")).toBe(`403 ${denied}`);
  expect(await tab.page.evaluate(() => Reflect.get(window, "told"))).toEqual([[{ id: "st-role" }]]);
  person.server.instead.push(() => new Response("teapot", { status: 418 }));
  expect(await http(tab, "/me")).toBe("418 teapot");
  person.reachable = false;
  expect(await http(tab, "/me")).toMatch(/^0 /);
});

story("requests to other hosts are untouched", async (person) => {
  await person.signIn("ada");
  const tab = await person.open("open");
  const [sent] = await Promise.all([
    tab.page.waitForRequest("https://other.example.com/**"),
    http(tab, "https://other.example.com/me"),
  ]);
  expect(Object.keys(sent.headers())).not.toContain("rid");
  expect(Object.keys(sent.headers())).not.toContain("st-auth-mode");
});

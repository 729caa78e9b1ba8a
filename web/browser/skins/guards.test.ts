// What guards of all frameworks do alike, in a real browser.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, launch, Person } from "./harness.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

const REFRESH = "POST /auth/session/refresh";
const login = (view: string) => [`/login?redirectToPath=%2F${view}`];
const roles = (...v: string[]) => ({ "st-role": { v, t: Date.now() } });

describe.each(["vue", "svelte", "svelte4", "solid"])("%s", (framework) => {
  let script: string;
  beforeAll(async () => {
    script = await bundle(framework);
  });
  const story = (name: string, tell: (person: Person) => Promise<void>) =>
    test(name, () => Person.with(browser, script, tell));

  story("a visitor without a session waits, and goes to sign in once", async (person) => {
    const tab = await person.open("account");
    await tab.page.waitForFunction(() => window.app.moves.length);
    await tab.reads("wait");
    expect(await tab.moves()).toEqual(login("account"));
    expect(person.server.log).toEqual([REFRESH]);
  });

  story("a user sees the page, and nobody is asked", async (person) => {
    await person.signIn("ada", roles("user", "admin"));
    const tab = await person.open("account");
    await tab.reads("account ada user,admin");
    expect(await tab.moves()).toEqual([]);
    expect(person.server.log).toEqual([]);
  });

  story("a sign-in elsewhere opens the page, a sign-out elsewhere closes it", async (person) => {
    const tab = await person.open("account");
    await tab.reads("wait");
    await person.signIn("ada", roles("user"));
    await tab.reads("account ada user");
    const other = await person.open("open");
    await other.signOut();
    await tab.reads("wait");
    expect(await tab.moves()).toEqual([...login("account"), ...login("account")]);
  });

  story("an expired token is refreshed once before anything is shown", async (person) => {
    person.script.validityMs = -1000;
    await person.signIn("ada");
    person.script.validityMs = 3_600_000;
    const tab = await person.open("account");
    await tab.reads("account ada -");
    expect(await tab.moves()).toEqual([]);
    expect(person.server.log).toEqual([REFRESH]);
  });

  story("a session that has ended closes the page when the server says so", async (person) => {
    await person.signIn("ada");
    const tab = await person.open("account");
    await tab.reads("account ada -");
    person.server.revoke();
    expect(await tab.call("GET", "/me")).toBe(401);
    await tab.reads("wait");
    expect(await tab.moves()).toEqual(login("account"));
    expect(person.server.refreshes).toBe(1);
  });

  story("whoever leaves goes to sign in without a way back", async (person) => {
    await person.signIn("ada");
    const tab = await person.open("account");
    await tab.reads("account ada -");
    await tab.signOut();
    await tab.reads("wait");
    expect(await tab.moves()).toEqual(["/login"]);
  });

  story("a role that is lost closes the page, one that is won opens it", async (person) => {
    await person.signIn("ada", roles("admin"));
    const tab = await person.open("admin");
    await tab.reads("admin ada admin");
    person.server.payload = roles("user");
    await tab.refresh();
    await tab.reads("denied st-role");
    person.server.payload = roles("user", "admin");
    await tab.refresh();
    await tab.reads("admin ada user,admin");
    expect(await tab.moves()).toEqual([]);
    expect(person.server.log).toEqual([REFRESH, REFRESH]);
  });

  story(
    "offline is not signed out: a page waits, or is shown where that is allowed, and comes back by itself",
    async (person) => {
      person.script.validityMs = -1000;
      await person.signIn("ada");
      person.script.validityMs = 3_600_000;
      person.reachable = false;
      const tab = await person.open("account");
      await tab.reads("wait");
      await tab.go("offline");
      await tab.reads("offline ada -");
      await tab.go("account");
      await tab.reads("wait");
      await person.reconnect();
      await tab.reads("account ada -");
      expect(await tab.moves()).toEqual([]);
      expect(person.server.log).toEqual([REFRESH]);
    },
  );

  story("pages that come and go ask nobody anything, and what was left sends nobody anywhere", async (person) => {
    await person.signIn("ada", roles("admin"));
    const tab = await person.open("account");
    for (let round = 0; round < 3; round++)
      for (const view of ["account", "admin", "open"]) {
        await tab.go(view);
        await tab.reads(view === "open" ? "ada admin" : `${view} ada admin`);
      }
    expect(person.server.log).toEqual([]);
    await tab.signOut();
    await tab.reads("unauthenticated -");
    expect(await tab.moves()).toEqual([]);
    await tab.go("admin");
    await tab.reads("wait");
    expect(await tab.moves()).toEqual(login("account"));
    expect(person.server.log).toEqual(["POST /auth/signout"]);
  });
});

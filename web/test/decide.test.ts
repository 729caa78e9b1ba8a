import { describe, expect, test } from "vitest";
import { UserRoleClaim } from "../src/claims/index.js";
import { decide, type GuardOptions, returnPath, type Watch } from "../src/decide.js";
import type { ClaimValidator, SessionEvent, Snapshot } from "../src/index.js";

describe("decisions", () => {
  const signedIn = (roles: string[]): Snapshot => ({
    status: "authenticated",
    userId: "ada",
    payload: { "st-role": { v: roles, t: 1 } },
    expiresAt: 1,
  });
  const admin = UserRoleClaim.validators.includes("admin");
  const nobody = { status: "unauthenticated" } as const;
  const offline = { ...signedIn([]), status: "unknown" } as Snapshot;

  test.each([
    [{ status: "loading" } as const, {}, "wait"],
    [{ status: "loading" } as const, { require: false }, "render"],
    [nobody, { require: false }, "render"],
    [nobody, {}, "deny"],
    [nobody, { loginUrl: "/login" }, "redirect"],
    [nobody, { loginUrl: "/login", currentUrl: "https://x/login?redirectToPath=%2F" }, "render"],
    [signedIn([]), {}, "render"],
    [signedIn(["admin"]), { validators: [admin] }, "render"],
    [signedIn([]), { validators: [admin] }, "deny"],
    [signedIn([]), { validators: [{ ...admin, showAccessDeniedOnFailure: false }] }, "render"],
    [signedIn([]), { validators: [{ ...admin, onFailureRedirection: () => "/why" }] }, "redirect"],
    [signedIn([]), { validators: [{ ...admin, onFailureRedirection: () => "/why" }], currentUrl: "/why" }, "render"],
    [signedIn([]), { validators: [admin], redirectTo: "/no" }, "redirect"],
    [offline, {}, "wait"],
    [offline, { offline: "allow" } as const, "render"],
    [offline, { require: false }, "render"],
  ])("%# %j", (snapshot, guard, action) => expect(decide(snapshot, guard).action).toBe(action));

  test("the sign-in page is told the way back", () => {
    const guard = { loginUrl: "/login?x=1#top", currentUrl: "https://x.example/a?b=c&d#e" };
    expect(decide(nobody, guard)).toEqual({
      action: "redirect",
      to: "/login?x=1&redirectToPath=%2Fa%3Fb%3Dc%26d%23e#top",
      reason: "no-session",
    });
  });

  test.each([
    ["/a?b#c", "/a?b#c"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["https://evil.example", "/"],
    ["a", "/"],
    ["", "/"],
    [null, "/"],
    ["/.//evil.test", "/"],
    ["/..//evil.test/x", "/"],
    ["/a/../..//evil.test", "/"],
    ["/%2e//evil.test", "/"],
  ])("the way back %j is %s", (value, path) => expect(returnPath(value)).toBe(path));

  test.each([
    "///evil.test",
    "////evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/a\\..\\..//evil.test",
    "/\n/evil.test",
    "/\r\n/evil.test",
    "/\u0000/evil.test",
    "/\u007f/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/a\tb",
    "/././/evil.test",
    "/a/..//evil.test",
    "/%2e%2e//evil.test",
    "/.%2E//evil.test",
    "data:text/html,<script>alert(1)</script>",
    "DATA:,x",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "vbscript:x",
    "blob:https://evil.test/x",
    "file:///etc/passwd",
    "ftp://evil.test",
    "http:evil.test",
    "https:/evil.test",
    "http://somewhere.invalid@evil.test",
    "//somewhere.invalid@evil.test",
    "@evil.test",
    ".evil.test",
    "?a",
    "#a",
    "／／evil.test",
    "。evil.test",
    `/${"a".repeat(65_536)}\\`,
  ])("the way back %j leads nowhere", (value) => expect(returnPath(value)).toBe("/"));

  test.each([
    "/%2F%2Fevil.test",
    "/%5Cevil.test",
    "/%09/evil.test",
    "/／evil.test",
    "/／／evil.test",
    "/⁄⁄evil.test",
    "/\u2028/evil.test",
    "/\u202e//evil.test",
    "/\u00a0//evil.test",
    "/:80//evil.test",
    "/@evil.test",
    "/a?to=//evil.test",
    "/a#//evil.test",
    "/javascript:alert(1)",
    "/\ud800",
    "/%",
    "/%00",
    `/${"a/".repeat(32_768)}`,
  ])("the way back %j is one of this site", (value) => {
    const back = returnPath(value);
    expect(new URL(back, "https://www.example.com/login").origin).toBe("https://www.example.com");
    expect(back).toMatch(/^\/(?![/\\])/);
    expect(back).not.toBe("/");
    expect(returnPath(back)).toBe(back);
  });

  test.each(["https://www.example.com//evil.test/a", "https://www.example.com/a?b=//c#/d", "//evil.test/x", "/a"])(
    "what %s makes of the way back is a way back again",
    (currentUrl) => {
      const made = decide({ status: "unauthenticated" }, { loginUrl: "/login", currentUrl }) as { to: string };
      const back = returnPath(new URL(made.to, "https://www.example.com").searchParams.get("redirectToPath"));
      expect(new URL(back, "https://www.example.com").origin).toBe("https://www.example.com");
    },
  );
});

describe("decisions of a guard that stays", () => {
  const now = 1_000_000;
  const initial: Snapshot = { status: "loading" };
  const nobody: Snapshot = { status: "unauthenticated" };
  const ada = { status: "authenticated", userId: "ada", payload: { "st-role": { v: [], t: 1 } } } as const;
  const fresh: Snapshot = { ...ada, expiresAt: now + 1 };
  const expired: Snapshot = { ...ada, expiresAt: now };
  const admin = UserRoleClaim.validators.includes("admin");
  const left: SessionEvent = { type: "SIGN_OUT", origin: "local" };
  const leftElsewhere: SessionEvent = { type: "SIGN_OUT", origin: "remote-tab" };
  const lost: SessionEvent = { type: "UNAUTHORISED", origin: "local", sessionExpiredOrRevoked: true };
  const onExpired = () => {};
  const guard = { loginUrl: "/login", currentUrl: "/account" };
  const login = "/login?redirectToPath=%2Faccount";

  const shared = { client: { initial, now: () => now } };
  const watch = (more: Partial<Watch> = {}): Watch => ({ shared, heard: undefined, answered: undefined, ...more });
  /** After its question was answered. */
  const answered = (snapshot: Snapshot, wants: GuardOptions, more: Partial<Watch> = {}) =>
    decide(snapshot, wants, watch({ ...more, answered: decide(snapshot, wants, watch(more)).question }));

  test.each<[string, Snapshot, GuardOptions, Partial<Watch>, string]>([
    ["nobody knows yet", initial, guard, {}, "wait"],
    ["there is no session", nobody, guard, {}, login],
    ["somebody has left", nobody, guard, { heard: left }, "/login"],
    ["somebody has left the sign-in page", nobody, { ...guard, currentUrl: "/login" }, { heard: left }, "render"],
    ["somebody has left in another tab", nobody, guard, { heard: leftElsewhere }, login],
    ["the session was lost", nobody, guard, { heard: lost }, login],
    ["the app has its own way when it was lost", nobody, { ...guard, onExpired }, { heard: lost }, "expired"],
    ["it was lost and is not needed", nobody, { ...guard, onExpired, require: false }, { heard: lost }, "render"],
    ["the app has its own way and somebody has left", nobody, { ...guard, onExpired }, { heard: left }, "/login"],
    ["there is a session again", fresh, { ...guard, onExpired }, { heard: lost }, "render"],
    ["the token is fresh", fresh, guard, {}, "render"],
    ["the token has expired", expired, guard, {}, "wait"],
    ["the token has expired and is not needed", expired, { require: false }, {}, "render"],
    ["a claim fails", fresh, { validators: [admin] }, {}, "wait"],
    ["a claim leads elsewhere", fresh, { validators: [admin], redirectTo: "/no" }, {}, "wait"],
    [
      "a claim is left to the page",
      fresh,
      { validators: [{ ...admin, showAccessDeniedOnFailure: false }] },
      {},
      "render",
    ],
    ["all pages have a sign-in page", nobody, {}, { shared: { ...shared, loginUrl: "/in" } }, "/in"],
    ["all pages want a claim", fresh, {}, { shared: { ...shared, validators: [admin] } }, "wait"],
    ["a page wants less than all", fresh, { validators: [] }, { shared: { ...shared, validators: [admin] } }, "render"],
  ])("%s", (_, snapshot, wants, more, outcome) => {
    const { action, to } = decide(snapshot, wants, watch(more));
    expect(to ?? action).toBe(outcome);
  });

  test("what a server rendered is shown until it has been looked at, however old it is", () => {
    const rendered = { shared: { client: { initial: expired, now: () => now } } };
    expect(decide(expired, guard, watch(rendered)).action).toBe("render");
    expect(decide({ ...expired }, guard, watch(rendered)).action).toBe("wait");
  });

  test.each<[string, Snapshot, GuardOptions, string]>([
    ["a claim that still fails denies", fresh, { validators: [admin] }, "deny"],
    ["a claim that still fails leads elsewhere", fresh, { validators: [admin], redirectTo: "/no" }, "redirect"],
    ["a token that could not be refreshed keeps nobody out", expired, {}, "render"],
  ])("once it has been asked, %s", (_, snapshot, wants, action) =>
    expect(answered(snapshot, wants).action).toBe(action),
  );

  test("what is wanted is fetched where it fails, and not again", () => {
    const wants = { validators: [admin] };
    expect(decide(fresh, wants, watch()).wanting).toEqual([admin]);
    expect(answered(fresh, wants).wanting).toBeUndefined();
    for (const snapshot of [initial, nobody, { ...expired, payload: { "st-role": { v: ["admin"], t: 1 } } }])
      expect(decide(snapshot, wants, watch()).wanting).toBeUndefined();
  });

  test("there is another question for another user, another failure and other claims, and for nothing else", () => {
    const wants = { validators: [admin] };
    const asked = (snapshot: Snapshot, guard: GuardOptions) => decide(snapshot, guard, watch()).question;
    const same = asked(fresh, wants);
    expect(asked({ ...expired, payload: { ...ada.payload, more: 1 } }, { ...wants, currentUrl: "/b" })).toBe(same);
    const roles = { "st-role": { v: ["admin"], t: 1 } };
    const others = [
      asked({ ...fresh, userId: "bob" }, wants),
      asked({ ...fresh, payload: roles }, wants),
      asked(fresh, { validators: [admin, { ...admin, id: "b" }] }),
      asked(nobody, wants),
    ];
    expect(new Set([same, ...others]).size).toBe(5);
  });

  test("validators are asked by the server's clock", () => {
    const seen: number[] = [];
    const validate: ClaimValidator["validate"] = (_, context) => {
      seen.push(context.now());
      return { isValid: true };
    };
    decide(fresh, { validators: [{ ...admin, validate }] }, watch());
    expect(seen).toEqual([now]);
  });
});

import { describe, expect, test } from "vitest";
import { UserRoleClaim } from "../src/claims/index.js";
import { decide, returnPath } from "../src/decide.js";
import type { Snapshot } from "../src/index.js";

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
});

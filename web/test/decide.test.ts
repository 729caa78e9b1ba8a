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

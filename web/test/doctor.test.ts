import { describe, expect, test } from "vitest";
import { judgeFailure, judgeScene, type Scene } from "../src/doctor.js";
import { SessionError } from "../src/index.js";

describe("the doctor", () => {
  const healthy: Scene = {
    page: new URL("https://www.example.com"),
    api: new URL("https://api.example.com/auth"),
    secureContext: true,
    cookiesWork: true,
    storageWorks: true,
    locks: true,
    skewMs: 0,
    cookies: { sFrontToken: 1 },
  };

  test.each([
    [{}, []],
    [{ api: new URL("http://api.example.com/auth") }, ["mixed-scheme"]],
    [{ page: new URL("https://example.org") }, ["two-sites"]],
    [{ page: new URL("http://127.0.0.1"), api: new URL("http://localhost") }, ["two-sites", "host-mismatch"]],
    [{ cookiesWork: false, storageWorks: false }, ["cookies-blocked", "storage-blocked"]],
    [{ locks: false, skewMs: 60_000 }, ["no-locks", "clock"]],
    [{ cookies: { sFrontToken: 2 } }, ["duplicate-cookie"]],
  ])("%j", (changes, codes) => {
    expect(judgeScene({ ...healthy, ...changes }).map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    [new SessionError("config", new Response()), "front-token-unreadable"],
    [new SessionError("http", new Response(null, { status: 404 })), "not-found"],
    [new SessionError("http", new Response(null, { status: 500 })), "server-error"],
    [new SessionError("http", new Response(null, { status: 429 })), "http"],
    [new SessionError("network"), "unreachable"],
  ])("%s: %s", (error, code) => expect(judgeFailure(error).code).toBe(code));
});

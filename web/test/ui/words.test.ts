import { expect, test, vi } from "vitest";
import { fakeSession } from "../../src/testing/index.js";
import { endSession, listSessions, sessionsIn } from "../../src/ui/own-sessions.js";
import { rolesIn } from "../../src/ui/roles.js";
import { fill, parseTexts } from "../../src/ui/texts.js";
import { ago, usable } from "../../src/ui/time.js";

const NOW = Date.UTC(2026, 4, 20);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, "now"],
  [59_000, "now"],
  [MINUTE, "1 minute ago"],
  [59 * MINUTE, "59 minutes ago"],
  [HOUR, "1 hour ago"],
  [23.9 * HOUR, "23 hours ago"],
  [DAY, "yesterday"],
  [6 * DAY, "6 days ago"],
  [7 * DAY, "1 week ago"],
  [40 * DAY, "1 month ago"],
  [800 * DAY, "2 years ago"],
  [-5 * MINUTE, "now"],
])("%d ms before is %s", (passed, text) => {
  expect(ago(NOW - passed, NOW, "en")).toBe(text);
});

test("times are said in the page's language", () => {
  expect(ago(NOW - 3 * DAY, NOW, usable("de-AT"))).toBe("vor 3 Tagen");
});

test.each([[undefined], [""], ["no such language!"], ["x"]])("a page in %s is spoken to in English", (language) => {
  expect(ago(NOW - 3 * DAY, NOW, usable(language))).toBe("3 days ago");
});

test("a text gets its values, and keeps what is none", () => {
  expect(fill("Sign out {device}? {what} {}", { device: "$& {device}" })).toBe("Sign out $& {device}? {what} {}");
});

test.each([
  ['{"back":"Zurück","cancel":7}', { back: "Zurück" }],
  ["{oops", undefined],
  ["null", undefined],
  ["7", undefined],
])("the attribute %s holds %o", (json, texts) => {
  expect(parseTexts(json)).toEqual(texts);
});

test.each([
  [{ "st-role": { v: ["admin", 7, "editor"], t: 1 } }, ["admin", "editor"]],
  [{ "st-role": { v: "admin" } }, []],
  [{ "st-role": null }, []],
  [{}, []],
])("the roles in %o are %o", (payload, roles) => {
  expect(rolesIn(payload)).toEqual(roles);
});

const one = { handle: "h", isCurrent: true, timeCreated: 1, timeRefreshed: null, expiry: 2, userAgent: null };

test("a list of sessions is taken whole", () => {
  expect(sessionsIn({ status: "OK", sessions: [one] })).toEqual([one]);
  expect(sessionsIn({ status: "OK", sessions: [] })).toEqual([]);
});

test.each([
  [undefined],
  [null],
  ["OK"],
  [[]],
  [{ status: "OK" }],
  [{ status: "GENERAL_ERROR", sessions: [] }],
  [{ status: "OK", sessions: "none" }],
  [{ status: "OK", sessions: [one, null] }],
  [{ status: "OK", sessions: [{ ...one, handle: undefined }] }],
  [{ status: "OK", sessions: [{ ...one, isCurrent: "yes" }] }],
  [{ status: "OK", sessions: [{ ...one, timeCreated: "2026" }] }],
  [{ status: "OK", sessions: [{ ...one, timeCreated: 1e300 }] }],
  [{ status: "OK", sessions: [{ ...one, timeRefreshed: Number.NaN }] }],
  [{ status: "OK", sessions: [{ ...one, expiry: null }] }],
  [{ status: "OK", sessions: [{ ...one, userAgent: { toString: 1 } }] }],
])("%o is no list of sessions", (body) => {
  expect(sessionsIn(body)).toBeUndefined();
});

test("a handle is sent as one value, and is in no log", async () => {
  const quiet = vi.spyOn(console, "error").mockReturnValue(undefined);
  const urls: string[] = [];
  const client = fakeSession({ userId: "ada" }, async (url) => {
    urls.push(String(url));
    return new Response("no", { status: 500 });
  });
  expect(await endSession(client, "/auth", "a&b=c#d")).toEqual({ status: "failed" });
  expect(urls).toEqual(["/auth/sessions/revoke?handle=a%26b%3Dc%23d"]);
  expect(quiet.mock.calls.flat().join()).not.toContain("a%26b");
  quiet.mockRestore();
});

test("no session is no failure", async () => {
  const client = fakeSession({ status: "unauthenticated" }, async () => new Response("{}", { status: 401 }));
  expect(await listSessions(client, "/auth")).toEqual({ status: "signed-out" });
});

import { describe, expect, test } from "vitest";
import { encodeFront } from "../src/front-token.js";
import { authorise, isStale } from "../src/header-mode.js";
import { addHeaders, retryAt, skewOf, tokensIn } from "../src/headers.js";

const ada = { uid: "ada", ate: 2000, up: { sessionHandle: "h1" } };
const bob = { uid: "bob", ate: 2000, up: { sessionHandle: "h2" } };

describe("headers", () => {
  test.each([
    [{}, undefined],
    [{ "front-token": "f" }, { front: "f" }],
    [
      { "front-token": "remove", "st-access-token": "" },
      { front: "", access: "", refresh: "", csrf: "" },
    ],
    [
      { "st-access-token": "", "st-refresh-token": "" },
      { access: "", refresh: "" },
    ],
    [{ "anti-csrf": "c", "content-type": "text/plain" }, { csrf: "c" }],
  ])("%j says %j", (headers, said) => expect(tokensIn(new Headers(headers as HeadersInit))).toEqual(said));

  test("a caller's headers stay", () => {
    const headers = addHeaders(new Headers({ RID: "x" }), { front: "f", csrf: "c" }, "cookie");
    expect(Object.fromEntries(headers)).toEqual({ rid: "x", "st-auth-mode": "cookie", "anti-csrf": "c" });
    expect(addHeaders(new Headers(), { csrf: "c" }, "cookie").has("anti-csrf")).toBe(false);
  });

  test.each([
    [undefined, undefined, "Bearer t2"],
    ["Bearer t1", "t1", "Bearer t2"],
    ["bearer t2", undefined, "Bearer t2"],
    ["Bearer t1", undefined, "Bearer t1"],
    ["Basic x", "t1", "Basic x"],
  ])("of the caller's %s, with %s before, %s is sent", (given, before, sent) => {
    const headers = new Headers(given ? { authorization: given } : {});
    const url = new URL("https://a.example");
    authorise(headers, "t2", url, url, new Set(before ? [before] : []));
    expect(headers.get("authorization")).toBe(sent);
  });

  test("a token is not sent in plain text, not even by the caller", () => {
    const headers = new Headers({ authorization: "Bearer t" });
    authorise(headers, "t", new URL("http://a.example"), new URL("https://a.example"), new Set());
    expect(headers.has("authorization")).toBe(false);
  });

  test("an answer is stale if it is about another session than the one here", () => {
    const stored = (front: typeof ada) => ({ front: encodeFront(front), lat: "1" });
    expect(isStale(stored(ada), stored(bob), null)).toBe(true);
    expect(isStale(stored(ada), stored(bob), ada)).toBe(true);
    expect(isStale(stored(ada), stored(bob), { ...bob, uid: "eve", up: {} })).toBe(false);
    expect(isStale(stored(ada), stored(ada), null)).toBe(false);
    expect(isStale(stored(ada), { lat: "1" }, null)).toBe(false);
  });

  test.each([
    [1000, 1_000_000, 0],
    [1007, 1_000_000, 0],
    [1008, 1_000_000, 8000],
    [900, 1_000_000, -100_000],
    [undefined, 1_000_000, 0],
    ["soon", 1_000_000, 0],
  ])("issued at %s, seen at %s: %s ahead", (issuedAt, now, skew) => expect(skewOf(issuedAt, now)).toBe(skew));

  test("a server says when to come again", () => {
    expect(retryAt(new Headers({ "retry-after": "5" }), 1000)).toBe(6000);
    expect(retryAt(new Headers(), 1000)).toBe(1000);
    expect(2000 < retryAt(new Headers({ "retry-after": "Wed, 01 Jan 2031 00:00:00 GMT" }), 1000)).toBe(false);
  });
});

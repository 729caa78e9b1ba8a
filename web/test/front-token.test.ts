import { describe, expect, test } from "vitest";
import { filterPayload } from "../src/filter.js";
import { decodeFront, encodeFront } from "../src/front-token.js";
import { frontTokenOf } from "../src/header-mode.js";

const ada = { uid: "ada", ate: 2000, up: { sessionHandle: "h1" } };

describe("front tokens", () => {
  test.each([ada, { uid: "ü", ate: 1, up: { name: "😀\u2028\ud800" } }])("%j survives", (front) => {
    expect(decodeFront(encodeFront(front))).toEqual(front);
  });

  test("either alphabet, padded or not, is read", () => {
    const text = JSON.stringify({ uid: "??>>", ate: 1, up: { a: "ÿ" } });
    expect(decodeFront(Buffer.from(text).toString("base64url"))?.uid).toBe("??>>");
    expect(decodeFront(Buffer.from(text).toString("base64"))?.uid).toBe("??>>");
  });

  test.each(["", "%", "e30=", "bnVsbA==", Buffer.from('{"uid":"a"}').toString("base64"), "WzFd"])(
    "%j is none",
    (text) => {
      expect(decodeFront(text)).toBeUndefined();
    },
  );

  test("of invalid UTF-8 the rest is read", () => {
    const bytes = Buffer.concat([Buffer.from('{"uid":"a'), Buffer.from([0xff]), Buffer.from('","ate":1,"up":{}}')]);
    expect(decodeFront(bytes.toString("base64"))?.uid).toBe("a\ufffd");
  });

  test("what is bulky is dropped", () => {
    const filter = filterPayload(({ bulk: _, ...rest }) => rest);
    const token = encodeFront({ ...ada, up: { bulk: "b", small: "s" } });
    expect(decodeFront(filter(token))?.up).toEqual({ small: "s" });
    expect(filter("no token")).toBe("no token");
  });

  test("an access token stands in for one", () => {
    const jwt = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
    expect(decodeFront(frontTokenOf(jwt({ sub: "ada", exp: 2 })))).toEqual({
      uid: "ada",
      ate: 2000,
      up: { sub: "ada", exp: 2 },
    });
    expect(frontTokenOf(jwt({ sub: "ada" }))).toBe("");
    expect(frontTokenOf("opaque")).toBe("");
  });
});

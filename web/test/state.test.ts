import { describe, expect, test } from "vitest";
import { encodeFront } from "../src/front-token.js";
import { changes, sessionIn, snapshotOf } from "../src/state.js";

const ada = { uid: "ada", ate: 2000, up: { sessionHandle: "h1" } };
const bob = { uid: "bob", ate: 2000, up: { sessionHandle: "h2" } };

describe("state", () => {
  test.each([
    [{}, undefined],
    [{ lat: "1" }, null],
    [{ front: encodeFront(ada) }, undefined],
    [{ front: "%", lat: "1" }, undefined],
    [{ front: encodeFront(ada), lat: "1" }, ada],
  ])("%j", (stored, session) => expect(sessionIn(stored)).toEqual(session));

  const updated = { ...ada, up: { ...ada.up, iat: 2 } };
  test.each([
    [undefined, ada, false, ["SESSION_CREATED"]],
    [null, ada, false, ["SESSION_CREATED"]],
    [ada, ada, false, []],
    [ada, updated, false, ["ACCESS_TOKEN_PAYLOAD_UPDATED"]],
    [ada, bob, false, ["ACCESS_TOKEN_PAYLOAD_UPDATED", "USER_CHANGED"]],
    [ada, null, false, ["SIGN_OUT"]],
    [ada, null, true, ["UNAUTHORISED"]],
    [ada, undefined, true, []],
    [undefined, null, true, []],
    [null, null, true, []],
  ] as const)("from %j to %j (expired: %s)", (before, after, expired, types) => {
    expect(changes(before, after, expired).map(({ type }) => type)).toEqual(types);
  });

  test.each([
    [undefined, 1000, true, false, true, "loading"],
    [undefined, 1000, true, false, false, "unauthenticated"],
    [undefined, 1000, false, false, true, "unauthenticated"],
    [null, 1000, true, false, true, "unauthenticated"],
    [ada, 1000, true, false, true, "authenticated"],
    [ada, 2000, true, false, true, "loading"],
    [ada, 2000, false, false, true, "authenticated"],
    [ada, 2000, false, true, true, "unknown"],
    [ada, 1000, false, true, true, "authenticated"],
  ] as const)(
    "%j at %s, waiting %s, failed %s, may probe %s: %s",
    (session, now, waiting, failed, mayProbe, status) => {
      expect(snapshotOf(session, now, waiting, failed, mayProbe).status).toBe(status);
    },
  );
});

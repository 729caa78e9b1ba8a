import { describe, expect, test, vi } from "vitest";
import {
  BooleanClaim,
  PermissionClaim,
  PrimitiveArrayClaim,
  PrimitiveClaim,
  UserRoleClaim,
} from "../src/claims/index.js";
import type { ClaimValidator, Payload } from "../src/index.js";
import { fakeSession } from "../src/testing/index.js";

describe("claims", () => {
  const context = { now: () => 100_000, fetch };
  const refresh = () => {};
  const plan = new PrimitiveClaim<string>({ id: "plan", refresh, defaultMaxAgeInSeconds: 50 });
  const is = (validator: ClaimValidator, payload: Payload) => validator.validate(payload, context);

  test("a value that is there, fresh and right is valid", () => {
    expect(is(plan.validators.hasValue("pro"), { plan: { v: "pro", t: 60_000 } })).toEqual({ isValid: true });
  });

  test.each([
    [{}, { message: "value does not exist", expectedValue: "pro", actualValue: undefined }],
    [{ plan: { v: "pro", t: 40_000 } }, { message: "expired", ageInSeconds: 60, maxAgeInSeconds: 50 }],
    [{ plan: { v: "free", t: 90_000 } }, { message: "wrong value", expectedValue: "pro", actualValue: "free" }],
  ])("%j fails: %j", (payload, reason) => {
    expect(is(plan.validators.hasValue("pro"), payload)).toEqual({ isValid: false, reason });
  });

  test("a value is fetched anew if it is missing or too old", () => {
    const { shouldRefresh } = plan.validators.hasValue("pro", 10);
    expect(shouldRefresh({}, context)).toBe(true);
    expect(shouldRefresh({ plan: { v: "pro", t: 80_000 } }, context)).toBe(true);
    expect(shouldRefresh({ plan: { v: "pro", t: 95_000 } }, context)).toBe(false);
  });

  const verified = new BooleanClaim({ id: "st-ev", refresh });
  test.each([
    [true, verified.validators.isTrue(), true],
    [false, verified.validators.isTrue(), false],
    [false, verified.validators.isFalse(), true],
    [true, verified.validators.hasValue(true), true],
  ])("%s", (v, validator, valid) => expect(is(validator, { "st-ev": { v, t: 1 } }).isValid).toBe(valid));

  const { validators } = new PrimitiveArrayClaim<string>({ id: "st-role", refresh });
  test.each([
    [validators.includes("a"), undefined],
    [validators.includes("x"), { expectedToInclude: "x" }],
    [validators.includesAll(["a", "b"]), undefined],
    [validators.includesAll(["a", "x"]), { expectedToInclude: ["a", "x"] }],
    [validators.includesAny(["x", "b"]), undefined],
    [validators.includesAny(["x"]), { expectedToIncludeAtLeastOneOf: ["x"] }],
    [validators.excludes("x"), undefined],
    [validators.excludes("a"), { expectedToNotInclude: "a" }],
    [validators.excludesAll(["x"]), undefined],
    [validators.excludesAll(["x", "b"]), { expectedToNotInclude: ["x", "b"] }],
  ])("a list, question %#", (validator, expected) => {
    const verdict = is(validator, { "st-role": { v: ["a", "b"], t: 1 } });
    const wrong = { isValid: false, reason: { message: "wrong value", ...expected, actualValue: ["a", "b"] } };
    expect(verdict).toEqual(expected ? wrong : { isValid: true });
  });

  test("of a list that is not there any would have done", () => {
    const reason = { message: "value does not exist", expectedToInclude: ["x"], actualValue: undefined };
    expect(is(validators.includesAny(["x"]), {})).toEqual({ isValid: false, reason });
  });

  test("a question may have a name of its own", () => {
    expect(UserRoleClaim.validators.includes("a", undefined, "is-a").id).toBe("is-a");
    expect(PermissionClaim.validators.includes("a").id).toBe("st-perm");
  });

  describe("a payload of other types passes no question, and throws nothing", () => {
    const list = new PrimitiveArrayClaim<string>({ id: "st-role", refresh: () => {} }).validators;
    const flag = new BooleanClaim({ id: "st-role", refresh: () => {} }).validators;
    const text = new PrimitiveClaim<string>({ id: "st-role", refresh: () => {} }).validators;
    const context = { now: () => 1_700_000_000_000, fetch };
    test.each([
      undefined,
      null,
      true,
      7,
      "admin",
      [],
      ["admin"],
      {},
      { v: null },
      { v: true },
      { v: 7 },
      { v: "administrator" },
      { v: { includes: "admin", length: 1, 0: "admin" } },
      { v: [["admin"]] },
      { v: [null, 1, {}] },
    ])("%j", (claim) => {
      const payload = { "st-role": claim };
      for (const question of [
        list.includes("admin"),
        list.includesAll(["admin"]),
        list.includesAny(["admin", "x"]),
        flag.isFalse(),
        text.hasValue("admin"),
      ]) {
        expect(question.validate(payload, context)).toMatchObject({ isValid: false });
        expect(typeof question.shouldRefresh(payload, context)).toBe("boolean");
      }
    });

    test.each([null, 7, "administrator", true, {}])("what is no list excludes nothing: %j", (v) => {
      expect(list.excludes("x").validate({ "st-role": { v } }, context)).toMatchObject({ isValid: false });
      expect(list.excludesAll([]).validate({ "st-role": { v } }, context)).toMatchObject({ isValid: false });
    });

    test.each([undefined, null, "soon", {}, [], true, Number.NaN, -1])("what was fetched at %j is too old", (t) => {
      const question = list.includes("admin", 60);
      const payload = { "st-role": { v: ["admin"], t } };
      expect(question.validate(payload, context)).toMatchObject({ isValid: false, reason: { message: "expired" } });
      expect(question.shouldRefresh(payload, context)).toBe(true);
    });
  });

  test("what is wanting is fetched once, before any question is asked", async () => {
    const session = fakeSession({ userId: "ada", payload: {} as Record<string, unknown> });
    const log: string[] = [];
    const claim = new PrimitiveClaim<string>({
      id: "plan",
      refresh: () => {
        log.push("fetched");
        session.set({
          status: "authenticated",
          userId: "ada",
          expiresAt: 1,
          payload: { plan: { v: "pro", t: Date.now() } },
        });
      },
    });
    const failed = await session.claims.validate([claim.validators.hasValue("pro"), claim.validators.hasValue("free")]);
    expect(log).toEqual(["fetched"]);
    expect(failed).toEqual([
      { id: "plan", reason: { message: "wrong value", expectedValue: "free", actualValue: "pro" } },
    ]);
    expect(await session.claims.value(claim)).toBe("pro");
    expect(await session.claims.validate([])).toEqual([]);
  });

  test("a claim that cannot be fetched is judged as it is", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const session = fakeSession({ userId: "ada" });
    const claim = new PrimitiveClaim<string>({ id: "plan", refresh: () => Promise.reject(new Error("down")) });
    expect(await session.claims.validate([claim.validators.hasValue("pro")])).toHaveLength(1);
    expect(logged).toHaveBeenCalled();
    logged.mockRestore();
  });
});

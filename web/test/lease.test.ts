import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { leased } from "../src/lease.js";
import { cookieDocument, values } from "./browser.js";

describe("leases", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const run = (world: object, name: string, siblings: string | undefined, log: string[], milliseconds: number) =>
    leased(world as never, siblings, name, async () => {
      log.push("in");
      await new Promise((done) => setTimeout(done, milliseconds));
      log.push("out");
    });

  test.each([undefined, "example.com"])("one at a time, by what all see (siblings: %s)", async (siblings) => {
    const log: string[] = [];
    const world = { localStorage: values(), document: cookieDocument("https://www.example.com/") };
    const both = Promise.all([run(world, "a", siblings, log, 500), run({ ...world }, "a", siblings, log, 500)]);
    await vi.advanceTimersByTimeAsync(2000);
    await both;
    expect(log).toEqual(["in", "out", "in", "out"]);
  });

  test("who has died holds nobody up for ever", async () => {
    const log: string[] = [];
    const localStorage = values();
    localStorage.setItem("dead", `someone.${Date.now() + 25_000}`);
    const going = run({ localStorage }, "dead", undefined, log, 0);
    await vi.advanceTimersByTimeAsync(24_000);
    expect(log).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    await going;
    expect(log).toEqual(["in", "out"]);
  });

  test.each(["someone.1e308", "someone.Infinity", "someone.NaN", "someone", ".", "", "😀.-1", `someone.${2e12}`])(
    "what reads %j is no lease",
    async (text) => {
      const log: string[] = [];
      const localStorage = values();
      localStorage.setItem("forged", text);
      const going = run({ localStorage }, "forged", undefined, log, 0);
      await vi.advanceTimersByTimeAsync(200);
      await going;
      expect(log).toEqual(["in", "out"]);
    },
  );

  test("without a place to write to, this page's callers still take turns", async () => {
    const log: string[] = [];
    const both = Promise.all([run({}, "none", undefined, log, 100), run({}, "none", undefined, log, 100)]);
    await vi.advanceTimersByTimeAsync(1000);
    await both;
    expect(log).toEqual(["in", "out", "in", "out"]);
  });
});

import { describe, expect, test } from "vitest";
import { installFetch } from "../src/install.js";

describe("the page's fetch", () => {
  test("is replaced once, and given back", async () => {
    const said: string[] = [];
    const speaker = (name: string) => ({ fetch: (async () => void said.push(name)) as unknown as typeof fetch });
    const world = speaker("page");
    const native = world.fetch;
    const undo = installFetch(speaker("first"), world);
    const wrapper = world.fetch;
    const undoSecond = installFetch(speaker("second"), world);
    expect(world.fetch).toBe(wrapper);
    await world.fetch("/");
    undo();
    await world.fetch("/");
    undoSecond();
    await world.fetch("/");
    expect(said).toEqual(["second", "second", "page"]);
    expect(native).not.toBe(wrapper);
  });
});

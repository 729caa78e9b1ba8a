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

  test("what is fetched ahead goes its own way: nobody has asked for it, and no token is used up for it", async () => {
    const said: string[] = [];
    const speaker = (name: string) => ({ fetch: (async () => void said.push(name)) as unknown as typeof fetch });
    const world = speaker("page");
    installFetch(speaker("client"), world);
    await world.fetch("/page", { headers: { "Next-Router-Prefetch": "1", rsc: "1" } });
    await world.fetch("/page", { headers: [["next-router-prefetch", "2"]] });
    await world.fetch(new Request("http://localhost/page", { headers: { Purpose: "prefetch" } }));
    expect(said).toEqual(["page", "page", "page"]);
    await world.fetch("/page", { headers: { rsc: "1" } });
    await world.fetch(new Request("http://localhost/page", { headers: { purpose: "prefetch" } }), { headers: {} });
    await world.fetch(new URL("http://localhost/page"));
    await world.fetch("/page", { headers: { "not a name": "1" } });
    expect(said.slice(3)).toEqual(["client", "client", "client", "client"]);
  });
});

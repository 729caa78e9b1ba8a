import { expect, test } from "vitest";
import { createSession } from "../../src/index.js";
import { getServerSession, markPrivate, serializeSnapshot } from "../../src/ssr/index.js";
import { Api, visit } from "./api.js";

test("a snapshot in a page ends neither its element nor a line, and is the same when read", () => {
  const payload = { note: "</script><!--<script>&\u2028\u2029", emoji: "👋", lone: "\ud800" };
  const snapshot = { status: "authenticated", userId: "</ScRiPt>", payload, expiresAt: 1 } as const;
  const text = serializeSnapshot(snapshot);
  expect(text).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(snapshot);
  expect(new Function(`return ${text}`)()).toEqual(snapshot);
});

test("a page of one person is kept for nobody else", () => {
  for (const [before, after] of [
    [undefined, "Cookie"],
    ["Accept-Encoding", "Accept-Encoding, Cookie"],
    ["accept, cookie", "accept, cookie"],
  ]) {
    const headers = new Headers({ "cache-control": "public, max-age=60", ...(before && { vary: before }) });
    markPrivate(headers);
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("vary")).toBe(after);
  }
});

test("the client starts from what the server has rendered, and asks nobody", async () => {
  const api = await Api.open();
  const page = visit("/", { sAccessToken: await api.token() });
  const { snapshot } = await getServerSession(page, api.config);
  const initial = JSON.parse(serializeSnapshot(snapshot));
  const asked: string[] = [];
  const client = createSession({
    api: "http://site.test/auth",
    initial,
    now: () => api.now,
    platform: {
      fetch: async (input) => {
        asked.push(`${input}`);
        return new Response(null, { status: 500 });
      },
    },
  });
  expect(client.initial).toEqual(snapshot);
  expect(client.snapshot()).toEqual(snapshot);
  expect(await client.ready()).toEqual(snapshot);
  expect(await client.userId()).toBe("ada");
  expect(asked).toEqual([]);
});

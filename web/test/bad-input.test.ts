// What nobody sends on purpose: storage that something else has written to, forged tokens, backends that are not there.
// Nothing of it may throw, ask without end, or end a session that the server still has.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SessionError, type SessionStorage, type Stored } from "../src/index.js";
import { browserStorage } from "../src/storage.js";
import { noNetwork, open } from "./setup.js";

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => void rejections.push(reason);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["Date"] });
  rejections.length = 0;
  process.on("unhandledRejection", onRejection);
});
afterEach(async () => {
  await new Promise((done) => setImmediate(done));
  process.off("unhandledRejection", onRejection);
  vi.useRealTimers();
  vi.restoreAllMocks();
  expect(rejections).toEqual([]);
});

const MODES = ["cookie", "header"] as const;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const token = (front: unknown) => base64(JSON.stringify(front));
const ada = (changes: object) => token({ uid: "ada", ate: 1_700_003_600_000, up: { sub: "ada" }, ...changes });

/** By names, for the table of tests says what is wrong, not which bytes it is. */
const FORGED: Record<string, string> = {
  "no base64": "%%%",
  "one letter": "A",
  "no JSON": base64("hello"),
  "half of one": ada({}).slice(0, 30),
  null: base64("null"),
  true: base64("true"),
  "a number": base64("1"),
  "a text": base64('"ada"'),
  "an array": base64("[1,2,3]"),
  "nothing at all": base64("{}"),
  "no user": ada({ uid: "" }),
  "a number for a user": ada({ uid: 1 }),
  "an object for a user": ada({ uid: { toString: "ada" } }),
  "an array for a user": ada({ uid: ["ada"] }),
  "true for a user": ada({ uid: true }),
  "no expiry": ada({ ate: undefined }),
  "null for an expiry": ada({ ate: null }),
  "a text for an expiry": ada({ ate: "soon" }),
  "a number in quotes for an expiry": ada({ ate: "1700003600000" }),
  "an object for an expiry": ada({ ate: {} }),
  "no number for an expiry": base64('{"uid":"ada","ate":NaN,"up":{}}'),
  "no payload": ada({ up: null }),
  "a text for a payload": ada({ up: "up" }),
  "a number for a payload": ada({ up: 7 }),
  "an array for a payload": ada({ up: [1] }),
  "the prototype's keys": base64('{"__proto__":{"uid":"ada","ate":1700003600000,"up":{}}}'),
};

/** Those that are read, and of which each is about somebody who is not here. */
const LYING: Record<string, string> = {
  "an expiry in the past": ada({ uid: "root", ate: 1 }),
  "an expiry before all time": ada({ uid: "root", ate: -1e300 }),
  "an expiry of 1e308": ada({ uid: "root", ate: 1e308 }),
  "an expiry of all eternity": base64('{"uid":"root","ate":1e999,"up":{}}'),
  "keys of the prototype in its payload": base64(
    '{"uid":"root","ate":1e15,"up":{"__proto__":{"a":1},"constructor":1}}',
  ),
  ...Object.fromEntries(
    [1e308, -1e308, "1e308", "x", null, true, [], {}].map((iat) => [
      `an issue time of ${JSON.stringify(iat)}`,
      ada({ uid: "root", up: { iat } }),
    ]),
  ),
};

describe.each(MODES)("a front token (tokens in %ss)", (mode) => {
  test.each(Object.keys(FORGED))("that is or has %s is none, and one refresh makes a new one", async (what) => {
    const { browser, server, signIn, tab } = open({ mode });
    await signIn("ada");
    browser.document.cookie = `sFrontToken=${FORGED[what]};path=/`;
    browser.document.cookie = "st-last-access-token-update=1;path=/";
    const { client, call } = tab();
    expect(client.snapshot().userId).toBeUndefined();
    expect(await client.exists()).toBe(true);
    expect(await client.userId()).toBe("ada");
    expect(await (await call("/me", { method: "POST", body: "x" })).text()).toBe("ada:x");
    expect(server.refreshes).toBe(1);
  });

  test.each(Object.keys(LYING))("with %s fools the page, ends nothing, and the server puts it right", async (what) => {
    const { browser, server, signIn, tab } = open({ mode });
    await signIn("ada");
    browser.document.cookie = `sFrontToken=${LYING[what]};path=/`;
    browser.document.cookie = "st-last-access-token-update=1;path=/";
    const { client, call } = tab();
    expect((await call()).status).toBe(200);
    server.expire();
    expect((await call()).status).toBe(200);
    expect(await client.userId()).toBe("ada");
    expect(server.refreshes).toBeLessThanOrEqual(2);
  });

  test.each(Object.keys(FORGED))("that a server sends and that is or has %s causes no loop", async (what) => {
    const { client, server, signIn, call } = open({ mode });
    await signIn("ada");
    server.instead.push(() => new Response("{}", { headers: { "front-token": FORGED[what] ?? "" } }));
    expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(200);
    expect(await client.exists()).toBe(true);
    expect(server.refreshes).toBeLessThanOrEqual(1);
  });

  test.each(["1e308", null, true, "[]", {}])(
    "of a server that says it was issued at %j is as good as one that does not say it",
    async (iat) => {
      const { client, server, signIn, call } = open({ mode, payload: { iat } });
      await signIn("ada");
      for (let n = 0; n < 3; n++) await call();
      expect(server.refreshes).toBe(0);
      expect(client.now()).toBe(Date.now());
    },
  );

  test.each([5_000, 30_000])("whose payload is %i arrays deep does no harm", async (depth) => {
    const { client, server, signIn, call, tab } = open({ mode });
    server.user = "ada";
    await signIn("ada");
    const deep = base64(`{"uid":"ada","ate":1700003600000,"up":{"deep":${"[".repeat(depth)}${"]".repeat(depth)}}}`);
    server.instead.push(() => new Response("{}", { headers: { "front-token": deep } }));
    expect((await call()).status).toBe(200);
    expect(await client.exists()).toBe(true);
    expect((await tab().call()).status).toBe(200);
  });

  test.each(["", "s"])("of 64 KiB is kept, also by another page of the browser%s", async (many) => {
    const payload = many
      ? Object.fromEntries(Array.from({ length: 4096 }, (_, n) => [`k${n}`, `value ${n}`]))
      : { bulk: "ü".repeat(32_768) };
    const { client, server, signIn, call, tab } = open({ mode, payload });
    await signIn("ada");
    expect(await client.payload()).toMatchObject(payload);
    const other = tab();
    expect(await other.client.payload()).toMatchObject(payload);
    expect((await other.call()).status).toBe(200);
    expect((await call()).status).toBe(200);
    expect(server.refreshes).toBe(0);
    server.payload = { small: 1 };
    await client.refresh();
    expect((await tab().client.payload())["bulk"]).toBeUndefined();
  });

  test("of 64 KiB lives as long as the page where nothing else has room for it", async () => {
    const full = {
      getItem: () => null,
      removeItem: () => {},
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    const payload = { bulk: "b".repeat(65_536) };
    const { server, browser, tab } = open({ mode, payload });
    const { client, events, signIn, call } = tab({ platform: browser.tab({ localStorage: full }) });
    await signIn("ada");
    expect(await client.payload()).toMatchObject(payload);
    expect((await call()).status).toBe(200);
    expect(events).toContain("STORAGE_DEGRADED");
    expect(server.refreshes).toBe(0);
  });
});

const LAT = "st-last-access-token-update";

const VALUES = [" ", "null", "%", "😀", "\u0100", "a b", "\t", "undefined", "[object Object]", "-1", "x".repeat(3_000)];

describe.each(MODES)("a cookie that something else has written (tokens in %ss)", (mode) => {
  describe.each([
    "sFrontToken",
    "sAntiCsrf",
    "st-access-token",
    "st-refresh-token",
    "st-last-access-token-update",
    "st-front-overflow",
    "st-refresh-lease",
    "sIRTFrontend",
    "unknown",
  ])("%s", (name) => {
    test.each(VALUES)("that reads %j throws nothing, and a session that is there goes on", async (value) => {
      const { browser, server, signIn, tab } = open({ mode });
      await signIn("ada");
      browser.document.cookie = `${name}=${value};path=/`;
      if (name !== LAT) browser.document.cookie = `${LAT}=2;path=/`; // or nobody looks at it
      const { client, call } = tab();
      await client.ready();
      if (name === "st-refresh-token" && mode === "header") return void (await call());
      expect((await call("/me", { method: "POST", body: "x" })).status).toBe(200);
      server.expire();
      expect((await call()).status).toBe(200);
      expect(await client.userId()).toBe("ada");
      expect(server.refreshes).toBeLessThanOrEqual(2);
    });
  });

  test.each(VALUES)("st-signed-out that reads %j ends with the next sign-in", async (value) => {
    const { browser, signIn, tab } = open({ mode });
    await signIn("ada");
    browser.document.cookie = `st-signed-out=${value};path=/`;
    browser.document.cookie = "st-last-access-token-update=2;path=/";
    const other = tab();
    await other.client.ready();
    await other.call();
    await other.signIn("bob");
    expect(await other.client.userId()).toBe("bob");
    expect((await other.call()).status).toBe(200);
    expect(browser.document.cookie).not.toContain("st-signed-out");
  });
});

const RECORDS = [
  "",
  "null",
  "true",
  "1",
  '"x"',
  "[]",
  "[1]",
  "{",
  "{}",
  "😀",
  '{"__proto__":{"lat":"1"}}',
  '{"lat":1,"front":{},"csrf":[],"access":1,"refresh":{},"skew":"x","of":null,"out":[]}',
  '{"skew":"1e308"}',
  '{"skew":"-1e308"}',
  '{"access":"\\u0100","refresh":"😀"}',
  "x".repeat(65_536),
];

describe.each(MODES)("a record that something else has written (tokens in %ss)", (mode) => {
  test.each(RECORDS)("%j throws nothing where cookies still know the session", async (text) => {
    const { browser, server, signIn, tab } = open({ mode });
    await signIn("ada");
    browser.localStorage.kept.set("hallpass", text);
    const { client, call } = tab();
    await client.ready();
    const answer = await call();
    // Tokens of headers are only there: without them it is over.
    expect(answer.status).toBe(mode === "cookie" ? 200 : 401);
    expect(server.refreshes).toBeLessThanOrEqual(2);
    expect((await tab().signIn("bob")).status).toBe(200);
    expect(await tab().client.userId()).toBe("bob");
  });

  test.each(RECORDS)("%j throws nothing where cookies know nothing", async (text) => {
    const { browser, server, tab } = open({ mode });
    browser.localStorage.kept.set("hallpass", text);
    const { client, call, signIn } = tab();
    expect(await client.exists()).toBe(false);
    expect((await call()).status).toBe(401);
    expect(server.refreshes).toBeLessThanOrEqual(2);
    await signIn("ada");
    expect(await client.userId()).toBe("ada");
    expect((await call()).status).toBe(200);
  });

  test.each(RECORDS)("%j throws nothing where it is the session's own", async (text) => {
    const { browser, server, signIn, tab, call } = open({ mode }, { persist: "session" });
    await signIn("ada");
    const window = browser.tab();
    window.sessionStorage?.setItem("hallpass", text);
    const { client } = tab({ platform: window });
    await client.ready();
    await call();
    expect(server.refreshes).toBeLessThanOrEqual(2);
  });
});

test.each(RECORDS)("in the record of a browser without cookies %j is nothing, and is overwritten", (text) => {
  const kept = new Map([["hallpass", text]]);
  const localStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const storage = browserStorage({ fetch, localStorage }, {}, undefined, () => {});
  expect(typeof storage.get()).toBe("object");
  storage.set({ front: "f", lat: "1" });
  expect(storage.get()).toMatchObject({ front: "f", lat: "1" });
});

test.each([null, undefined, 1, true, "x", [], {}, { lat: 1, front: {}, csrf: "Ā", refresh: 7, skew: {}, out: [] }])(
  "a store of the app's own that has %j is as good as an empty one",
  async (found) => {
    const { server, call, signIn, client } = open({}, { storage: storageOf(found) });
    expect((await call()).status).toBe(401);
    await signIn("ada");
    expect(await client.userId()).toBe("ada");
    expect((await call()).status).toBe(200);
    expect(server.refreshes).toBeLessThanOrEqual(2);
  },
);

/** One JSON value, somewhere else. */
function storageOf(found: unknown): SessionStorage {
  let kept = found as Stored;
  return {
    get: async () => kept,
    set: async (all) => {
      kept = all;
    },
  };
}

describe.each(MODES)("a browser that lets nothing be kept (tokens in %ss)", (mode) => {
  const deny = (): never => {
    throw new DOMException("denied", "SecurityError");
  };
  const denied = Object.freeze({ getItem: deny, setItem: deny, removeItem: deny });
  const blocked = {
    get localStorage(): never {
      return deny();
    },
  };
  const cookies = {
    baseURI: "https://www.example.com/",
    get cookie(): string {
      return deny();
    },
    set cookie(_: string) {
      deny();
    },
  };
  const unwritable = {
    baseURI: "https://www.example.com/",
    get cookie() {
      return "";
    },
    set cookie(_: string) {},
  };
  const noLocks = { onLine: true, locks: { request: () => Promise.reject(new DOMException("no", "SecurityError")) } };

  test.each([
    ["localStorage that throws when it is read", blocked],
    ["localStorage that throws when it is used", { localStorage: denied }],
    ["cookies that throw", { document: cookies }],
    ["cookies that do not stay", { document: unwritable }],
    ["neither", { ...{ document: cookies }, localStorage: denied, sessionStorage: denied }],
    ["neither, and no locks", { document: cookies, localStorage: denied, sessionStorage: denied, navigator: noLocks }],
  ])("with %s has a session as long as the page lives", async (_, changes) => {
    const { browser, server, tab } = open({ mode, antiCsrf: true });
    const window = Object.defineProperties(browser.tab(), Object.getOwnPropertyDescriptors(changes));
    const { client, events, call, signIn } = tab({ platform: window as never });
    await signIn("ada");
    expect(await client.userId()).toBe("ada");
    expect((await call("/me", { method: "POST", body: "x" })).status).toBe(200);
    server.expire();
    expect((await call("/me", { method: "POST", body: "x" })).status).toBe(200);
    expect(events).toContain("STORAGE_DEGRADED");
    expect(server.refreshes).toBe(1);
    await client.signOut();
    expect(client.snapshot().status).toBe("unauthenticated");
    expect(server.user).toBeUndefined();
  });
});

const HTML = "<!doctype html><h1>Wi-Fi log-in</h1>";

const BODIES: Record<string, string> = {
  HTML,
  "an empty body": "",
  "half of a JSON": '{"status":"O',
  "another JSON": '{"error":{"code":7}}',
  "JSON that is null": "null",
  "JSON that is an array": '["OK"]',
  "JSON with other types": '{"status":{},"message":[],"claimValidationErrors":"st-ev"}',
};

const STATUSES = [200, 401, 403, 404, 418, 429, 500];

const CASES = STATUSES.flatMap((code) => Object.keys(BODIES).map((body) => [code, body] as const));

const answering = (code: number, body: string) => () =>
  new Response(BODIES[body], { status: code, headers: { "content-type": "text/html" } });

describe("a backend that answers", () => {
  test.each(CASES)("a refresh with %i and %s ends a session with a 401 only", async (code, body) => {
    const { client, server, events, signIn } = open({ validityMs: 60_000 });
    await signIn("ada");
    vi.advanceTimersByTime(61_000);
    server.instead.push(answering(code, body), answering(code, body));
    const asked = client.exists({ onNetworkError: "throw" });
    if (code === 401) {
      expect(await asked).toBe(false);
      expect(events.at(-1)).toBe("UNAUTHORISED(true)");
    } else {
      await expect(asked).rejects.toMatchObject({ code: code === 200 ? "config" : "http" });
      await expect(asked).rejects.toBeInstanceOf(SessionError);
      expect(client.snapshot()).toMatchObject({ status: "unknown", userId: "ada" });
      expect(events).not.toContain("SIGN_OUT");
    }
    expect(server.refreshes).toBe(code === 200 ? 2 : 1);
    server.instead.length = 0;
    expect(await client.exists()).toBe(code !== 401);
    expect(server.refreshes).toBeLessThanOrEqual(3);
  });

  test.each(CASES)("a sign-out with %i and %s has not signed anybody out", async (code, body) => {
    const { client, server, events, signIn } = open();
    await signIn("ada");
    server.instead.push(answering(code, body));
    const asked = client.signOut();
    if (code === 401) {
      // It was refreshed and asked again.
      await asked;
      expect(server.user).toBeUndefined();
      return;
    }
    await expect(asked).rejects.toBeInstanceOf(SessionError);
    await expect(asked).rejects.toMatchObject({ code: code === 200 ? "config" : "http" });
    expect(client.snapshot().status).toBe("authenticated");
    expect(events).not.toContain("SIGN_OUT");
    expect(server.log).toHaveLength(2);
    await client.signOut();
    expect(server.user).toBeUndefined();
  });

  test.each(CASES)(
    "a late sign-out with %i and %s has to be told again, unless that says it is over",
    async (code, body) => {
      const { client, server, browser, window, signIn } = open();
      await signIn("ada");
      server.instead.push(noNetwork);
      await client.signOut({ ifUnreachable: "local" });
      server.instead.push(answering(code, body), answering(code, body));
      window.dispatch("online");
      await vi.waitFor(() => expect(server.log).toHaveLength(code === 401 ? 4 : 3));
      await new Promise((done) => setImmediate(done));
      const { log } = server;
      server.instead.length = 0;
      expect(client.snapshot().status).toBe("unauthenticated");
      if (code === 401) expect(browser.document.cookie).not.toContain("st-signed-out");
      else {
        expect(browser.document.cookie).toContain("st-signed-out");
        window.dispatch("online");
        await vi.waitFor(() => expect(server.user).toBeUndefined());
      }
      expect(log.length).toBeLessThanOrEqual(5);
    },
  );

  test.each(CASES)("the fetching of a claim with %i and %s leaves the claim unanswered", async (code, body) => {
    const complained = vi.spyOn(console, "error").mockImplementation(() => {});
    const { client, server, signIn } = open();
    await signIn("ada");
    const always = answering(code, body);
    for (let n = 0; n < 9; n++)
      server.instead.push((request) => (request.url.endsWith("/claim") ? always() : undefined));
    const failing = {
      id: "st-ev",
      shouldRefresh: () => true,
      refresh: async ({ fetch }: { fetch: typeof globalThis.fetch }) => {
        await (await fetch(`${server.origin}/claim`, { method: "POST" })).json();
      },
      validate: () => ({ isValid: false as const, reason: { message: "value does not exist" } }),
    };
    const errors = await client.claims.validate([failing]);
    expect(errors).toEqual([{ id: "st-ev", reason: { message: "value does not exist" } }]);
    expect(client.snapshot().status).toBe("authenticated");
    expect(server.refreshes).toBe(code === 401 ? 3 : 0);
    expect(server.log.length).toBeLessThan(10);
    expect(complained.mock.calls.join()).not.toContain("undefined");
  });

  test.each(CASES)("a call with %i and %s is what the caller gets", async (code, body) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { client, server, events, signIn, call } = open();
    await signIn("ada");
    const always = answering(code, body);
    for (let n = 0; n < 9; n++) server.instead.push((request) => (request.url.endsWith("/me") ? always() : undefined));
    const answer = await call();
    expect([answer.status, await answer.text()]).toEqual([code, BODIES[body]]);
    expect(server.refreshes).toBe(code === 401 ? 3 : 0);
    expect(client.snapshot().status).toBe("authenticated");
    expect(events).not.toContain("API_INVALID_CLAIM");
  });
});

test.each([
  [[null, 1, "st-ev", [], {}, { id: 7 }], []],
  [[null, { id: "st-ev" }], [{ id: "st-ev" }]],
  [{ length: 1, 0: { id: "st-ev" } }, []],
  [{ id: "st-ev" }, []],
])("of failing claims that read %j those count that have a name: %j", async (claimValidationErrors, expected) => {
  const { client, events, server, signIn, call } = open();
  await signIn("ada");
  const told: unknown[] = [];
  client.on("API_INVALID_CLAIM", (event) => void told.push(event.claimValidationErrors));
  server.instead.push(() => Response.json({ claimValidationErrors }, { status: 403 }));
  await call();
  expect(told).toEqual(expected.length ? [expected] : []);
  expect(await client.claims.invalidFrom({ claimValidationErrors })).toEqual(expected);
  expect(events.filter((type) => type === "API_INVALID_CLAIM")).toHaveLength(told.length);
});

test.each([
  undefined,
  null,
  1,
  "",
  "null",
  "<h1>",
  [],
  { data: null },
  { data: 7 },
  new Response("<h1>"),
  new Response(),
])("an answer that is %j says of no claim that it fails", async (answer) =>
  expect(await open().client.claims.invalidFrom(answer)).toEqual([]),
);

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  BooleanClaim,
  PermissionClaim,
  PrimitiveArrayClaim,
  PrimitiveClaim,
  UserRoleClaim,
} from "../src/claims/index.js";
import { addressOf, optionsOf } from "../src/compat/config.js";
import { decide, returnPath } from "../src/decide.js";
import { judgeFailure, judgeScene, type Scene } from "../src/doctor.js";
import { filterPayload } from "../src/filter.js";
import { decodeFront, encodeFront } from "../src/front-token.js";
import { authorise, frontTokenOf, isStale } from "../src/header-mode.js";
import { addHeaders, retryAt, skewOf, tokensIn } from "../src/headers.js";
import { SessionError, type Snapshot } from "../src/index.js";
import { installFetch } from "../src/install.js";
import { leased } from "../src/lease.js";
import { socketAuth } from "../src/socket.js";
import { changes, sessionIn, snapshotOf } from "../src/state.js";
import { browserStorage } from "../src/storage.js";
import { fakeSession } from "../src/testing/index.js";
import { isOurs } from "../src/url-rule.js";
import { cookieDocument, values } from "./browser.js";

const ada = { uid: "ada", ate: 2000, up: { sessionHandle: "h1" } };
const bob = { uid: "bob", ate: 2000, up: { sessionHandle: "h2" } };

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

test.each([
  ["https://api.example.com:3000", "api.example.com", undefined, true],
  ["https://example.com", "api.example.com", undefined, false],
  ["https://a.api.example.com", "api.example.com", undefined, false],
  ["https://sub.api.example.com", "other", "example.com", true],
  ["https://badexample.com", "other", "example.com", false],
  ["https://api.example.com", "other", "a.api.example.com", false],
  ["http://a.localhost:3000", "other", "localhost", true],
  ["data:text/plain,x", "api.example.com", undefined, false],
  ["blob:https://api.example.com/x", "api.example.com", undefined, false],
])("%s, API at %s, domain %s: %s", (url, host, domain, ours) => expect(isOurs(new URL(url), host, domain)).toBe(ours));

describe("storage", () => {
  const all = { front: "f", csrf: "c", access: "a", refresh: "r", skew: "8000", lat: "1", out: "" };
  const world = (changes: object = {}) => ({
    fetch,
    document: cookieDocument("https://www.example.com/"),
    location: { href: "https://www.example.com/", protocol: "https:" },
    localStorage: values(),
    sessionStorage: values(),
    ...changes,
  });

  test("what servers read is in cookies, tokens are not", () => {
    const page = world();
    const degraded = vi.fn();
    const storage = browserStorage(page, {}, undefined, degraded);
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect(page.document.cookie).toBe("sFrontToken=f; sAntiCsrf=c; st-last-access-token-update=1");
    expect(page.document.written.filter((text) => text.includes("sFrontToken=f"))).toEqual([
      "sFrontToken=f;path=/;samesite=lax;secure;max-age=34560000",
    ]);
    expect(degraded).not.toHaveBeenCalled();
  });

  test("with a domain tokens are in cookies of it, and those of the host go", () => {
    const page = world();
    page.document.cookie = "st-refresh-token=old;path=/";
    browserStorage(page, {}, "example.com", () => {}).set(all);
    expect(page.document.jar.get("st-refresh-token@example.com")).toBe("r");
    expect(page.document.jar.has("st-refresh-token@")).toBe(false);
  });

  test("another domain's page finds them", () => {
    const page = world();
    browserStorage(page, {}, "example.com", () => {}).set(all);
    const sibling = browserStorage({ ...page, localStorage: values() }, {}, "example.com", () => {});
    expect(sibling.get()).toMatchObject({ access: "a", refresh: "r", lat: "1" });
  });

  test.each(["cookie", "header"])("what another SDK has left is found (%s)", (mode) => {
    const page = world();
    page.document.cookie = `sFrontToken=${encodeFront(ada)};path=/`;
    page.document.cookie = "st-last-access-token-update=1700000000000;path=/";
    if (mode === "header") {
      page.document.cookie = "st-access-token=a;path=/";
      page.document.cookie = "st-refresh-token=r;path=/";
    }
    const storage = browserStorage(page, {}, undefined, () => {});
    const found = storage.get() as { access?: string; refresh?: string };
    expect(sessionIn(found)).toEqual(ada);
    expect(found.refresh).toBe(mode === "header" ? "r" : undefined);
    storage.set({ ...found, lat: "2" });
    expect(page.document.cookie).not.toContain("st-refresh-token");
    expect((storage.get() as { refresh?: string }).refresh).toBe(mode === "header" ? "r" : undefined);
  });

  test("cookies that others have changed since are believed, tokens are not forgotten", () => {
    const page = world();
    const storage = browserStorage(page, {}, undefined, () => {});
    storage.set(all);
    page.document.cookie = "sFrontToken=new;path=/";
    page.document.cookie = "st-last-access-token-update=2;path=/";
    expect(storage.get()).toMatchObject({ front: "new", lat: "2", refresh: "r" });
  });

  test("without cookies it is kept all the same, and told", () => {
    const degraded = vi.fn();
    const document = {
      baseURI: "https://x/",
      get cookie() {
        return "";
      },
      set cookie(_: string) {},
    };
    const storage = browserStorage(world({ document }), {}, undefined, degraded);
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect(degraded).toHaveBeenCalledWith("localStorage");
  });

  test.each([
    [
      "blocked",
      {
        get localStorage(): never {
          throw new DOMException("no", "SecurityError");
        },
      },
    ],
    [
      "full",
      {
        localStorage: {
          ...values(),
          setItem: () => {
            throw new DOMException("no", "QuotaExceededError");
          },
        },
      },
    ],
    ["missing", { localStorage: undefined }],
  ])("if localStorage is %s, tokens live as long as the page", (_, changes) => {
    const degraded = vi.fn();
    const page = Object.defineProperties(world(), Object.getOwnPropertyDescriptors(changes)) as ReturnType<
      typeof world
    >;
    const storage = browserStorage(page, {}, undefined, degraded);
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect(degraded).toHaveBeenCalledWith("memory");
  });

  test("a record that is no record is none", () => {
    const page = world();
    page.localStorage.setItem("hallpass", "{");
    expect(browserStorage(page, {}, undefined, () => {}).get()).toMatchObject({});
  });

  test("for the browser's session: session cookies and sessionStorage", () => {
    const page = world();
    browserStorage(page, { persist: "session" }, undefined, () => {}).set(all);
    expect(page.document.written.find((text) => text.includes("sFrontToken=f"))).not.toContain("max-age");
    expect(page.sessionStorage.kept.size).toBe(1);
    expect(page.localStorage.kept.size).toBe(0);
  });

  test("for the page alone: nothing outside", () => {
    const page = world();
    const storage = browserStorage(page, { persist: "memory" }, undefined, () => {});
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect([page.document.written, page.localStorage.kept.size, page.sessionStorage.kept.size]).toEqual([[], 0, 0]);
  });

  test("in frames of other sites cookies are partitioned", () => {
    const page = world();
    browserStorage(page, { framed: true }, undefined, () => {}).set(all);
    expect(page.document.written.at(-1)).toContain("samesite=none;partitioned;secure");
  });
});

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
    const other = { ...world };
    const both = Promise.all([
      run(world, "a", siblings, log, 500),
      run(other, "b".replace("b", "a"), siblings, log, 500),
    ]);
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

  test("without a place to write to, this page's callers still take turns", async () => {
    const log: string[] = [];
    const both = Promise.all([run({}, "none", undefined, log, 100), run({}, "none", undefined, log, 100)]);
    await vi.advanceTimersByTimeAsync(1000);
    await both;
    expect(log).toEqual(["in", "out", "in", "out"]);
  });
});

describe("claims", () => {
  const context = { now: () => 100_000, fetch };
  const refresh = () => {};
  const plan = new PrimitiveClaim<string>({ id: "plan", refresh, defaultMaxAgeInSeconds: 50 });
  const is = (
    validator: {
      validate: typeof plan.validators.hasValue extends (...a: never[]) => infer V
        ? (V & { validate: unknown })["validate"]
        : never;
    },
    payload: object,
  ) => (validator as ReturnType<typeof plan.validators.hasValue>).validate(payload as never, context);

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

describe("decisions", () => {
  const signedIn = (roles: string[]): Snapshot => ({
    status: "authenticated",
    userId: "ada",
    payload: { "st-role": { v: roles, t: 1 } },
    expiresAt: 1,
  });
  const admin = UserRoleClaim.validators.includes("admin");
  const nobody = { status: "unauthenticated" } as const;
  const offline = { ...signedIn([]), status: "unknown" } as Snapshot;

  test.each([
    [{ status: "loading" } as const, {}, "wait"],
    [{ status: "loading" } as const, { require: false }, "render"],
    [nobody, { require: false }, "render"],
    [nobody, {}, "deny"],
    [nobody, { loginUrl: "/login" }, "redirect"],
    [nobody, { loginUrl: "/login", currentUrl: "https://x/login?redirectToPath=%2F" }, "render"],
    [signedIn([]), {}, "render"],
    [signedIn(["admin"]), { validators: [admin] }, "render"],
    [signedIn([]), { validators: [admin] }, "deny"],
    [signedIn([]), { validators: [{ ...admin, showAccessDeniedOnFailure: false }] }, "render"],
    [signedIn([]), { validators: [{ ...admin, onFailureRedirection: () => "/why" }] }, "redirect"],
    [signedIn([]), { validators: [{ ...admin, onFailureRedirection: () => "/why" }], currentUrl: "/why" }, "render"],
    [signedIn([]), { validators: [admin], redirectTo: "/no" }, "redirect"],
    [offline, {}, "wait"],
    [offline, { offline: "allow" } as const, "render"],
    [offline, { require: false }, "render"],
  ])("%# %j", (snapshot, guard, action) => expect(decide(snapshot, guard).action).toBe(action));

  test("the sign-in page is told the way back", () => {
    const guard = { loginUrl: "/login?x=1#top", currentUrl: "https://x.example/a?b=c&d#e" };
    expect(decide(nobody, guard)).toEqual({
      action: "redirect",
      to: "/login?x=1&redirectToPath=%2Fa%3Fb%3Dc%26d%23e#top",
      reason: "no-session",
    });
  });

  test.each([
    ["/a?b#c", "/a?b#c"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["https://evil.example", "/"],
    ["a", "/"],
    ["", "/"],
    [null, "/"],
  ])("the way back %j is %s", (value, path) => expect(returnPath(value)).toBe(path));
});

describe("the doctor", () => {
  const healthy: Scene = {
    page: new URL("https://www.example.com"),
    api: new URL("https://api.example.com/auth"),
    secureContext: true,
    cookiesWork: true,
    storageWorks: true,
    locks: true,
    skewMs: 0,
    cookies: { sFrontToken: 1 },
  };

  test.each([
    [{}, []],
    [{ api: new URL("http://api.example.com/auth") }, ["mixed-scheme"]],
    [{ page: new URL("https://example.org") }, ["two-sites"]],
    [{ page: new URL("http://127.0.0.1"), api: new URL("http://localhost") }, ["two-sites", "host-mismatch"]],
    [{ cookiesWork: false, storageWorks: false }, ["cookies-blocked", "storage-blocked"]],
    [{ locks: false, skewMs: 60_000 }, ["no-locks", "clock"]],
    [{ cookies: { sFrontToken: 2 } }, ["duplicate-cookie"]],
  ])("%j", (changes, codes) => {
    expect(judgeScene({ ...healthy, ...changes }).map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    [new SessionError("config", new Response()), "front-token-unreadable"],
    [new SessionError("http", new Response(null, { status: 404 })), "not-found"],
    [new SessionError("http", new Response(null, { status: 500 })), "server-error"],
    [new SessionError("http", new Response(null, { status: 429 })), "http"],
    [new SessionError("network"), "unreachable"],
  ])("%s: %s", (error, code) => expect(judgeFailure(error).code).toBe(code));
});

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

test("a socket is told of new tokens, and of the end", async () => {
  const session = fakeSession({ userId: "ada", accessToken: "t1" });
  const [onToken, onEnd] = [vi.fn(), vi.fn()];
  const auth = socketAuth(session, { onToken, onEnd });
  expect(await auth.token()).toBe("t1");
  session.emit({ type: "REFRESH_SESSION", origin: "local" });
  await Promise.resolve();
  expect(onToken).not.toHaveBeenCalled();
  await session.signOut();
  expect(onEnd).toHaveBeenCalledTimes(1);
  auth.stop();
  session.emit({ type: "SIGN_OUT", origin: "local" });
  expect(onEnd).toHaveBeenCalledTimes(1);
});

describe("the configuration of the other SDK", () => {
  test.each([
    ["api.example.com", "https://api.example.com"],
    ["localhost:8080", "http://localhost:8080"],
    ["localhost.example.com", "https://localhost.example.com"],
    ["127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["https://api.example.com/", "https://api.example.com"],
  ])("%s is at %s", (text, origin) => expect(addressOf(text).origin).toBe(origin));

  test("becomes ours", () => {
    const options = optionsOf({
      apiDomain: "api.example.com/gateway",
      apiBasePath: "/x/",
      sessionTokenFrontendDomain: ".example.com",
      sessionTokenBackendDomain: "https://.example.com:99",
      tokenTransferMethod: "header",
    });
    expect(options).toMatchObject({
      api: "https://api.example.com/gateway/x",
      cookieDomain: "example.com",
      apiDomain: "example.com",
      mode: "header",
      retries: 10,
    });
  });

  test("is refused where the SDK refuses it", () => {
    const apiDomain = "a.example";
    expect(() => optionsOf({ apiDomain, sessionExpiredStatusCode: 403 })).toThrow("the same");
    expect(() => optionsOf({ apiDomain, maxRetryAttemptsForSessionRefresh: -1 })).toThrow("negative");
  });
});

// What an app has put in place of the browser's own.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as compat from "../src/compat/index.js";
import { FakeServer } from "../src/testing/index.js";
import { Browser, cookieDocument } from "./browser.js";
import { status } from "./setup.js";

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  forget();
});

/** As a page that is loaded anew knows nothing. */
const forget = () => {
  for (const name of ["__supertokensOriginalFetch", "hallpass:fetch", "hallpass:delegate"])
    Reflect.deleteProperty(globalThis, name);
};

function page(mode: "cookie" | "header", config: Partial<compat.Config>, server = new FakeServer({ mode })) {
  forget();
  const browser = new Browser(server);
  const window = browser.tab();
  for (const name of ["fetch", "document", "location", "localStorage", "navigator"] as const)
    vi.stubGlobal(name, window[name]);
  compat.init({ apiDomain: server.origin, tokenTransferMethod: mode, ...config });
  const call = (path = "/me", init?: RequestInit) => fetch(server.origin + path, init);
  return { server, browser, call, signIn: (user: string) => call("/auth/signin", { method: "POST", body: user }) };
}

/** Cookies of an app's own. */
function jar() {
  const document = cookieDocument("https://app.example/");
  const handler: compat.CookieHandlerInput = () => ({
    getCookie: async () => document.cookie,
    setCookie: async (cookie) => {
      document.cookie = cookie;
    },
  });
  return { document, handler };
}

/** A window whose storage is an app's own, or takes nothing. */
function windowWith(kept: Map<string, string>, broken = false): compat.WindowHandlerInput {
  const storage = async () => {
    if (broken) throw new Error("broken");
    return kept;
  };
  return (original) => ({
    ...original,
    localStorage: {
      ...original.localStorage,
      getItem: async (key) => (await storage()).get(key) ?? null,
      setItem: async (key, value) => void (await storage()).set(key, value),
      removeItem: async (key) => void (await storage()).delete(key),
    },
  });
}

describe.each(["cookie", "header"] as const)("tokens in %ss", (mode) => {
  test("a session is kept where the app's handlers keep it, and found there again", async () => {
    const { document, handler } = jar();
    const kept = new Map<string, string>();
    const config = { cookieHandler: handler, windowHandler: windowWith(kept) };
    const { server, browser, call, signIn } = page(mode, config);
    await signIn("ada");
    expect(await compat.getUserId()).toBe("ada");
    expect(document.cookie).toContain("sFrontToken=");
    expect([...kept.keys()]).toEqual(["hallpass"]);
    expect([browser.document.cookie, browser.localStorage.kept.size]).toEqual(["", 0]);
    server.expire();
    expect((await call()).status).toBe(200);

    const again = page(mode, config, server);
    expect(await compat.doesSessionExist()).toBe(true);
    expect((await again.call()).status).toBe(200);
    await compat.signOut();
    expect(document.cookie).not.toContain("sFrontToken=");
    expect(await compat.doesSessionExist()).toBe(false);
    expect(kept.get("hallpass")).not.toContain("ada");
  });

  test.each([
    ["cookies that do not stay", async () => "", async () => {}],
    ["cookies that cannot be read", () => Promise.reject(new Error("no")), () => Promise.reject(new Error("no"))],
    [
      "cookies that throw",
      () => {
        throw new Error("no");
      },
      () => {
        throw new Error("no");
      },
    ],
    ["cookies that are no text", async () => undefined as never, async () => {}],
  ])("with %s the session is where else there is room for it", async (_, getCookie, setCookie) => {
    const kept = new Map<string, string>();
    const config = { cookieHandler: () => ({ getCookie, setCookie }), windowHandler: windowWith(kept) };
    const { server, call, signIn } = page(mode, config);
    await signIn("ada");
    server.expire();
    expect((await call()).status).toBe(200);
    expect(await compat.getUserId()).toBe("ada");
    page(mode, config, server);
    expect(await compat.getUserId()).toBe("ada");
  });

  test("if all fails it lives as long as the page", async () => {
    const cookieHandler = () => ({ getCookie: async () => "", setCookie: async () => {} });
    const { server, call, signIn } = page(mode, { cookieHandler, windowHandler: windowWith(new Map(), true) });
    await signIn("ada");
    server.expire();
    expect((await call()).status).toBe(200);
    expect(await compat.getUserId()).toBe("ada");
  });

  test("a payload of 64 KiB is not cut short", async () => {
    const { document, handler } = jar();
    const payload = { bulk: "ü".repeat(32_768) };
    const config = { cookieHandler: handler };
    const { signIn, server } = page(mode, config, new FakeServer({ mode, payload }));
    await signIn("ada");
    expect(await compat.getAccessTokenPayloadSecurely()).toMatchObject(payload);
    expect(document.cookie).toContain("st-front-overflow=1");
    server.payload = {};
    await compat.attemptRefreshingSession();
    expect(document.cookie).not.toContain("st-front-overflow=1");
  });
});

test("handlers are given what the browser has", async () => {
  let cookies: compat.CookieHandlerInterface | undefined;
  let window: compat.WindowHandlerInterface | undefined;
  const { browser } = page("cookie", {
    cookieHandler: (original) => {
      cookies = original;
      return original;
    },
    windowHandler: (original) => {
      window = original;
      return original;
    },
  });
  await cookies?.setCookie("a=b;path=/");
  expect(await cookies?.getCookie()).toContain("a=b");
  window?.localStorage.setItemSync("k", "v");
  expect(await window?.localStorage.getItem("k")).toBe("v");
  expect(window?.location.getHref()).toBe(browser.document.baseURI);
});

test("where the page is a window handler says", async () => {
  const { document, handler } = jar();
  const windowHandler: compat.WindowHandlerInput = (original) => ({
    ...original,
    location: { ...original.location, getHref: () => "app://shop/" },
  });
  const { signIn } = page("cookie", { cookieHandler: handler, windowHandler });
  await signIn("ada");
  expect(document.written.find((text) => text.startsWith("sFrontToken="))).not.toContain("secure");
});

describe("locks of the app's own", () => {
  const lockOf = (log: string[], answers: boolean[] = []) => ({
    acquireLock: async (key: string) => {
      const had = answers.shift() ?? true;
      log.push(`${had ? "had" : "not"} ${key}`);
      return had;
    },
    releaseLock: async (key: string) => void log.push(`left ${key}`),
  });

  test("are what refreshes and claims wait for, and left whatever happens", async () => {
    const log: string[] = [];
    const { server, signIn } = page("cookie", { lockFactory: async () => lockOf(log) });
    await signIn("ada");
    server.instead.push(status(500));
    await expect(compat.attemptRefreshingSession()).rejects.toBeInstanceOf(Response);
    const validator = {
      id: "st-ev",
      shouldRefresh: () => true,
      refresh: async () => void log.push("fetched"),
      validate: () => ({ isValid: true as const }),
    };
    await compat.validateClaims(() => [validator]);
    expect(log).toEqual([
      "had REFRESH_TOKEN_USE",
      "left REFRESH_TOKEN_USE",
      "had CLAIM_REFRESH_LOCK",
      "fetched",
      "left CLAIM_REFRESH_LOCK",
    ]);
  });

  test("are waited for, but not for ever", async () => {
    const log: string[] = [];
    const { signIn } = page("cookie", { lockFactory: async () => lockOf(log, [false, false, true]) });
    await signIn("ada");
    const refreshed = compat.attemptRefreshingSession();
    await vi.advanceTimersByTimeAsync(500);
    expect(await refreshed).toBe(true);
    expect(log).toHaveLength(4);

    const never = page("cookie", { lockFactory: async () => lockOf(log, Array(1000).fill(false)) });
    await never.signIn("ada");
    const late = compat.attemptRefreshingSession();
    await vi.advanceTimersByTimeAsync(26_000);
    expect(await late).toBe(true);
    expect(log.filter((line) => line.startsWith("left"))).toHaveLength(1);
  });
});

describe("overridden functions", () => {
  test("may be few, and those added by the builder lie on top", async () => {
    const log: string[] = [];
    page("cookie", {
      override: {
        functions: (original, builder) => {
          builder.override((below) => ({
            doesSessionExist: async (input) => {
              log.push("top");
              return below.doesSessionExist(input);
            },
          }));
          return {
            doesSessionExist: async (input) => {
              log.push("below");
              return original.doesSessionExist(input);
            },
          };
        },
      },
    });
    expect(await compat.doesSessionExist()).toBe(false);
    expect(log).toEqual(["top", "below"]);
  });

  test("may stand between the page and its requests", async () => {
    const log: string[] = [];
    const { call, signIn } = page("cookie", {
      override: {
        functions: (original) => ({
          addFetchInterceptorsAndReturnModifiedFetch({ originalFetch, userContext }) {
            const inner: typeof fetch = (input, init) => {
              log.push("sent");
              return originalFetch(input, init);
            };
            const outer = original.addFetchInterceptorsAndReturnModifiedFetch({ originalFetch: inner, userContext });
            return (input, init) => {
              log.push("asked");
              return outer(input, init);
            };
          },
          addAxiosInterceptors: () => void log.push("axios"),
        }),
      },
    });
    await signIn("ada");
    log.length = 0;
    await call();
    expect(log).toEqual(["asked", "sent"]);
    compat.addAxiosInterceptors({});
    expect(log.at(-1)).toBe("axios");
  });

  test("that there are not are refused when the app starts, not left out", () => {
    const wrong = (functions: object) => () => page("cookie", { override: { functions: () => functions } });
    expect(wrong({ calculateClockSkewInMillis: () => 0 })).toThrow("dateProvider");
    expect(wrong({ signout: async () => {} })).toThrow("signout cannot be overridden");
  });
});

test("the clock is the app's own", async () => {
  const ahead = { now: () => Date.now() + 3_600_000, getThresholdInSeconds: () => 7, setThresholdInSeconds: () => {} };
  const { server, call, signIn } = page("cookie", { dateProvider: () => ahead });
  await signIn("ada");
  await call();
  expect(server.refreshes).toBe(0);
  expect(Math.abs(compat.client().now() - Date.now())).toBeLessThan(1000);
});

test("a general error is one by its class, too", async () => {
  const { server, signIn } = page("cookie", {});
  await signIn("ada");
  server.instead.push(() => Response.json({ status: "GENERAL_ERROR", message: "not now" }));
  const error = await compat.signOut().catch((error: unknown) => error);
  expect(compat.STGeneralError.isThisError(error)).toBe(true);
  expect(error).toBeInstanceOf(compat.STGeneralError);
  for (const other of [null, undefined, 1, "x", new Error("x"), {}])
    expect(compat.STGeneralError.isThisError(other)).toBe(false);
});

test("validators of parts of the app are asked, with what the app passes along", async () => {
  const seen: unknown[] = [];
  compat.SessionClaimValidatorStore.addClaimValidatorFromOtherRecipe({
    id: "other",
    shouldRefresh: () => false,
    refresh: () => {},
    validate: (_, context) => {
      seen.push(context["tenant"]);
      return Promise.resolve({ isValid: false, reason: "no" });
    },
  });
  const { signIn } = page("cookie", {});
  await signIn("ada");
  expect(await compat.validateClaims(undefined, { tenant: "t1" })).toEqual([{ id: "other", reason: "no" }]);
  const claim = {
    refresh: () => {},
    getValueFromPayload: (payload: Record<string, unknown>, context: Record<string, unknown>) =>
      `${payload["sub"]} of ${context["tenant"]}`,
    getLastFetchedTime: () => undefined,
  };
  expect(await compat.getClaimValue({ claim, userContext: { tenant: "t1" } })).toBe("ada of t1");
  expect(seen).toEqual(["t1"]);
});

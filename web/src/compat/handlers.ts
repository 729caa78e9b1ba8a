// What an app may put in place of a browser's cookies, storage and locks: `cookieHandler`, `windowHandler` and `lockFactory` of
// `supertokens-website`. They answer later; what is kept, and where, is decided as for browsers.
import { PATIENCE_MS } from "../lock.js";
import { browserStorage, COOKIES, RECORD, readCookie } from "../storage.js";
import type { Platform, SessionLock, SessionOptions, SessionStorage } from "../types.js";

/** What `document.cookie` is, but later. */
export interface CookieHandlerInterface {
  /** All cookies, as `document.cookie` reads. */
  getCookie(): Promise<string>;
  /** Writes one, as an assignment to `document.cookie` does. */
  setCookie(cookie: string): Promise<void>;
}

/** Gets what the browser has; makes what is used instead. */
export type CookieHandlerInput = (original: CookieHandlerInterface) => CookieHandlerInterface;

/** A `Storage` that answers later, and at once. */
export interface StorageHandler {
  key(index: number): Promise<string | null>;
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
  clear(): Promise<void>;
  keySync(index: number): string | null;
  getItemSync(key: string): string | null;
  setItemSync(key: string, value: string): void;
  removeItemSync(key: string): void;
  clearSync(): void;
}

/** A window. Of a handler's answer `localStorage.getItem`, `setItem` and `removeItem`, and `location.getHref` are used. */
export interface WindowHandlerInterface {
  history: {
    replaceState(data: unknown, unused: string, url?: string | null): void;
    getState(): unknown;
  };
  location: {
    getHref(): string;
    setHref(href: string): void;
    getSearch(): string;
    getHash(): string;
    getPathName(): string;
    assign(url: string | URL): void;
    getOrigin(): string;
    getHostName(): string;
    getHost(): string;
  };
  getDocument(): Document;
  localStorage: StorageHandler;
  sessionStorage: StorageHandler;
  getWindowUnsafe(): typeof window;
}

/** Gets what the browser has; makes what is used instead. */
export type WindowHandlerInput = (original: WindowHandlerInterface) => WindowHandlerInterface;

/** Locks of an app's own. */
export interface Lock {
  /** False if somebody else has had it for `timeout` milliseconds. */
  acquireLock(key: string, timeout?: number): Promise<boolean>;
  releaseLock(key: string): Promise<void>;
}

export type LockFactory = () => Promise<Lock>;

type Page = typeof globalThis;

const browserCookies = (page: Page): CookieHandlerInterface => ({
  getCookie: async () => page.document.cookie,
  async setCookie(cookie) {
    page.document.cookie = cookie;
  },
});

const storageHandler = (storage: () => Storage): StorageHandler => ({
  key: async (index) => storage().key(index),
  getItem: async (key) => storage().getItem(key),
  setItem: async (key, value) => storage().setItem(key, value),
  removeItem: async (key) => storage().removeItem(key),
  clear: async () => storage().clear(),
  keySync: (index) => storage().key(index),
  getItemSync: (key) => storage().getItem(key),
  setItemSync: (key, value) => storage().setItem(key, value),
  removeItemSync: (key) => storage().removeItem(key),
  clearSync: () => storage().clear(),
});

const browserWindow = (page: Page): WindowHandlerInterface => ({
  history: {
    replaceState: (data, unused, url) => page.history.replaceState(data, unused, url),
    getState: () => page.history.state,
  },
  location: {
    getHref: () => page.location.href,
    setHref: (href) => {
      page.location.href = href;
    },
    getSearch: () => page.location.search,
    getHash: () => page.location.hash,
    getPathName: () => page.location.pathname,
    assign: (url) => page.location.assign(url),
    getOrigin: () => page.location.origin,
    getHostName: () => page.location.hostname,
    getHost: () => page.location.host,
  },
  getDocument: () => page.document,
  localStorage: storageHandler(() => page.localStorage),
  sessionStorage: storageHandler(() => page.sessionStorage),
  getWindowUnsafe: () => page.window,
});

/** What an app has put in place of the browser's own. */
export interface Handlers {
  cookieHandler?: CookieHandlerInput;
  windowHandler?: WindowHandlerInput;
  lockFactory?: LockFactory;
}

/** The options that mean the same. Nothing, if an app has put nothing in place of anything. */
export function handled(handlers: Handlers, options: SessionOptions, page: Page): Partial<SessionOptions> {
  const { cookieHandler, windowHandler, lockFactory } = handlers;
  const around = browserWindow(page);
  const window = windowHandler?.(around) ?? around;
  const cookies = browserCookies(page);
  const jar = cookieHandler?.(cookies) ?? cookies;
  const kept = (cookieHandler || windowHandler) && { storage: handledStorage(jar, window, options) };
  return { ...kept, ...(lockFactory && { lock: factoryLock(lockFactory) }) };
}

/** Where a page is, as a handler says it. */
export function placeOf(windowHandler: WindowHandlerInput | undefined, page: Page): Platform["location"] {
  if (!windowHandler) return page.location;
  const href = windowHandler(browserWindow(page)).location.getHref();
  return { href, protocol: new URL(href).protocol };
}

/** `document.cookie` of what has been read. What is written shows there, and in `written`. */
function cookiesOf(text: string, baseURI: string, written: string[]): { cookie: string; readonly baseURI: string } {
  const jar = new Map(text.split("; ").map((pair) => [pair.split("=")[0] ?? "", pair]));
  return {
    baseURI,
    get cookie() {
      return [...jar.values()].join("; ");
    },
    set cookie(cookie) {
      written.push(cookie);
      const [pair = "", ...attributes] = cookie.split(";");
      const [name = ""] = pair.split("=");
      if (attributes.includes("max-age=0")) jar.delete(name);
      else jar.set(name, pair);
    },
  };
}

/** Undefined for what a handler cannot do. */
const tried = <T>(act: () => Promise<T>): Promise<T | undefined> =>
  Promise.resolve()
    .then(act)
    .catch(() => undefined);

/** The browser's way of keeping a session, by handlers that answer later: what they have is read, changed, and handed back. */
function handledStorage(
  cookies: CookieHandlerInterface,
  { localStorage, location }: WindowHandlerInterface,
  { framed = false, cookieDomain }: SessionOptions,
): SessionStorage {
  const href = location.getHref();
  const { protocol, hostname } = new URL(href);
  const domain = cookieDomain === hostname || cookieDomain === "localhost" ? undefined : cookieDomain;
  /** The record, if `localStorage` did not take it: then it lives as long as the page. */
  let refused: string | undefined;

  const allCookies = async () => `${(await tried(() => cookies.getCookie())) ?? ""}`;
  const keptRecord = () => tried(() => localStorage.getItem(RECORD));

  const open = async (written: string[]): Promise<SessionStorage> => {
    const document = cookiesOf(await allCookies(), href, written);
    const record = refused ?? (await keptRecord()) ?? null;
    const read = { getItem: () => record, setItem: () => {}, removeItem: () => {} };
    const world = { fetch, document, location: { href, protocol }, localStorage: read };
    return browserStorage(world, { framed }, domain, () => {});
  };

  return {
    get: async () => (await open([])).get(),
    async set(all) {
      const written: string[] = [];
      await (await open(written)).set(all);
      for (const cookie of written) await tried(() => cookies.setCookie(cookie));
      // The record says which cookies it belongs to. They may not have been taken.
      const text = JSON.stringify({ ...all, of: readCookie({ cookie: await allCookies() }, COOKIES.lat) });
      await tried(() => localStorage.setItem(RECORD, text));
      refused = (await keptRecord()) === text ? undefined : text;
      if (refused) await tried(() => localStorage.removeItem(RECORD));
    },
  };
}

/** How long to wait for a lock before asking again, and how long between. In milliseconds. */
const WAIT_MS = 1000;
const BETWEEN_MS = 100;

/** Turns by an app's own locks, under the names that it knows. Nobody waits for ever. */
const factoryLock =
  (factory: LockFactory): SessionLock =>
  async (name, critical) => {
    const key = name.endsWith("#claims") ? "CLAIM_REFRESH_LOCK" : "REFRESH_TOKEN_USE";
    const lock = await factory();
    const giveUp = Date.now() + PATIENCE_MS;
    let mine = await lock.acquireLock(key, WAIT_MS);
    while (!mine && Date.now() < giveUp) {
      await new Promise((done) => setTimeout(done, BETWEEN_MS));
      mine = await lock.acquireLock(key, WAIT_MS);
    }
    try {
      return await critical();
    } finally {
      if (mine) await lock.releaseLock(key);
    }
  };

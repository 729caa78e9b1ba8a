// A session client: the parts put together.
import { exchanger } from "./exchange.js";
import { sessionFetch } from "./fetch.js";
import { GONE, NO_CSRF, ownHeaders } from "./headers.js";
import { keep } from "./kept.js";
import { platformLock } from "./lock.js";
import { refresher } from "./refresh.js";
import { type Change, sessionIn, snapshotOf } from "./state.js";
import { browserStorage } from "./storage.js";
import {
  type Origin,
  type Payload,
  type Platform,
  type SessionClient,
  SessionError,
  type SessionOptions,
  type Snapshot,
} from "./types.js";
import { domainOf, isOurs, mayCarryTokens } from "./url-rule.js";

/** Where a page's own `fetch` is kept once it is replaced, for all copies of this package. */
export const INSTALLED = Symbol.for("hallpass.fetch");

const DEFAULTS = {
  api: "/auth",
  mode: "cookie",
  expiredStatus: 401,
  claimStatus: 403,
  credentials: true,
  retries: 3,
  timeoutMs: 20_000,
  now: () => Date.now(),
} satisfies SessionOptions;

type Installed = Platform & { [INSTALLED]?: { original: typeof fetch } };

/**
 * Makes a client. It reads what the browser keeps and does nothing else until it is used, so that servers may make one, too.
 *
 * @throws {SessionError} `config`: an option cannot be used.
 */
export function createSession<P extends object = Payload>(given: SessionOptions<P> = {}): SessionClient<P> {
  const options = { ...DEFAULTS, ...given };
  const initial: Snapshot<P> = given.initial ?? { status: "loading" };
  const { now: clock, mode } = options;
  const mayProbe = !given.initial && (given.probe ?? (given.persist ? "never" : "eager")) === "eager";
  const world = given.platform ?? (globalThis as unknown as Platform);
  const native = ((world as Installed)[INSTALLED]?.original ?? world.fetch).bind(world as typeof globalThis);

  const baseUrl = () => world.document?.baseURI ?? world.location?.href;
  const page = new URL(baseUrl() ?? "http://localhost");
  const api = new URL(options.api, page);
  const base = api.href.replace(/\/$/, "");
  const refreshUrl = `${base}/session/refresh`;
  const signOutUrl = `${base}/signout`;
  const hosts = given.apiDomain && domainOf(given.apiDomain);
  const wanted = given.cookieDomain && domainOf(given.cookieDomain);
  const siblings = wanted === page.hostname || wanted === "localhost" ? undefined : wanted;
  const lock = given.lock ?? platformLock(world, siblings);

  // What is known, and who is told.

  const handlers = new Set<(type: string, event: unknown) => void>();
  let snapshot = initial;
  let settled = false;
  let failed = false;

  const known = () => sessionIn(kept.here());
  const now = () => clock() + (Number(kept.here().skew) || 0);

  const on = (wanted: string, handler: (event: never) => void) => {
    const own = (type: string, event: unknown) => {
      if (wanted === type || (type && wanted === "*")) handler(event as never);
    };
    handlers.add(own);
    return () => void handlers.delete(own);
  };
  /** One handler's failure is nobody else's. */
  const tell = (type: string, event?: unknown) => {
    for (const handler of [...handlers]) {
      try {
        handler(type, event);
      } catch (error) {
        console.error(error);
      }
    }
  };
  const draw = () => {
    const session = known();
    const next = snapshotOf(session, now(), !settled && !failed, failed, mayProbe);
    // Where nothing is kept, what the server has rendered holds.
    if ((session === undefined && given.initial) || JSON.stringify(next) === JSON.stringify(snapshot)) return;
    snapshot = next as Snapshot<P>;
    tell("");
  };
  const fire = (change: Change, origin: Origin = "local") => {
    if (change.type === "REFRESH_FAILED") {
      failed = true;
      draw();
    }
    tell(change.type, { ...change, origin });
  };
  const publish = (changes: Change[], origin: Origin) => {
    failed = false;
    draw();
    for (const change of changes) fire(change, origin);
  };

  const storage =
    given.storage ?? browserStorage(world, given, siblings, (tier) => fire({ type: "STORAGE_DEGRADED", tier }));
  const kept = keep(storage, clock, given.frontTokenFilter, publish);
  const refresh = refresher(options, refreshUrl, kept, lock, world, native, fire);
  const finishSignOut = () =>
    lock(refreshUrl, async () =>
      (await import("./tombstone.js")).finishSignOut(signOutUrl, refreshUrl, mode, options.expiredStatus, kept, native),
    ).catch(console.error);
  const open = exchanger(options, kept, now, refresh, finishSignOut, fire);

  // Questions.

  /** Asks the server, if only it knows. `aheadMs`: for how long the session has to last. What went wrong. */
  const ask = async (aheadMs = 0): Promise<SessionError | undefined> => {
    const seen = await kept.load();
    const session = sessionIn(seen);
    const needed = session ? session.ate - aheadMs <= now() : session === undefined && mayProbe;
    const error = needed ? await refresh(seen).then(undefined, (error) => error) : undefined;
    settled = true;
    draw();
    return error;
  };
  /** What is there, if it lasts. */
  const present = async (aheadMs?: number) => {
    const error = await ask(aheadMs);
    if (error && snapshot.status !== "authenticated") throw error;
    return snapshot;
  };
  const required = async () => {
    const found = await present();
    if (found.userId === undefined) throw new SessionError("no-session", "no session");
    return found;
  };

  // What happens elsewhere.

  const look = async () => {
    await kept.load();
    if (settled && mayProbe && known() === undefined) await ask();
  };
  const notice = ({ type }: { type: string }) => {
    const online = type === "online";
    if (online && kept.here().out) finishSignOut();
    void (online && failed ? ask() : look());
  };
  const life = new AbortController();
  const { signal } = life;
  if (world.document)
    for (const type of ["pageshow", "visibilitychange", "online", "storage"])
      world.addEventListener?.(type, notice, { signal });
  signal.onabort = storage.subscribe?.(() => void look()) ?? null;

  const exchange: SessionClient["exchange"] = (url, begin) => {
    const matches = isOurs(url, api.hostname, hosts);
    if (!(given.shouldIntercept?.(url, matches) ?? matches)) return undefined;
    // Whoever signs in need not know whether there was a session.
    return open(url, begin(), mayCarryTokens(url, api), mayProbe && !url.href.startsWith(`${base}/`));
  };
  const checks = async () => (await import("./claim-check.js")).claimChecks(client, lock, base);
  const client: SessionClient<P> = {
    initial,
    exchange,
    now,
    fetch: sessionFetch(native, baseUrl, exchange),
    snapshot: () => snapshot,
    subscribe: (changed) => on("", changed),
    on,
    async ready() {
      await ask();
      return snapshot;
    },
    async exists({ onNetworkError } = {}) {
      const error = await ask();
      if (error && onNetworkError === "throw") throw error;
      return !!snapshot.payload && !(error && onNetworkError === "false");
    },
    userId: async () => snapshot.userId ?? (await required()).userId,
    payload: async () => (await required()).payload,
    async accessToken({ minTtlMs } = {}) {
      await present(minTtlMs);
      return kept.here().access;
    },
    async refresh({ ifExpiresWithinMs = Infinity } = {}) {
      const error = await ask(ifExpiresWithinMs);
      if (error) throw error;
      return !!snapshot.payload;
    },
    async signOut({ ifUnreachable } = {}) {
      if (known() !== null) await ask();
      if (known() === null) return fire({ type: "SIGN_OUT" });
      const init = { method: "POST", headers: ownHeaders(mode) };
      const answer = await client.fetch(signOutUrl, init).catch(() => undefined);
      // HttpOnly cookies are out of our reach: until the server takes them, a tombstone says that they count no more.
      const { csrf = NO_CSRF, refresh } = kept.here();
      if (ifUnreachable === "local" && !(answer && answer.status < 500))
        return kept.put({ ...GONE, out: refresh ? "" : csrf });
      if (!answer) throw new SessionError("network", "sign-out: network");
      if (known()) await (await import("./sign-out.js")).endOrThrow(answer, kept);
    },
    claims: {
      validate: async (...asked) => (await checks()).validate(...asked),
      value: async (...asked) => (await checks()).value(...asked),
      invalidFrom: async (answer) => (await checks()).invalidFrom(answer),
    },
    doctor: async () => (await import("./doctor.js")).examine(client, world, api),
    destroy() {
      life.abort();
      handlers.clear();
    },
  };
  void kept.load();
  return client;
}

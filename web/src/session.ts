// A session client: the parts put together.
import { exchanger } from "./exchange.js";
import { sessionFetch } from "./fetch.js";
import { keep } from "./kept.js";
import { platformLock } from "./lock.js";
import { refresher } from "./refresh.js";
import { type Change, snapshotOf } from "./state.js";
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
import { isOurs } from "./url-rule.js";

/** Where a page's own `fetch` is kept once it is replaced, for all copies of this package. */
export const ORIGINAL = "hallpass:fetch";

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

type World = Platform & { [ORIGINAL]?: typeof fetch };

/**
 * Makes a client. It reads what the browser keeps and does nothing else until it is used, so that servers may make one, too.
 *
 * @throws {SessionError} `config`: an option cannot be used.
 */
export function createSession<P extends object = Payload>(given: SessionOptions<P> = {}): SessionClient<P> {
  const options = { ...DEFAULTS, ...given };
  const { platform: world = globalThis as World, initial = { status: "loading" } as const, now: clock } = options;
  const { probe = given.persist ? "never" : "eager" } = given;
  const mayProbe = initial.status === "loading" && probe === "eager";
  const native = ((world as World)[ORIGINAL] ?? world.fetch).bind(world as typeof globalThis);

  const baseUrl = () => world.document?.baseURI ?? world.location?.href;
  const page = new URL(baseUrl() ?? "http://localhost");
  const api = new URL(options.api, page);
  const base = api.href.replace(/\/$/, "");
  const refreshUrl = `${base}/session/refresh`;
  const { apiDomain, cookieDomain } = given;
  // A whole top-level domain would get the tokens, too.
  if (apiDomain && !/^[^.]+\.|^localhost$/.test(apiDomain)) throw new SessionError("config");
  const siblings = cookieDomain === page.hostname || cookieDomain === "localhost" ? undefined : cookieDomain;
  const lock = given.lock ?? platformLock(world, siblings);

  // What is known, and who is told.

  const handlers = new Set<(event: { type: string }) => void>();
  let snapshot: Snapshot<P> = initial;
  let settled = false;
  let failed = false;

  const now = () => clock() + (Number(kept.here().skew) || 0);

  const on = (wanted: string, handler: (event: never) => void) => {
    /** One handler's failure is nobody else's. */
    const own = (event: { type: string }) => {
      try {
        if (wanted === event.type || (event.type && wanted === "*")) handler(event as never);
      } catch (error) {
        console.error(error);
      }
    };
    handlers.add(own);
    return () => handlers.delete(own);
  };
  const tell = (event: { type: string; origin?: Origin }) => {
    for (const handler of [...handlers]) handler(event);
  };
  const draw = () => {
    const session = kept.session();
    const next = snapshotOf(session, now(), !settled && !failed, failed, mayProbe);
    // Where nothing is kept, what the server has rendered holds.
    if ((session === undefined && given.initial) || JSON.stringify(next) === JSON.stringify(snapshot)) return;
    snapshot = next as Snapshot<P>;
    tell({ type: "" });
  };
  const fire = (change: Change, origin: Origin = "local") => {
    if (change.type === "REFRESH_FAILED") {
      failed = true;
      draw();
    }
    tell({ ...change, origin });
  };
  const publish = (changes: Change[], origin: Origin) => {
    failed = false;
    draw();
    for (const change of changes) fire(change, origin);
  };

  const storage =
    given.storage ?? browserStorage(world, given, siblings, (tier) => fire({ type: "STORAGE_DEGRADED", tier }));
  const kept = keep(storage, clock, given.frontTokenFilter, probe === "never" ? "0" : undefined, publish);
  const refresh = refresher(options, refreshUrl, kept, lock, world, native, fire);
  const ending = () => import("./sign-out.js");
  const finishSignOut = () =>
    lock(refreshUrl, async () => (await ending()).finishSignOut(options, base, kept, native)).catch(console.error);
  /** Refreshes, if need be, a session that does not last `aheadMs`; or, if `probe`, one that may be there. */
  const fresh = async (probe = mayProbe, aheadMs = 0) => {
    const seen = await kept.load();
    const session = kept.session();
    return (session ? session.ate <= now() + aheadMs : session === undefined && probe) && refresh(seen);
  };
  const checks = async () => (await import("./claim-check.js")).claimChecks(client, lock, base);
  const forbidden = async (answer: Response) => (await checks()).forbidden(answer, fire);
  const open = exchanger(options, api, kept, refresh, fresh, finishSignOut, forbidden, fire);

  // Questions.

  /** Asks the server, if only it knows. What went wrong. */
  const ask = async (aheadMs?: number, probe?: boolean): Promise<SessionError | undefined> => {
    // A page that the browser prepares ahead may never be shown.
    if (world.document?.prerendering)
      await new Promise((shown) => world.document?.addEventListener?.("prerenderingchange", shown));
    const error = await fresh(probe, aheadMs).then(
      () => undefined,
      (error) => error,
    );
    settled = true;
    draw();
    // While there is a network: without one there must be a way to sign out, too.
    ending().catch(console.error);
    return error;
  };
  /** What is there, if it lasts. */
  const present = async (aheadMs?: number) => {
    const error = await ask(aheadMs);
    if (error && snapshot.status !== "authenticated") throw error;
    return snapshot;
  };
  const none = (): never => {
    throw new SessionError("no-session");
  };

  // What happens elsewhere.

  const look = async () => {
    if ((await kept.load()).out) finishSignOut();
    if (settled && (failed || (mayProbe && kept.session() === undefined))) await ask();
  };
  const life = new AbortController();
  if (world.document)
    for (const type of ["pageshow", "visibilitychange", "online", "storage"])
      world.addEventListener?.(type, look, { signal: life.signal });
  storage.subscribe?.(look, life.signal);

  const exchange: SessionClient["exchange"] = (url, begin) => {
    const matches = isOurs(url, api.hostname, apiDomain);
    if (!(given.shouldIntercept?.(url, matches) ?? matches)) return undefined;
    // Whoever signs in need not know whether there was a session.
    return open(url, begin(), mayProbe && !url.href.startsWith(`${base}/`));
  };
  const client: SessionClient<P> = {
    initial,
    exchange,
    now,
    fetch: sessionFetch(native, baseUrl, exchange),
    snapshot: () => snapshot,
    subscribe: (changed) => on("", changed),
    on,
    ready: () => ask().then(() => snapshot),
    async exists({ onNetworkError } = {}) {
      const error = await ask();
      if (error && onNetworkError === "throw") throw error;
      return !!snapshot.payload && !(error && onNetworkError === "false");
    },
    userId: async () => snapshot.userId ?? (await present()).userId ?? none(),
    payload: async () => (await present()).payload ?? none(),
    accessToken: ({ minTtlMs } = {}) => present(minTtlMs).then(() => kept.here().access || undefined),
    async refresh({ ifExpiresWithinMs = Infinity } = {}) {
      const error = await ask(ifExpiresWithinMs, true);
      if (error) throw error;
      return !!snapshot.payload;
    },
    async signOut({ ifUnreachable } = {}) {
      await ask();
      await (await ending()).signOut(options, base, kept, ifUnreachable === "local", client.fetch, fire);
    },
    claims: {
      validate: async (...asked) => (await checks()).validate(...asked),
      value: async (...asked) => (await checks()).value(...asked),
      invalidFrom: async (answer) => (await checks()).invalidFrom(answer),
    },
    doctor: async () => (await import("./doctor.js")).examine(client, world, api),
    destroy: () => life.abort(),
  };
  void kept.load();
  return client;
}

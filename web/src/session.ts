// A session client: the parts put together.
import { attempt } from "./attempt.js";
import { exchanger } from "./exchange.js";
import { sessionFetch } from "./fetch.js";
import { keep } from "./kept.js";
import { platformLock } from "./lock.js";
import { refresher } from "./refresh.js";
import { endSession } from "./sign-out.js";
import { ownHeaders } from "./headers.js";
import { type Change, failing, sessionIn, snapshotOf } from "./state.js";
import { browserStorage } from "./storage.js";
import {
  type Channel,
  type Origin,
  type Payload,
  type Platform,
  type SessionClient,
  SessionError,
  type SessionOptions,
  type Snapshot,
} from "./types.js";
import { domainOf, isOurs, mayCarryTokens } from "./url-rule.js";

/** Up to this difference, in milliseconds, clocks are taken to agree. */
const SAME_TIME_MS = 7000;

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
  validators: [],
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
  const now = () => {
    const skew = Number(kept.here().skew) || 0;
    return clock() + (Math.abs(skew) < SAME_TIME_MS ? 0 : skew);
  };

  const on = (wanted: string, handler: (event: never) => void) => {
    start();
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
    const next = snapshotOf(session, now(), !settled && !failed, failed, mayProbe, (payload) =>
      failing(options.validators, payload, client),
    );
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
    if (origin === "local") channel?.postMessage(changes.some(({ type }) => type === "UNAUTHORISED"));
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
    start();
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

  const life = new AbortController();
  let channel: Channel | undefined;
  let started = false;

  const look = async (over?: boolean) => {
    await kept.load(over);
    if (settled && mayProbe && known() === undefined) await ask();
  };
  const notice = ({ type }: { type: string }) => {
    const online = type === "online";
    if (online && kept.here().out) finishSignOut();
    void (online && failed ? ask() : look());
  };
  /** Only a client that is used listens: on a server it holds nothing open. */
  const start = () => {
    if (started) return;
    started = true;
    const { signal } = life;
    for (const type of ["pageshow", "visibilitychange", "online", "storage"])
      world.addEventListener?.(type, notice, { signal });
    channel = attempt(() => world.BroadcastChannel && new world.BroadcastChannel(`st:${base}`));
    if (channel) channel.onmessage = ({ data }) => void look(data === true);
    const forget = storage.subscribe?.(() => void look());
    signal.onabort = () => {
      forget?.();
      channel?.close();
      handlers.clear();
    };
  };

  const exchange: SessionClient["exchange"] = (url, request) => {
    const matches = isOurs(url, api.hostname, hosts);
    if (!(given.shouldIntercept?.(url, matches) ?? matches)) return undefined;
    start();
    // Whoever signs in need not know whether there was a session.
    return open(url, request, mayCarryTokens(url, api), mayProbe && !url.href.startsWith(`${base}/`));
  };
  type Claims = SessionClient["claims"];
  const claims =
    <K extends keyof Claims>(name: K) =>
    async (...asked: Parameters<Claims[K]>) =>
      (await import("./claim-check.js")).claimChecks(client, lock, base, options.validators)[name](...asked);
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
      return snapshot.userId !== undefined && !(error && onNetworkError === "false");
    },
    async userId() {
      await kept.load();
      return snapshot.userId ?? (await required()).userId;
    },
    payload: async () => (await required()).payload,
    async accessToken({ minTtlMs } = {}) {
      await present(minTtlMs);
      return kept.here().access;
    },
    async refresh({ ifExpiresWithinMs = Infinity } = {}) {
      if (known() === null) fire({ type: "UNAUTHORISED", sessionExpiredOrRevoked: false });
      const error = await ask(ifExpiresWithinMs);
      if (error) throw error;
      return snapshot.userId !== undefined;
    },
    async signOut({ ifUnreachable } = {}) {
      if (known() !== null) await ask();
      if (known() === null) return fire({ type: "SIGN_OUT" });
      const headers = ownHeaders(mode);
      await endSession(kept, client.fetch(signOutUrl, { method: "POST", headers }), ifUnreachable === "local");
    },
    claims: { validate: claims("validate"), value: claims("value"), invalidFrom: claims("invalidFrom") },
    doctor: async () => (await import("./doctor.js")).examine(client, world, api),
    destroy: () => life.abort(),
  };
  void kept.load();
  return client;
}

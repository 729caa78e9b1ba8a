// A session client: the parts put together.
import { attempt } from "./attempt.js";
import { exchanger } from "./exchange.js";
import { sessionFetch } from "./fetch.js";
import { encodeFront } from "./front-token.js";
import { originalFetch } from "./install.js";
import { keep } from "./kept.js";
import { platformLock } from "./lock.js";
import { refresher } from "./refresh.js";
import { signOut } from "./sign-out.js";
import { type Change, failing, sessionIn, snapshotOf } from "./state.js";
import { browserStorage } from "./storage.js";
import {
  type Channel,
  type ClaimContext,
  type Origin,
  type OwnCall,
  type Payload,
  type Platform,
  type SessionClient,
  SessionError,
  type SessionOptions,
  type Snapshot,
  type Stored,
} from "./types.js";
import { domainOf, isOurs, mayCarryTokens } from "./url-rule.js";

/** Up to this difference, in milliseconds, clocks are taken to agree. */
const SAME_TIME_MS = 7000;

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

/**
 * Makes a client. It reads what the browser keeps and does nothing else until it is used, so that servers may make one, too.
 *
 * @throws {SessionError} `config`: an option cannot be used.
 */
export function createSession<P extends object = Payload>(given: SessionOptions<P> = {}): SessionClient<P> {
  const options = { ...DEFAULTS, ...given };
  const { apiDomain, cookieDomain } = given;
  const initial: Snapshot<P> = given.initial ?? { status: "loading" };
  const { now: clock, mode, expiredStatus } = options;
  const mayProbe = (given.probe ?? (given.persist ? "never" : "eager")) === "eager";
  const world = given.platform ?? (globalThis as unknown as Platform);
  const native = originalFetch(world);

  const baseUrl = () => world.document?.baseURI ?? world.location?.href;
  const page = new URL(baseUrl() ?? "http://localhost");
  const api = new URL(options.api, page);
  const base = api.href.replace(/\/$/, "");
  const urls = { REFRESH_SESSION: `${base}/session/refresh`, SIGN_OUT: `${base}/signout` };
  const hosts = apiDomain && domainOf(apiDomain);
  const wanted = cookieDomain && domainOf(cookieDomain);
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
  const context = (userContext?: unknown): ClaimContext => ({ now, fetch: client.fetch, userContext });

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
    const waiting = !settled && !failed && (mayProbe || !!known());
    const next = snapshotOf(known(), now(), waiting, failed, (payload) =>
      failing(options.validators, payload, context()),
    );
    if (JSON.stringify(next) === JSON.stringify(snapshot)) return;
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
    if (origin === "remote-tab") return;
    const over = changes.some(({ type }) => type === "UNAUTHORISED");
    attempt(() => (channel ? channel.postMessage(over) : world.localStorage?.setItem(topic, `${Math.random()}`)));
  };

  const storage =
    given.storage ?? browserStorage(world, given, siblings, (tier) => fire({ type: "STORAGE_DEGRADED", tier }));
  const kept = keep(storage, clock, given.frontTokenFilter, seedOf(initial), publish);

  // Calls.

  const call = async (own: OwnCall, send = native) => {
    const { action, url, init } = (await given.beforeCall?.(own)) ?? own;
    const response = await send(url, init);
    await given.afterCall?.({ action, url, init, response: response.clone() });
    return response;
  };
  const refresh = refresher(options, urls.REFRESH_SESSION, kept, lock, world, call, fire);
  const finish = () =>
    lock(urls.REFRESH_SESSION, async () => {
      const { finishSignOut } = await import("./tombstone.js");
      await finishSignOut(urls, mode, expiredStatus, kept, call);
    }).catch(console.error);
  const open = exchanger(options, kept, clock, now, refresh, finish, fire);
  const exchange: SessionClient["exchange"] = (url, request) => {
    const matches = isOurs(url, api.hostname, hosts);
    if (!(given.shouldIntercept?.(url, matches) ?? matches)) return undefined;
    start();
    // Whoever signs in need not know whether there was a session.
    return open(url, request, mayCarryTokens(url, api), mayProbe && !url.href.startsWith(`${base}/`));
  };

  // Questions.

  /** Asks the server, if only it knows; what came of it, if it was asked. `aheadMs`: for how long the session has to last. */
  const ask = async (aheadMs = 0) => {
    start();
    const seen = await kept.load();
    const session = sessionIn(seen);
    const needed = session ? session.ate - aheadMs <= now() : session === undefined && mayProbe;
    const outcome = needed ? await refresh(seen) : undefined;
    settled = true;
    draw();
    return outcome;
  };
  /** The session, if there is one, and it lasts. */
  const present = async (aheadMs?: number) => {
    const error = (await ask(aheadMs))?.error;
    const session = known();
    if (error && !(session && session.ate > now())) throw error;
    return session;
  };
  const required = async () => {
    const session = await present();
    if (!session) throw new SessionError("no-session", "no session");
    return session;
  };
  const claims = async () => (await import("./claim-check.js")).claimChecks(payload, lock, `${base}#claims`, context);
  const payload = async () => (await required()).up;

  // What happens elsewhere.

  const topic = `st:${base}`;
  const life = new AbortController();
  let channel: Channel | undefined;
  let started = false;

  const look = async (over?: boolean) => {
    await kept.load(over);
    if (settled && mayProbe && known() === undefined) await ask();
  };
  const notice = ({ type }: { type: string }) => {
    if (type === "online" && kept.here().out) finish();
    (type === "online" && failed ? ask() : look()).catch(console.error);
  };
  /** Only a client that is used listens: on a server it holds nothing open. */
  const start = () => {
    if (started) return;
    started = true;
    const { signal } = life;
    for (const type of ["pageshow", "visibilitychange", "online", "storage"])
      world.addEventListener?.(type, notice, { signal });
    channel = attempt(() => world.BroadcastChannel && new world.BroadcastChannel(topic));
    if (channel) channel.onmessage = ({ data }) => void look(data === true).catch(console.error);
    const forget = storage.subscribe?.(() => void look().catch(console.error));
    signal.addEventListener("abort", () => {
      forget?.();
      channel?.close();
      handlers.clear();
    });
  };

  const client: SessionClient<P> = {
    initial: initial,
    exchange,
    now,
    fetch: sessionFetch(native, baseUrl, exchange),
    snapshot: () => snapshot,
    subscribe: (changed) => on("", changed),
    on,
    async ready() {
      await ask().catch(console.error);
      return snapshot;
    },
    async exists({ onNetworkError } = {}) {
      const error = (await ask())?.error;
      if (error && onNetworkError === "throw") throw error;
      return !!known() && !(error && onNetworkError === "false");
    },
    async userId() {
      return (sessionIn(await kept.load()) ?? (await required())).uid;
    },
    payload: payload as () => Promise<P>,
    async accessToken({ minTtlMs } = {}) {
      await present(minTtlMs);
      return kept.here().access;
    },
    async refresh({ ifExpiresWithinMs = Infinity } = {}) {
      const outcome = await ask(ifExpiresWithinMs);
      if (outcome?.error) throw outcome.error;
      if (!known() && !outcome) fire({ type: "UNAUTHORISED", sessionExpiredOrRevoked: false });
      return !!known();
    },
    async signOut({ ifUnreachable } = {}) {
      await (known() ? kept.load() : ask());
      await signOut(urls.SIGN_OUT, mode, kept, ifUnreachable, (own) => call(own, client.fetch), fire);
    },
    claims: {
      validate: async (validators = options.validators, asked) => (await claims()).validate(validators, asked),
      value: async (claim, asked) => (await claims()).value(claim, asked),
      invalidFrom: async (answer) => (await claims()).invalidFrom(answer),
    },
    doctor: async () => (await import("./doctor.js")).examine(client, world, api),
    destroy: () => life.abort(),
  };
  kept.load().catch(console.error);
  return client;
}

/** What a server rendered, as it would be kept. */
const seedOf = (initial: Snapshot<object>): Stored | undefined =>
  initial.status === "loading"
    ? undefined
    : {
        lat: "0",
        front:
          initial.userId && encodeFront({ uid: initial.userId, ate: initial.expiresAt, up: { ...initial.payload } }),
      };

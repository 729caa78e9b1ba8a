// One refresh at a time, and what became of it. Whoever gives up waiting does not end it: its answer may hold the only token.
import { ownHeaders, retryAt } from "./headers.js";
import type { Kept } from "./kept.js";
import type { Change } from "./state.js";
import {
  type FailureKind,
  type Platform,
  SessionError,
  type SessionLock,
  type SessionOptions,
  type Stored,
} from "./types.js";

/** How many refreshes it took to have other tokens: none if somebody else had got them. False: there is no session. */
export type Outcome = number | false;

/** Asks for other tokens, unless the session is no longer the one that was seen. @throws {SessionError} The session is kept. */
export type Refresh = (seen: Stored) => Promise<Outcome>;

type Rules = Required<Pick<SessionOptions, "mode" | "expiredStatus" | "timeoutMs" | "now">>;

export function refresher(
  rules: Rules,
  url: string,
  kept: Kept,
  lock: SessionLock,
  world: Platform,
  native: typeof fetch,
  fire: (change: Change) => void,
): Refresh {
  let flight: Promise<Outcome> | undefined;
  let notBefore = 0;

  const fail = (kind: FailureKind, response?: Response, cause?: unknown): never => {
    const error = new SessionError(kind, response, cause);
    fire({ type: "REFRESH_FAILED", kind, retryable: error.retryable });
    throw error;
  };

  const ask = async (stored: Stored, signal: AbortSignal, again?: boolean): Promise<Outcome> => {
    let answer: Response;
    try {
      answer = await native(url, {
        method: "POST",
        headers: ownHeaders(rules.mode, stored.csrf, stored.refresh),
        credentials: "include",
        cache: "no-store",
        keepalive: world.document?.visibilityState === "hidden",
        signal,
      });
    } catch (cause) {
      if (again || signal.aborted || world.navigator?.onLine === false) return fail("network", undefined, cause);
      await new Promise((done) => setTimeout(done, 300 + Math.random() * 500));
      return ask(stored, signal, true);
    }
    const over = answer.status === rules.expiredStatus;
    notBefore = retryAt(answer.headers, rules.now());
    await kept.take(answer.headers, stored, over, over);
    if (over || (answer.ok && kept.session() === null)) return false;
    if (!answer.ok) fail("http", answer);
    if (kept.here().lat !== stored.lat) {
      fire({ type: "REFRESH_SESSION" });
      return 1;
    }
    // The server may have put duplicate cookies in order. Else its headers do not get through: CORS, or a proxy.
    return again ? fail("config", answer) : ask(stored, signal, true);
  };

  const refresh = async (seen: Stored): Promise<Outcome> => {
    const stored = await kept.load();
    const session = kept.session();
    if (session === null) return false;
    if (session && stored.lat !== seen.lat) return 0;
    return rules.now() < notBefore ? fail("http") : ask(stored, AbortSignal.timeout(rules.timeoutMs));
  };

  return (seen) =>
    (flight ??= lock(url, () => refresh(seen)).finally(() => {
      flight = undefined;
    }));
}

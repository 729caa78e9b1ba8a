// One refresh at a time, and what became of it. Whoever gives up waiting does not end it: its answer may hold the only token.
import { ownHeaders, retryAt } from "./headers.js";
import type { Kept } from "./kept.js";
import { type Change, sessionIn } from "./state.js";
import { type FailureKind, type OwnCall, type Platform, SessionError, type SessionLock, type Stored } from "./types.js";

/**
 * What became of it. `ok`: there is another token than before; `asked`: because this refresh asked for it, not somebody else.
 * With an error nobody knows, and the session is kept. Else there is no session.
 */
export interface Outcome {
  ok?: true;
  asked?: boolean;
  error?: SessionError;
  response?: Response | undefined;
}

export interface RefreshRules {
  mode: string;
  expiredStatus: number;
  timeoutMs: number;
  /** This machine's clock. */
  now(): number;
}

/**
 * @param call makes a call of the client's own.
 * @returns what refreshes, unless the session is no longer the one that was seen.
 */
export function refresher(
  { mode, expiredStatus, timeoutMs, now: clock }: RefreshRules,
  url: string,
  kept: Kept,
  lock: SessionLock,
  world: Platform,
  call: (call: OwnCall) => Promise<Response>,
  fire: (change: Change) => void,
): (seen: Stored) => Promise<Outcome> {
  let flight: Promise<Outcome> | undefined;
  let notBefore = 0;
  let failure: Outcome = {};

  const fail = (kind: FailureKind, response?: Response, cause?: unknown): Outcome => {
    const error = new SessionError(kind, `refresh failed: ${kind} ${response?.status ?? ""}`, response, cause);
    failure = { error, response };
    notBefore = response ? retryAt(response.headers, clock()) : 0;
    fire({ type: "REFRESH_FAILED", kind, retryable: error.retryable });
    return failure;
  };

  const ask = async (stored: Stored, signal: AbortSignal): Promise<Outcome> => {
    for (let again = false; ; again = true) {
      const headers = ownHeaders(mode, stored.csrf, stored.refresh);
      const keepalive = world.document?.visibilityState === "hidden";
      let response: Response;
      try {
        const init = { method: "POST", headers, credentials: "include", cache: "no-store", keepalive, signal } as const;
        response = await call({ action: "REFRESH_SESSION", url, init });
      } catch (cause) {
        if (again || signal.aborted || world.navigator?.onLine === false) return fail("network", undefined, cause);
        await new Promise((done) => setTimeout(done, 300 + Math.random() * 500));
        continue;
      }
      const over = response.status === expiredStatus;
      await kept.take(response.headers, stored, over, over);
      if (over || (response.ok && sessionIn(kept.here()) === null)) return { response };
      if (!response.ok) return fail("http", response);
      if (kept.here().lat !== stored.lat) {
        fire({ type: "REFRESH_SESSION" });
        return { ok: true, asked: true };
      }
      // The server may have put duplicate cookies in order. Else its headers do not get through: CORS, or a proxy.
      if (again) return fail("config", response);
    }
  };

  const refresh = async (seen: Stored): Promise<Outcome> => {
    const stored = await kept.load();
    const session = sessionIn(stored);
    if (session === null) return {};
    if (session && stored.lat !== seen.lat) return { ok: true };
    return clock() < notBefore ? failure : ask(stored, AbortSignal.timeout(timeoutMs));
  };

  return (seen) =>
    (flight ??= lock(url, () => refresh(seen)).finally(() => {
      flight = undefined;
    }));
}

// One request to the API, however it is sent: what it carries, what its answer means, and whether to send it again.
import { addHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import type { Outcome, Refresh } from "./refresh.js";
import { type Change, sessionIn } from "./state.js";
import type { Answer, ClaimError, ExchangeRequest, SessionOptions } from "./types.js";

/** How long an address that is answered 401 whatever we do causes no more refreshes. */
const BREAK_MS = 60_000;

type Rules = Pick<SessionOptions, "isUnauthorised"> &
  Required<Pick<SessionOptions, "mode" | "expiredStatus" | "claimStatus" | "retries" | "credentials" | "now">>;

/** What a body of a 403 says. */
export const claimErrors = (body: unknown): ClaimError[] => {
  const errors = (body as { claimValidationErrors?: unknown } | null)?.claimValidationErrors;
  return Array.isArray(errors) ? errors : [];
};

/** Waits for something that goes on by itself, but no longer than the caller wants. */
const unlessAborted = <T>(going: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> =>
  Promise.race([
    going,
    new Promise<never>((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason), { once: true })),
  ]);

/**
 * @param time by the server's clock.
 * @param finishSignOut tells the server of a sign-out that it has not heard of.
 */
export function exchanger(
  { mode, expiredStatus, claimStatus, retries, credentials: autoAdd, isUnauthorised, now }: Rules,
  kept: Kept,
  time: () => number,
  refresh: Refresh,
  finishSignOut: () => Promise<void>,
  fire: (change: Change) => void,
) {
  const broken = new Map<string, number>();

  /** `mayProbe`: whether the server may be asked for a session first, if nothing is known. */
  return async <A extends Answer>(
    url: URL,
    { method, headers, credentials = autoAdd ? "include" : undefined, signal, replayable = true, send }: ExchangeRequest<A>,
    mayCarryTokens: boolean,
    mayProbe: boolean,
  ): Promise<A> => {
    const name = `${method} ${url.origin}${url.pathname}`;
    let had: boolean | undefined;
    let refreshes = 0;

    for (let rounds = 0; ; rounds++) {
      signal?.throwIfAborted();
      let sent = await kept.load();
      let outcome: Outcome | undefined | null;
      if (sent.out) await finishSignOut();
      const session = sessionIn(sent);
      // It would be answered 401. If this fails the request goes its way, and the answer says why.
      if (session ? session.ate <= time() : session === undefined && mayProbe && !rounds)
        outcome = await unlessAborted(refresh(sent).catch(() => null), signal);
      sent = await kept.load();
      had ||= !!(session || sessionIn(sent));

      const answer = await send(
        addHeaders(new Headers(headers), sent, mode, mayCarryTokens, kept.own),
        sent.out ? "omit" : credentials,
      );
      const { status } = answer;
      const expired = status === expiredStatus || !!(await isUnauthorised?.(answer.clone() as Response));
      await kept.take(answer.headers, sent, expired);
      if (status === claimStatus) {
        const claimValidationErrors = claimErrors(await answer.clone().json().catch(() => null));
        if (claimValidationErrors[0]) fire({ type: "API_INVALID_CLAIM", claimValidationErrors });
      }
      if (!expired || !replayable || outcome === null || (broken.get(name) ?? 0) > now()) return answer;
      if (sessionIn(kept.here()) !== null && (refreshes >= retries || rounds > retries + 5)) {
        broken.set(name, now() + BREAK_MS);
        console.error(`unauthorised after ${refreshes} refreshes: ${name}`);
        return answer;
      }
      outcome = await unlessAborted(refresh(sent).catch(() => null), signal);
      // Whoever had a session has been told that it is over.
      if (outcome === "over" && !had) fire({ type: "UNAUTHORISED", sessionExpiredOrRevoked: false });
      if (!outcome || outcome === "over") return answer;
      if (outcome === "renewed") refreshes++;
    }
  };
}

// One request to the API, however it is sent: what it carries, what its answer means, and whether to send it again.
import { addHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import type { Outcome } from "./refresh.js";
import { type Change, sessionIn } from "./state.js";
import type { Answer, ClaimError, ExchangeRequest, SessionOptions, Stored } from "./types.js";

/** How long an address that is answered 401 whatever we do causes no more refreshes. */
const BREAK_MS = 60_000;

type Rules = Pick<SessionOptions, "isUnauthorised" | "onGiveUp"> &
  Required<Pick<SessionOptions, "mode" | "expiredStatus" | "claimStatus" | "retries" | "credentials">>;

/** What a body of a 403 says. */
export const claimErrors = (body: unknown): ClaimError[] => {
  const errors = (body as { claimValidationErrors?: unknown } | null)?.claimValidationErrors;
  return Array.isArray(errors) ? errors : [];
};

/** Waits for something that goes on by itself, but no longer than the caller wants. */
const unlessAborted = <T>(going: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> =>
  signal
    ? new Promise((done, fail) => {
        const abort = () => fail(signal.reason);
        if (signal.aborted) abort();
        signal.addEventListener("abort", abort);
        going.then(done, fail).finally(() => signal.removeEventListener("abort", abort));
      })
    : going;

/**
 * @param clock this machine's.
 * @param now the time by the server's clock.
 * @param finishSignOut tells the server of a sign-out that it has not heard of.
 */
export function exchanger(
  { mode, expiredStatus, claimStatus, retries, credentials: autoAdd, isUnauthorised, onGiveUp }: Rules,
  kept: Kept,
  clock: () => number,
  now: () => number,
  refresh: (seen: Stored) => Promise<Outcome>,
  finishSignOut: () => Promise<void>,
  fire: (change: Change) => void,
) {
  const broken = new Map<string, number>();

  /** `mayProbe`: whether the server may be asked for a session first, if nothing is known. */
  return async <A extends Answer>(
    url: URL,
    {
      method,
      headers: given,
      credentials = autoAdd ? "include" : undefined,
      signal,
      replayable,
      send,
    }: ExchangeRequest<A>,
    mayCarryTokens: boolean,
    mayProbe: boolean,
  ): Promise<A | Response> => {
    const name = `${method} ${url.origin}${url.pathname}`;
    let had = false;
    let outcome: Outcome | undefined;

    for (let rounds = 0, refreshes = 0; ; rounds++) {
      const load = async () => {
        const stored = await kept.load();
        had ||= !!sessionIn(stored);
        return stored;
      };
      let sent = await load();
      if (sent.out) await finishSignOut();
      const session = sessionIn(sent);
      // It would be answered 401. If this fails the request goes its way, and the answer says why.
      if (session ? session.ate <= now() : session === undefined && mayProbe && !rounds)
        outcome = await unlessAborted(refresh(sent), signal);
      sent = await load();

      const headers = addHeaders(new Headers(given), sent, mode, mayCarryTokens, kept.own);
      const answer = await send(headers, sent.out ? "omit" : credentials);
      const { status } = answer;
      const expired = status === expiredStatus || !!(await isUnauthorised?.(answer.clone() as Response));
      await kept.take(answer.headers, sent, expired);
      if (status === claimStatus) {
        const claimValidationErrors = claimErrors(
          await answer
            .clone()
            .json()
            .catch(() => null),
        );
        if (claimValidationErrors[0]) fire({ type: "API_INVALID_CLAIM", claimValidationErrors });
      }
      if (!expired || replayable === false || (broken.get(name) ?? 0) > clock()) return answer;

      if (sessionIn(kept.here()) !== null && (refreshes >= retries || rounds > retries + 5)) {
        broken.set(name, clock() + BREAK_MS);
        console.error(`still unauthorised after ${refreshes} refreshes: ${name}`);
        return onGiveUp?.() ?? answer;
      }
      if (!outcome?.error) outcome = await unlessAborted(refresh(sent), signal);
      if (!outcome.ok) {
        // Whoever had a session has been told that it is over.
        if (!outcome.error && !had) fire({ type: "UNAUTHORISED", sessionExpiredOrRevoked: false });
        return onGiveUp?.(outcome) ?? answer;
      }
      if (outcome.asked) refreshes++;
    }
  };
}

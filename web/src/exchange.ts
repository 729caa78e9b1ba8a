// One request to the API, however it is sent: what it carries, what its answer means, and whether to send it again.
import { addHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import type { Refresh } from "./refresh.js";
import { type Change, sessionIn } from "./state.js";
import type { Answer, ExchangeRequest, SessionOptions } from "./types.js";

/** How long an address that is answered 401 whatever we do causes no more refreshes. */
const BREAK_MS = 60_000;

type Rules = Pick<SessionOptions, "isUnauthorised"> &
  Required<Pick<SessionOptions, "mode" | "expiredStatus" | "claimStatus" | "retries" | "credentials" | "now">>;

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
    {
      method,
      headers,
      credentials = autoAdd ? "include" : undefined,
      signal,
      replayable = true,
      send,
    }: ExchangeRequest<A>,
    mayCarryTokens: boolean,
    mayProbe: boolean,
  ): Promise<A> => {
    const name = `${method} ${url.origin}${url.pathname}`;
    let had: boolean | undefined;
    let refreshes = 0;

    for (let rounds = 0; ; rounds++) {
      signal?.throwIfAborted();
      let sent = await kept.load();
      const session = sessionIn(sent);
      const renew = () =>
        unlessAborted(
          refresh(sent).catch(() => undefined),
          signal,
        );
      if (sent.out) await finishSignOut();
      // It would be answered 401. If this fails the request goes its way, and the answer says why.
      const early = session ? session.ate <= time() : session === undefined && mayProbe && !rounds;
      const failed = early && !(await renew());
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
        const { claimValidationErrors } =
          (await answer
            .clone()
            .json()
            .catch(() => null)) ?? {};
        if (claimValidationErrors) fire({ type: "API_INVALID_CLAIM", claimValidationErrors });
      }
      if (!expired || failed || !replayable || (broken.get(name) ?? 0) > now()) return answer;
      if (sessionIn(kept.here()) !== null && (refreshes >= retries || rounds > retries + 5)) {
        broken.set(name, now() + BREAK_MS);
        console.error(`unauthorised after ${refreshes} refreshes: ${name}`);
        return answer;
      }
      const outcome = await renew();
      // Whoever had a session has been told that it is over.
      if (outcome === "over" && !had) fire({ type: "UNAUTHORISED", sessionExpiredOrRevoked: false });
      if (!outcome || outcome === "over") return answer;
      if (outcome === "renewed") refreshes++;
    }
  };
}

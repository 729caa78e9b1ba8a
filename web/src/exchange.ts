// One request to the API, however it is sent: what it carries, what its answer means, and whether to send it again.
import { addHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import type { Outcome, Refresh } from "./refresh.js";
import type { Change, Known } from "./state.js";
import type { Answer, ExchangeRequest, SessionOptions } from "./types.js";

/** How long an address that is answered 401 whatever we do causes no more refreshes. */
const BREAK_MS = 60_000;

/** However often others refresh in between. */
const MOST_ROUNDS = 20;

type Rules = Pick<SessionOptions, "isUnauthorised"> &
  Required<Pick<SessionOptions, "mode" | "expiredStatus" | "claimStatus" | "retries" | "credentials">>;

/**
 * @param fresh refreshes a session that has expired, or that nobody knows of if the server may be asked for one.
 * @param finishSignOut tells the server of a sign-out that it has not heard of.
 * @param forbidden reads an answer that may say which claims fail.
 */
export function exchanger(
  rules: Rules,
  api: URL,
  kept: Kept,
  refresh: Refresh,
  fresh: (mayProbe: boolean) => Promise<Outcome>,
  finishSignOut: () => Promise<void>,
  forbidden: (answer: Response) => Promise<void>,
  fire: (change: Change) => void,
) {
  const broken = new Set<string>();
  const recent = new Set<string>();

  return async <A extends Answer>(url: URL, { request, ...how }: ExchangeRequest<A>, mayProbe: boolean): Promise<A> => {
    const { signal } = request;
    const name = `${request.method} ${url.pathname}`;
    /** The last session that there was. */
    let had: Known;
    let refreshes = 0;

    /** A refresh goes on by itself; the caller waits no longer than it wants. Undefined: it failed. */
    const wait = <T>(going: Promise<T>): Promise<T | undefined> =>
      Promise.race([
        going.catch(() => undefined),
        new Promise<never>((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason))),
      ]);

    for (let rounds = 0; ; rounds++) {
      await kept.load();
      had ||= kept.session();
      // It would be answered 401. If this fails the request goes its way, and the answer says why.
      const early = await wait(fresh(mayProbe && !rounds));
      const sent = await kept.load();
      had ||= kept.session();
      if (sent.out) await finishSignOut();

      const headers = addHeaders(new Headers(request.headers), sent, rules.mode);
      // An access token without a refresh token is a copy of what is in a cookie: it is to be read, not to be sent.
      if (sent.refresh) await (await import("./header-mode.js")).carry(headers, kept, url, api, recent);
      const credentials = how.credentials ?? (rules.credentials ? "include" : undefined);
      const answer = await how.send(headers, kept.here().out ? "omit" : credentials);
      const expired = answer.status === rules.expiredStatus || (await rules.isUnauthorised?.(answer.clone()));
      await kept.take(answer.headers, sent, expired);
      if (answer.status === rules.claimStatus) await forbidden(answer.clone());
      if (!expired || early === undefined || how.replayable === false || broken.has(name)) return answer;
      if (kept.session() !== null && (refreshes >= rules.retries || rounds > MOST_ROUNDS)) {
        broken.add(name);
        setTimeout(() => broken.delete(name), BREAK_MS);
        console.error(`401 again: ${name}`);
        return answer;
      }
      const outcome = await wait(refresh(sent));
      // Whoever had a session has been told that it is over.
      if (outcome === false && !had) fire({ type: "UNAUTHORISED", sessionExpiredOrRevoked: false });
      if (typeof outcome !== "number") return answer;
      refreshes += outcome;
    }
  };
}

// `fetch` with the session.
import { attempt } from "./attempt.js";
import type { SessionClient } from "./types.js";

/** Requests of these kinds cannot be changed, or never reach the API. */
const SPECIAL = /no-cors|navigate|only-if-cached/;

/** @param exchange sends a request, if it goes to the API. */
export const sessionFetch =
  (native: typeof fetch, baseUrl: () => string | undefined, exchange: SessionClient["exchange"]): typeof fetch =>
  async (input, init = {}) => {
    const given = input instanceof Request ? input : ({} as Partial<Request>);
    const url = attempt(() => new URL(given.url ?? String(input), baseUrl()));
    const { mode = given.mode, cache = given.cache, method = given.method ?? "GET", signal = given.signal } = init;
    if (!url || SPECIAL.test(`${mode} ${cache}`)) return native(input, init);
    // A request always has credentials, by default those for its own origin: that is no wish.
    const { credentials = given.credentials === "same-origin" ? undefined : given.credentials } = init;
    const replayable = !(init.body instanceof ReadableStream);
    let request: Request | undefined;
    const whole = () => (request ??= new Request(given.url ? input : url, init));
    const answer = exchange(url, {
      method,
      credentials,
      signal,
      replayable,
      // With the type of the body, which only a whole request knows.
      get headers() {
        return whole().headers;
      },
      send: (headers, credentials) =>
        native(new Request(replayable ? whole().clone() : whole(), { headers, ...(credentials && { credentials }) })),
    });
    return answer ?? native(input, init);
  };

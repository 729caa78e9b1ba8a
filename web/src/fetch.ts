// `fetch` with the session.
import { attempt } from "./attempt.js";
import type { SessionClient } from "./types.js";

/** Requests of these kinds cannot be changed, or never reach the API. */
const SPECIAL = /no-cors|navigate|only-if-cached/;

/** @param exchange sends a request, if it goes to the API. */
export const sessionFetch =
  (native: typeof fetch, baseUrl: () => string | undefined, exchange: SessionClient["exchange"]): typeof fetch =>
  async (input, init = {}) => {
    const given = input instanceof Request && input;
    const { mode, cache } = { ...(given && { mode: given.mode, cache: given.cache }), ...init };
    const url = attempt(() => new URL(given ? given.url : String(input), baseUrl()));
    const answer =
      url &&
      !SPECIAL.test(`${mode} ${cache}`) &&
      exchange(url, () => {
        const request = new Request(given || url, init);
        const replayable = !(init.body instanceof ReadableStream);
        const { method, headers, signal } = request;
        // A request always has credentials, by default those for its own origin: that is no wish.
        const wish = request.credentials === "same-origin" ? undefined : request.credentials;
        return {
          method,
          headers,
          signal,
          replayable,
          credentials: init.credentials ?? wish,
          send: (headers, credentials) =>
            native(
              new Request(replayable ? request.clone() : request, { headers, ...(credentials && { credentials }) }),
            ),
        };
      });
    return answer || native(input, init);
  };

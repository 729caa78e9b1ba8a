// `fetch` with the session.
import { attempt } from "./attempt.js";
import type { SessionClient } from "./types.js";

/** Requests of these kinds cannot be changed, or never reach the API. */
const SPECIAL = /no-cors|nav|only-if/;

/** @param exchange sends a request, if it goes to the API. */
export const sessionFetch =
  (native: typeof fetch, baseUrl: () => string | undefined, exchange: SessionClient["exchange"]): typeof fetch =>
  async (input, init = {}) => {
    const given = input instanceof Request ? input : undefined;
    const url = attempt(() => new URL(given?.url ?? (input as string | URL), baseUrl()));
    if (!url || SPECIAL.test(`${init.mode ?? given?.mode} ${init.cache ?? given?.cache}`)) return native(input, init);
    const answer = exchange(url, () => {
      const request = new Request(given ?? url, init);
      const replayable = !(init.body instanceof ReadableStream);
      // A request always has credentials, by default those for its own origin: that is no wish.
      const { credentials } = request;
      return {
        request,
        replayable,
        credentials: init.credentials ?? (credentials === "same-origin" ? undefined : credentials),
        send: (headers, credentials = "same-origin") =>
          native(new Request(replayable ? request.clone() : request, { headers, credentials })),
      };
    });
    return answer ?? native(input, init);
  };

// What a server that renders pages has to know. No code.
import type { ClaimValidator, Payload } from "../types.js";

/** A request, as far as it is looked at: a `Request` is one. */
export interface PageRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Headers;
}

export interface ServerConfig {
  /** Where the API's session routes are, as this server reaches them: `http://localhost:3000/auth`. */
  api: string;
  /** The path of the API's session routes as browsers see it. Default: that of `api`. */
  basePath?: string;
  /** The origin of the pages as browsers see it, if a proxy makes `request.url` say something else. */
  website?: string;
  /** The domain whose websites share the session: the same as the client's. */
  cookieDomain?: string;
  /**
   * What becomes of a page that is asked for with an expired token. `client` (default): it is rendered without the session, and
   * the client refreshes. `hop`: the browser is sent to refresh and comes back; the path `<basePath>/session/refresh/hop` must
   * lead to this server.
   */
  expired?: "client" | "hop";
  /** Where the API's public keys are. Default `<api>/jwt/jwks.json`. */
  jwks?: string;
  /** Which claims every page wants. */
  validators?: readonly ClaimValidator[];
  /** What of the payload goes into pages. Default: all of it but what only servers need, as hashes of tokens. */
  payloadFilter?(payload: Payload): Payload;
  /** The API's status for requests without a session. Default 401. */
  expiredStatus?: number;
  /** How long a call to the API may take, in milliseconds. Default 10000. */
  timeoutMs?: number;
  /** What reaches the API. Default: the global one. */
  fetch?: typeof fetch;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?(): number;
}

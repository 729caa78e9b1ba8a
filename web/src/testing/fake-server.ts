// A backend in memory: its `fetch` answers as one with a session would.

/** What is different from the defaults. */
export interface Script {
  /** Where it is. Default `https://api.example.com`. */
  origin?: string;
  /** How tokens travel. Default `cookie`: the cookies are the server's own, no browser is needed. */
  mode?: "cookie" | "header";
  /** How long access tokens live, in milliseconds. Default an hour. */
  validityMs?: number;
  /** Whether refreshes and changes need an anti-CSRF token. Default false. */
  antiCsrf?: boolean;
  /** Claims of every session. */
  payload?: Record<string, unknown>;
}

interface Tokens {
  access: string;
  refresh: string;
  csrf: string;
  expiresAt: number;
}

const base64 = (value: unknown): string => {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
};

/**
 * A server with one user's session. `POST /auth/signin` with a user's name makes one, `/auth/session/refresh` and `/auth/signout` are as
 * everywhere, `/open` needs none; any other address answers `user:` and the request's body, or 401.
 */
export class FakeServer {
  readonly origin: string;
  /** Every request that came: method and path. */
  readonly log: string[] = [];
  /** Every request that came, whole. */
  readonly requests: Request[] = [];
  /** Answers instead of the server, the first to the next request. Undefined lets the server answer. */
  readonly instead: ((request: Request) => Response | Promise<Response> | undefined)[] = [];
  /** Whose session it is. */
  user: string | undefined;
  /** Claims of the next tokens. */
  payload: Record<string, unknown>;
  #tokens: Tokens | undefined;
  /** What the browser would keep in HttpOnly cookies. */
  #cookies: Tokens | undefined;
  #issued = 0;

  constructor(private readonly script: Script = {}) {
    this.origin = script.origin ?? "https://api.example.com";
    this.payload = script.payload ?? {};
  }

  /** How often a refresh was asked for. */
  get refreshes(): number {
    return this.log.filter((line) => line === "POST /auth/session/refresh").length;
  }

  /** Ends the session as somebody else would. */
  revoke(): void {
    this.user = undefined;
  }

  /** Makes the access token expire now, which its holder does not know. */
  expire(): void {
    if (this.#tokens) this.#tokens.expiresAt = 0;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const { pathname } = new URL(request.url);
    this.log.push(`${request.method} ${pathname}`);
    this.requests.push(request.clone());
    return (await this.instead.shift()?.(request)) ?? (await this.#answer(request, pathname));
  };

  async #answer(request: Request, path: string): Promise<Response> {
    switch (path) {
      case "/open":
        return new Response("open");
      case "/auth/signin":
        this.user = await request.text();
        return this.issue(this.user);
      case "/auth/session/refresh":
        return this.user && this.#presents(request, "refresh") ? this.issue("{}") : this.#gone(401, "{}");
    }
    if (!this.user || !this.#presents(request, "access") || (this.#tokens?.expiresAt ?? 0) <= Date.now())
      return new Response('{"message":"try refresh token"}', { status: 401 });
    if (path !== "/auth/signout") return new Response(`${this.user}:${await request.text()}`);
    this.user = undefined;
    return this.#gone(200, '{"status":"OK"}');
  }

  #presents(request: Request, kind: "access" | "refresh"): boolean {
    const { headers, method } = request;
    const inHeader = headers.get("authorization")?.slice("Bearer ".length);
    const presented = this.script.mode === "header" ? inHeader : this.#cookies?.[kind];
    const guarded = this.script.antiCsrf && method !== "GET";
    return presented === this.#tokens?.[kind] && (!guarded || headers.get("anti-csrf") === this.#tokens?.csrf);
  }

  /** Other tokens, as an answer. */
  issue(body: string): Response {
    const name = `${this.user}-${++this.#issued}`;
    const expiresAt = Date.now() + (this.script.validityMs ?? 3_600_000);
    const tokens = { access: `access-${name}`, refresh: `refresh-${name}`, csrf: `csrf-${name}`, expiresAt };
    this.#tokens = tokens;
    const iat = Math.floor(Date.now() / 1000);
    const up = { sub: this.user, iat, sessionHandle: `session-of-${this.user}`, ...this.payload };
    const headers = new Headers({ "front-token": base64({ uid: this.user, ate: expiresAt, up }) });
    if (this.script.antiCsrf) headers.set("anti-csrf", tokens.csrf);
    if (this.script.mode === "header") {
      headers.set("st-access-token", tokens.access);
      headers.set("st-refresh-token", tokens.refresh);
    } else this.#cookies = tokens;
    return new Response(body, { headers });
  }

  #gone(status: number, body: string): Response {
    this.#cookies = undefined;
    return new Response(body, { status, headers: { "front-token": "remove" } });
  }
}

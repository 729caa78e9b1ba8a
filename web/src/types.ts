// What an app sees of a session, and what it may hand in. No code but for the error.

/** A custom claim as access tokens carry it, and how to get a fresh value. The shape is the one that existing claims have. */
export interface Claim<T> {
  /** The key in the payload. */
  readonly id: string;
  /** Makes the server fetch the value anew, for example by calling a route that does. */
  refresh(context: ClaimContext): Promise<void> | void;
  getValueFromPayload(payload: Payload, context: ClaimContext): T | undefined;
  /** Milliseconds since 1970 by the server's clock. */
  getLastFetchedTime(payload: Payload, context: ClaimContext): number | undefined;
}

/** A question about the payload. Its answer is a pure function of the payload and the time. */
export interface ClaimValidator {
  readonly id: string;
  refresh(context: ClaimContext): Promise<void> | void;
  /** Whether the value is missing or too old to be asked. */
  shouldRefresh(payload: Payload, context: ClaimContext): Promise<boolean> | boolean;
  validate(payload: Payload, context: ClaimContext): ClaimVerdict;
  /** Where a guard sends whoever fails: a path of this site. */
  readonly onFailureRedirection?: (failure: { reason: unknown }) => string | undefined;
  /** False: a guard lets the page show what is missing by itself. */
  readonly showAccessDeniedOnFailure?: boolean;
}

export type ClaimVerdict = { isValid: true } | { isValid: false; reason?: unknown };

/** A validator that failed. */
export interface ClaimError {
  id: string;
  reason?: unknown;
}

/** What claims and validators may use. */
export interface ClaimContext {
  /** Milliseconds since 1970 by the server's clock, as far as it is known. */
  now(): number;
  /** Calls with the session. */
  fetch: typeof fetch;
  /** What the app passed along with the call. */
  userContext?: unknown;
}

export type Payload = Record<string, unknown>;

/**
 * What is known about the session right now.
 *
 * - `loading`: nobody has asked yet. {@link SessionClient.ready} asks.
 * - `unknown`: there is a session whose access token has expired, and the server could not be reached to refresh it. It is
 *   no sign-out: keep showing what is there.
 *
 * # Security
 * Nothing in it is proven to the browser: it decides what is shown, never what is allowed.
 */
export type Snapshot<P extends object = Payload> =
  | { readonly status: "loading" | "unauthenticated"; readonly userId?: undefined; readonly payload?: undefined }
  | {
      readonly status: "authenticated" | "unknown";
      readonly userId: string;
      readonly payload: P;
      /** Milliseconds since 1970 by the server's clock. */
      readonly expiresAt: number;
    };

/** Whether it happened by this client, or in another tab or worker. */
export type Origin = "local" | "remote-tab";

export type SessionEvent = { readonly origin: Origin } & (
  | {
      readonly type:
        | "SESSION_CREATED"
        | "ACCESS_TOKEN_PAYLOAD_UPDATED"
        | "REFRESH_SESSION"
        | "SIGN_OUT"
        | "USER_CHANGED";
    }
  /** `false`: there was no session to begin with. */
  | { readonly type: "UNAUTHORISED"; readonly sessionExpiredOrRevoked: boolean }
  | { readonly type: "API_INVALID_CLAIM"; readonly claimValidationErrors: ClaimError[] }
  /** The session is kept. */
  | { readonly type: "REFRESH_FAILED"; readonly kind: FailureKind; readonly retryable: boolean }
  /** Something had to be kept in a worse place than the first. `memory`: it does not survive a reload. */
  | { readonly type: "STORAGE_DEGRADED"; readonly tier: string }
);

export type FailureKind = "network" | "http" | "config";

/** Why there is no answer. Stable: decide by `code`, not by the message. */
export type SessionErrorCode = "no-session" | FailureKind | "general";

/** The only error that this package throws, but for what `fetch` itself throws. It never holds a token. */
export class SessionError extends Error {
  declare readonly code: SessionErrorCode;
  /** What the server answered, if it did. */
  declare readonly response?: Response;
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean;

  constructor(code: SessionErrorCode, response?: Response, cause?: unknown, more: unknown = response?.status ?? "") {
    super(`session: ${code} ${more}`, { cause });
    const retryable = code === "network" || /429|5../.test(`${response?.status}`);
    Object.assign(this, { name: "SessionError", code, response, retryable });
  }
}

/** What is kept of a session in the browser. Absent or empty means: there is none. */
export interface Stored {
  /** User, expiry and payload in base64: the readable copy of the session. */
  front?: string | undefined;
  /** Changes whenever the session does; present also when we have asked and there is none. */
  lat?: string | undefined;
  csrf?: string | undefined;
  /** Only with tokens in headers, or if the backend exposes it. */
  access?: string | undefined;
  /** Only with tokens in headers. */
  refresh?: string | undefined;
  /** Milliseconds that the server's clock is ahead. */
  skew?: string | undefined;
  /** The `lat` of the tokens, where it may be another than that of the rest. */
  of?: string | undefined;
  /** Set while the server has not heard of a sign-out. */
  out?: string | undefined;
}

/**
 * Where it is kept. For workers, extensions and apps without cookies: any store of one JSON value does. One that fails should say
 * that it has nothing, not reject.
 *
 * # Security
 * With tokens in headers it holds the refresh token.
 */
export interface SessionStorage {
  get(): Stored | undefined | Promise<Stored | undefined>;
  /** Replaces all of it, in one step. */
  set(all: Stored): void | Promise<void>;
  /** Calls `changed` when somebody else has replaced it, until `signal` is aborted. */
  subscribe?(changed: () => void, signal: AbortSignal): void;
}

/** Runs `critical` while nobody else who uses the same `name` runs theirs. */
export type SessionLock = <T>(name: string, critical: () => Promise<T>) => Promise<T>;

/** What the core needs of its surroundings: what a window has, as much of it as there is. */
export interface Platform {
  /** The fetch that is not intercepted. */
  fetch: typeof fetch;
  location?: Pick<Location, "href" | "protocol"> | undefined;
  document?:
    | (Pick<Document, "cookie" | "baseURI"> & {
        readonly visibilityState?: string;
        /** The browser prepares the page ahead: it asks for nothing before `prerenderingchange`. */
        readonly prerendering?: boolean;
        addEventListener?(type: string, listener: (event: unknown) => void): void;
      })
    | undefined;
  localStorage?: KeyValues | undefined;
  sessionStorage?: KeyValues | undefined;
  navigator?: { readonly locks?: Pick<LockManager, "request">; readonly onLine?: boolean } | undefined;
  /** For `online`, `pageshow`, `visibilitychange` and `storage`. */
  addEventListener?(type: string, listener: (event: { type: string }) => void, options: { signal: AbortSignal }): void;
}

export type KeyValues = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface SessionOptions<P extends object = Payload> {
  /** Where the API's session routes are, relative to the page. Default `/auth`. */
  api?: string;
  /**
   * Other hosts of the API: this domain and all below it. Default: only the host of `api`.
   *
   * # Security
   * All of them are sent tokens if those travel in headers.
   */
  apiDomain?: string;
  /** The domain whose websites share the session: cookies are set for it. Default: this host alone. */
  cookieDomain?: string;
  /** How tokens of *new* sessions travel. Default `cookie`. */
  mode?: "cookie" | "header";
  /** The status of an answer that asks for a refresh. Default 401. */
  expiredStatus?: number;
  /** The status of an answer that says which claims fail. Default 403. */
  claimStatus?: number;
  /** Whether requests to the API carry cookies unless they say otherwise. Default true. */
  credentials?: boolean;
  /** Whether the page lives in frames of other sites: cookies are partitioned, `SameSite=None`. Default false. */
  framed?: boolean;
  /** Refreshes for the sake of one request, at most. Default 3. */
  retries?: number;
  /** How long a refresh may take, in milliseconds. Default 20000. */
  timeoutMs?: number;
  /**
   * What to do when nothing is known, as on a first visit. `eager` (default): ask the server before anything else.
   * `lazy`: only when a request is answered 401. `never`: assume that there is no session.
   */
  probe?: "eager" | "lazy" | "never";
  /**
   * How long what scripts keep is kept. Default: until sign-out. `session`: until the browser is closed; `memory`: until the
   * page is. Both make `probe` `never`, and mean what they say only with tokens in headers: HttpOnly cookies live as long as
   * the server says.
   */
  persist?: "session" | "memory";
  /** Changes front tokens before they are kept: `filterPayload` of `hallpass/filter` makes a function that drops claims. */
  frontTokenFilter?(frontToken: string): string;
  /** Decides otherwise which requests are intercepted. Asked once per request; `matches` is what the rule says. */
  shouldIntercept?(url: URL, matches: boolean): boolean;
  /** For answers that mean 401 in other words, as GraphQL errors. Gets a copy of the answer. */
  isUnauthorised?(response: Response): boolean | Promise<boolean>;
  /** What a server rendered: the client starts from it, and asks nobody, unless that is `loading`. */
  initial?: Snapshot<P>;
  /** Where the session is kept. Default: cookies, `localStorage` and what else the page has. */
  storage?: SessionStorage;
  /** Default: Web Locks, or what else the page has. */
  lock?: SessionLock;
  /** Default `globalThis`. */
  platform?: Platform;
  /** Milliseconds since 1970 by this machine's clock. Default `Date.now`. */
  now?(): number;
}

/** A session of one API, as this page or worker sees it. */
export interface SessionClient<P extends object = Payload> {
  /** `fetch` with the session. Requests to other hosts go through untouched. */
  readonly fetch: typeof fetch;
  /** What a server rendered, or else `loading`: for the first render of a page that came as HTML. */
  readonly initial: Snapshot<P>;
  /** The same object until something changes. */
  snapshot(): Snapshot<P>;
  /** Calls `changed` when there is another snapshot; returns how to stop that. */
  subscribe(changed: () => void): () => void;
  /** Calls `handler` on an event, or on all (`*`); returns how to stop that. What a handler throws is logged, no more. */
  on<T extends SessionEvent["type"] | "*">(type: T, handler: (event: EventOf<T>) => void): () => void;
  /** Asks the server if that is needed to know. Never throws. */
  ready(): Promise<Snapshot<P>>;
  /**
   * Whether there is a session. Refreshes an expired one. If the server cannot be reached it is assumed to be valid, unless
   * told otherwise.
   */
  exists(options?: { onNetworkError?: "assume-valid" | "false" | "throw" }): Promise<boolean>;
  /** @throws {SessionError} `no-session`. */
  userId(): Promise<string>;
  /** Refreshes an expired session first. @throws {SessionError} */
  payload(): Promise<P>;
  /**
   * Only known with tokens in headers, or if the backend exposes it; else undefined. It is valid for `minTtlMs` more (default
   * 0), if the server issues such.
   */
  accessToken(options?: { minTtlMs?: number }): Promise<string | undefined>;
  /**
   * Refreshes; with `ifExpiresWithinMs` only a token that expires that soon. False: there is no session (any more).
   *
   * @throws {SessionError} The server could not be reached or failed. The session is kept.
   */
  refresh(options?: { ifExpiresWithinMs?: number }): Promise<boolean>;
  /**
   * Ends this session on the server and here. With `ifUnreachable: "local"` it ends here even if the server cannot be told:
   * cookies are sent to the API no more until it has been.
   *
   * @throws {SessionError} The session goes on.
   */
  signOut(options?: { ifUnreachable?: "throw" | "local" }): Promise<void>;
  readonly claims: {
    /** Fetches what is wanting, then asks every validator. Those that fail, in order. */
    validate(validators: readonly ClaimValidator[], options?: { userContext?: unknown }): Promise<ClaimError[]>;
    value<T>(claim: Claim<T>, options?: { userContext?: unknown }): Promise<T | undefined>;
    /** What a 403 says: of a response, of an object with its body in `data`, or of the body. */
    invalidFrom(answer: Response | { data: unknown } | unknown): Promise<ClaimError[]>;
  };
  /** Says what is wrong with how pages, API and browser work together. May refresh the session. */
  doctor(): Promise<Report>;
  /**
   * For adapters of other ways to send requests: sends one, as often as it takes. Undefined if it does not go to the API.
   * Rejects with whatever `send` rejects with.
   */
  exchange<A extends Answer>(url: URL, begin: () => ExchangeRequest<A>): Promise<A> | undefined;
  /** Milliseconds since 1970 by the server's clock, as far as it is known. */
  now(): number;
  /** Lets go of everything. The session stays. */
  destroy(): void;
}

export type EventOf<T> = T extends "*" ? SessionEvent : Extract<SessionEvent, { type: T }> & { origin: Origin };

/** A request, as far as the session is concerned. */
export interface ExchangeRequest<A extends Answer> {
  /** As the caller made it. The signal ends waiting for a refresh, never the refresh. */
  request: { readonly method: string; readonly headers: Headers; readonly signal?: AbortSignal };
  /** What the caller asked for, if it did. */
  credentials?: RequestCredentials | undefined;
  /** Whether it can be sent again. Default true. */
  replayable?: boolean;
  /** Sends it once. */
  send(headers: Headers, credentials: RequestCredentials | undefined): Promise<A>;
}

/** What has to be known of an answer; a `Response` is one. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  clone(): Response;
}

/** Something that {@link SessionClient.doctor} found. */
export interface Finding {
  /** Stable. */
  code: string;
  severity: "error" | "warning" | "info";
  message: string;
}

/** What {@link SessionClient.doctor} found. */
export interface Report {
  /** No finding is an error. */
  ok: boolean;
  findings: Finding[];
}

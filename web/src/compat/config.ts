// The configuration of `supertokens-website`, as options of ours.
import type { ClaimError, SessionError, SessionOptions } from "../types.js";
import type { Handlers } from "./handlers.js";
import type { SessionClaimValidator } from "./validators.js";

type Context = Record<string, unknown>;

/** What handlers are told. */
export interface CompatEvent {
  action: string;
  userContext: Context;
  sessionExpiredOrRevoked?: boolean;
  claimValidationErrors?: { id: string; reason?: unknown }[];
}

/** A call of the SDK's own, as hooks see it. */
export interface HookedCall {
  action: "REFRESH_SESSION" | "SIGN_OUT";
  requestInit: RequestInit;
  url: string;
  userContext: Context;
}

/** A clock of an app's own. Of its answers `now()` is used: this machine's time. How far the server's is off, the client finds out. */
export interface DateProviderInterface {
  now(): number;
  getThresholdInSeconds?(): number;
  setThresholdInSeconds?(seconds: number): void;
  getClientClockSkewInMillis?(): number;
  setClientClockSkewInMillis?(milliseconds: number): void;
}

/** What `init` takes. */
export interface Config extends Handlers {
  apiDomain: string;
  apiBasePath?: string;
  sessionTokenFrontendDomain?: string;
  sessionTokenBackendDomain?: string;
  tokenTransferMethod?: "cookie" | "header";
  sessionExpiredStatusCode?: number;
  invalidClaimStatusCode?: number;
  autoAddCredentials?: boolean;
  isInIframe?: boolean;
  maxRetryAttemptsForSessionRefresh?: number;
  enableDebugLogs?: boolean;
  dateProvider?: () => DateProviderInterface;
  preAPIHook?(call: HookedCall): Promise<{ url: string; requestInit: RequestInit }>;
  postAPIHook?(call: HookedCall & { fetchResponse: Response }): Promise<void>;
  onHandleEvent?(event: CompatEvent): void;
  override?: { functions?: Override };
}

/** Changes some functions, given all. What it does not name stays. */
export type Override = (original: Functions, builder: OverrideBuilder) => Partial<Functions>;

/** Adds more changes, on top. */
export interface OverrideBuilder {
  override(more: Override): OverrideBuilder;
}

/** What `override.functions` may change. */
export interface Functions {
  /** Called by `init`: what the page's `fetch` becomes. */
  addFetchInterceptorsAndReturnModifiedFetch(input: {
    originalFetch: typeof fetch;
    userContext: Context;
  }): typeof fetch;
  /** Called by `init`. */
  addXMLHttpRequestInterceptor(input: { userContext: Context }): void;
  addAxiosInterceptors(input: { axiosInstance: unknown; userContext: Context }): void;
  doesSessionExist(input: { userContext: Context }): Promise<boolean>;
  getUserId(input: { userContext: Context }): Promise<string>;
  getAccessTokenPayloadSecurely(input: { userContext: Context }): Promise<Context>;
  signOut(input: { userContext: Context }): Promise<void>;
  validateClaims(input: { claimValidators: SessionClaimValidator[]; userContext: Context }): Promise<ClaimError[]>;
  getGlobalClaimValidators(input: {
    claimValidatorsAddedByOtherRecipes: SessionClaimValidator[];
    userContext: Context;
  }): SessionClaimValidator[];
  getInvalidClaimsFromResponse(input: { response: unknown; userContext: Context }): Promise<ClaimError[]>;
  shouldDoInterceptionBasedOnUrl(
    toCheckUrl: string,
    apiDomain: string,
    sessionTokenBackendDomain: string | undefined,
  ): boolean;
}

/** An address that may lack its scheme: https, but http on this machine and at IPv4 addresses. */
export function addressOf(text: string): URL {
  const bare = text.trim().replace(/^\./, "");
  if (/^\w+:\/\//.test(bare)) return new URL(bare);
  return new URL(`${/^(localhost|\d+(\.\d+){3})(?=[:/]|$)/.test(bare) ? "http" : "https"}://${bare}`);
}

/** A host without whatever is written around it. */
const hostOf = (text: string): string => addressOf(text.replace(/^(\w+:\/\/)?\./, "$1")).hostname;

/**
 * The options that mean the same.
 *
 * @throws {Error} What the SDK refuses, too.
 */
export function optionsOf(config: Config): SessionOptions {
  const expiredStatus = config.sessionExpiredStatusCode ?? 401;
  const claimStatus = config.invalidClaimStatusCode ?? 403;
  const retries = config.maxRetryAttemptsForSessionRefresh ?? 10;
  if (expiredStatus === claimStatus)
    throw new Error("sessionExpiredStatusCode and invalidClaimStatusCode cannot be the same");
  if (retries < 0) throw new Error("maxRetryAttemptsForSessionRefresh must not be negative");
  const { origin, pathname } = addressOf(config.apiDomain);
  const path = `${pathname}/${config.apiBasePath ?? "auth"}`.replace(/\/+/g, "/").replace(/\/$/, "");
  const frontend = config.sessionTokenFrontendDomain;
  const backend = config.sessionTokenBackendDomain;
  const clock = config.dateProvider?.();
  return {
    api: origin + path,
    mode: config.tokenTransferMethod ?? "cookie",
    expiredStatus,
    claimStatus,
    retries,
    credentials: config.autoAddCredentials ?? true,
    framed: config.isInIframe ?? false,
    ...(frontend && { cookieDomain: hostOf(frontend) }),
    ...(backend && { apiDomain: hostOf(backend) }),
    ...(clock && { now: () => clock.now() }),
  };
}

/**
 * The functions as an app wants them.
 *
 * @throws {Error} It wants one that there is not.
 */
export function overridden(original: Functions, override: Override | undefined): Functions {
  const layers = override ? [override] : [];
  const builder: OverrideBuilder = {
    override(more) {
      layers.push(more);
      return builder;
    },
  };
  let functions = original;
  for (const layer of layers) functions = { ...functions, ...layer(functions, builder) };
  for (const name of Object.keys(functions))
    if (!(name in original)) throw new Error(`override.functions: ${name} cannot be overridden${INSTEAD[name] ?? ""}`);
  return functions;
}

/** What to do instead. */
const INSTEAD: Record<string, string | undefined> = {
  calculateClockSkewInMillis: ": give init a dateProvider, or correct the clock of the server",
};

/** What the SDK throws where we throw this. */
export function thrown(error: SessionError): unknown {
  if (error.code === "general") return new STGeneralError(error.message);
  return error.response ?? error.cause ?? error;
}

/** The backend has answered `GENERAL_ERROR`: its message is for the user. */
export class STGeneralError extends Error {
  readonly isSuperTokensGeneralError = true;

  static isThisError(error: unknown): error is STGeneralError {
    return (error as { isSuperTokensGeneralError?: unknown } | null)?.isSuperTokensGeneralError === true;
  }
}

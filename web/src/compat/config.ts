// The configuration of `supertokens-website`, as options of ours.
import type { ClaimValidator, SessionError, SessionOptions } from "../types.js";

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

/** What `init` takes. */
export interface Config {
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
  dateProvider?: { now(): number };
  preAPIHook?(call: HookedCall): Promise<{ url: string; requestInit: RequestInit }>;
  postAPIHook?(call: HookedCall & { fetchResponse: Response }): Promise<void>;
  onHandleEvent?(event: CompatEvent): void;
  override?: { functions?(original: Functions): Functions };
}

/** What `override.functions` may change. */
export interface Functions {
  doesSessionExist(input: { userContext: Context }): Promise<boolean>;
  getUserId(input: { userContext: Context }): Promise<string>;
  getAccessTokenPayloadSecurely(input: { userContext: Context }): Promise<Context>;
  signOut(input: { userContext: Context }): Promise<void>;
  validateClaims(input: {
    claimValidators: ClaimValidator[];
    userContext: Context;
  }): Promise<{ id: string; reason?: unknown }[]>;
  getGlobalClaimValidators(input: {
    claimValidatorsAddedByOtherRecipes: ClaimValidator[];
    userContext: Context;
  }): ClaimValidator[];
  getInvalidClaimsFromResponse(input: {
    response: unknown;
    userContext: Context;
  }): Promise<{ id: string; reason?: unknown }[]>;
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
  const { dateProvider } = config;
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
    ...(dateProvider && { now: () => dateProvider.now() }),
  };
}

/** What the SDK throws where we throw this. */
export function thrown(error: SessionError): unknown {
  if (error.code === "general") return Object.assign(new Error(error.message), { isSuperTokensGeneralError: true });
  return error.response ?? error.cause ?? error;
}

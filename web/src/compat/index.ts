// The functions of `supertokens-website`, by the same names and with the same rules of what they throw.
import { installFetch } from "../install.js";
import { createSession } from "../session.js";
import { type Platform, type SessionClient, SessionError } from "../types.js";
import { isOurs } from "../url-rule.js";
import { installXhr } from "../xhr/index.js";
import { addressOf, type Config, type Functions, type HookedCall, optionsOf, overridden, thrown } from "./config.js";
import { handled, placeOf } from "./handlers.js";
import {
  claimInContext,
  inContext,
  type SessionClaim,
  type SessionClaimValidator,
  SessionClaimValidatorStore,
} from "./validators.js";

export { BooleanClaim, PrimitiveArrayClaim, PrimitiveClaim } from "../claims/index.js";
export type {
  ClaimError as ClaimValidationError,
  ClaimVerdict as ClaimValidationResult,
} from "../types.js";
export type {
  CompatEvent,
  Config,
  Config as InputType,
  DateProviderInterface,
  Functions,
  Functions as RecipeInterface,
  HookedCall,
  Override,
  OverrideBuilder,
} from "./config.js";
export { STGeneralError } from "./config.js";
export type {
  CookieHandlerInput,
  CookieHandlerInterface,
  Lock,
  LockFactory,
  StorageHandler,
  WindowHandlerInput,
  WindowHandlerInterface,
} from "./handlers.js";
export { type SessionClaim, type SessionClaimValidator, SessionClaimValidatorStore } from "./validators.js";

type Context = Record<string, unknown>;

/** What handlers are told; the rest is ours. */
const EVENTS =
  /^(SESSION_CREATED|ACCESS_TOKEN_PAYLOAD_UPDATED|REFRESH_SESSION|SIGN_OUT|UNAUTHORISED|API_INVALID_CLAIM)$/;

/** The last refresh, of which `fetch` yields the answer. */
interface LastRefresh {
  count: number;
  response?: Response;
  error?: unknown;
}

interface Running {
  client: SessionClient;
  functions: Functions;
}

let running: Running | undefined;

const started = (): Running => {
  if (!running) throw new Error("init must be called first");
  return running;
};

/** Throws what the SDK throws. */
async function rethrowing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof SessionError ? thrown(error) : error;
  }
}

/** The page's `fetch`, with hooks around the client's own calls. It remembers the last refresh. */
function hookedFetch(config: Config, native: typeof fetch, api: string, last: LastRefresh): typeof fetch {
  const hooked = async (action: HookedCall["action"], url: string, requestInit: RequestInit): Promise<Response> => {
    const before: HookedCall = { action, requestInit, url, userContext: {} };
    const call = { ...before, ...(await config.preAPIHook?.(before)) };
    const response = await native(call.url, call.requestInit);
    if (response.ok) await config.postAPIHook?.({ ...call, fetchResponse: response.clone() });
    return response;
  };
  const refresh = async (url: string, init: RequestInit): Promise<Response> => {
    last.count++;
    delete last.response;
    delete last.error;
    try {
      const response = await hooked("REFRESH_SESSION", url, init);
      last.response = response.clone();
      return response;
    } catch (error) {
      last.error = error;
      throw error;
    }
  };
  return (input, init = {}) => {
    if (input === `${api}/session/refresh`) return refresh(input, init);
    if (!(input instanceof Request) || input.url !== `${api}/signout`) return native(input, init);
    const { method, headers, credentials, signal } = input;
    return hooked("SIGN_OUT", input.url, { method, headers, credentials, signal });
  };
}

/** What the client needs of the page, with another `fetch`. */
const platformWith = (page: typeof globalThis, location: Platform["location"], ownFetch: typeof fetch): Platform => ({
  fetch: ownFetch,
  document: page.document,
  location,
  navigator: page.navigator,
  get localStorage() {
    return page.localStorage;
  },
  get sessionStorage() {
    return page.sessionStorage;
  },
  addEventListener: (type, listener, options) => page.addEventListener?.(type, listener, options),
});

/** Yields the refresh's answer instead of the API's 401, and throws where the SDK would. */
function strictFetch(
  client: SessionClient,
  isIntercepted: (url: string) => boolean,
  expiredStatus: number,
  last: LastRefresh,
): typeof fetch {
  return async (input, init) => {
    const { count } = last;
    const response = await client.fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    if (response.status !== expiredStatus || !isIntercepted(url)) return response;
    const refreshed = last.count > count;
    if (refreshed && last.error) throw last.error;
    if (refreshed && last.response && !last.response.ok) return last.response.clone();
    if (client.snapshot().userId === undefined) return response;
    throw new Error(`Received a 401 response from ${url}, and refreshing the session does not help`);
  };
}

/** Starts the SDK: requests of the page's `fetch` and `XMLHttpRequest` to the API carry the session from now on. */
export function init(config: Config): void {
  const options = optionsOf(config);
  const expiredStatus = options.expiredStatus ?? 401;
  const page = globalThis as { __supertokensOriginalFetch?: typeof fetch } & typeof globalThis;
  page.__supertokensOriginalFetch ??= page.fetch;
  let native = page.__supertokensOriginalFetch.bind(page);
  const last: LastRefresh = { count: 0 };
  const apiHost = addressOf(config.apiDomain).hostname;

  const original: Functions = {
    addFetchInterceptorsAndReturnModifiedFetch({ originalFetch }) {
      native = originalFetch;
      return strictFetch(client, isIntercepted, expiredStatus, last);
    },
    addXMLHttpRequestInterceptor: () => void (page.XMLHttpRequest && installXhr(client, { expiredStatus })),
    addAxiosInterceptors: () => {},
    doesSessionExist: () => client.exists({ onNetworkError: "false" }),
    getUserId: () => rethrowing(() => client.userId()),
    getAccessTokenPayloadSecurely: () => rethrowing(() => client.payload()),
    signOut: () => rethrowing(() => client.signOut()),
    validateClaims: ({ claimValidators, userContext }) =>
      rethrowing(() => client.claims.validate(claimValidators.map(inContext), { userContext })),
    getGlobalClaimValidators: ({ claimValidatorsAddedByOtherRecipes }) => claimValidatorsAddedByOtherRecipes,
    getInvalidClaimsFromResponse: ({ response }) => client.claims.invalidFrom(response),
    shouldDoInterceptionBasedOnUrl: (url) =>
      !/[?#].*superTokensDoNotDoInterception/.test(url) &&
      isOurs(new URL(url, page.document?.baseURI), apiHost, options.apiDomain),
  };
  const functions = overridden(original, config.override?.functions);
  const isIntercepted = (url: string) =>
    functions.shouldDoInterceptionBasedOnUrl(url, config.apiDomain, config.sessionTokenBackendDomain);

  const client = createSession({
    ...options,
    ...handled(config, options, page),
    platform: platformWith(
      page,
      placeOf(config.windowHandler, page),
      hookedFetch(config, (input, init) => native(input, init), `${options.api}`, last),
    ),
    shouldIntercept: (url) => isIntercepted(url.href),
  });
  client.on("*", ({ origin, type, ...more }) => {
    if (config.enableDebugLogs) console.debug(`session: ${type} (${origin})`);
    if (origin === "local" && EVENTS.test(type)) config.onHandleEvent?.({ action: type, ...more, userContext: {} });
  });

  running?.client.destroy();
  running = { client, functions };
  const userContext = {};
  installFetch({ fetch: functions.addFetchInterceptorsAndReturnModifiedFetch({ originalFetch: native, userContext }) });
  functions.addXMLHttpRequestInterceptor({ userContext });
}

/** The client that does the work. */
export const client = (): SessionClient => started().client;

/** Never throws because a refresh fails: false. */
export const doesSessionExist = ({ userContext = {} }: { userContext?: Context } = {}): Promise<boolean> =>
  started().functions.doesSessionExist({ userContext });

/** Throws if there is no session. */
export const getUserId = ({ userContext = {} }: { userContext?: Context } = {}): Promise<string> =>
  started().functions.getUserId({ userContext });

/** Refreshes an expired session. Throws if there is none, or that fails. */
export const getAccessTokenPayloadSecurely = ({ userContext = {} }: { userContext?: Context } = {}): Promise<Context> =>
  started().functions.getAccessTokenPayloadSecurely({ userContext });

/** Undefined if it is in a cookie that pages cannot read, or there is no session. */
export const getAccessToken = async (_?: { userContext?: Context }): Promise<string | undefined> =>
  (await doesSessionExist()) ? started().client.accessToken() : undefined;

/** True: there are other tokens. False: there is no session. Throws the answer of the server, or why there is none. */
export const attemptRefreshingSession = (): Promise<boolean> => rethrowing(() => started().client.refresh());

/** Throws the answer of the server if it is an error. */
export const signOut = ({ userContext = {} }: { userContext?: Context } = {}): Promise<void> =>
  started().functions.signOut({ userContext });

type OverrideValidators = (global: SessionClaimValidator[], userContext: Context) => SessionClaimValidator[];

/** Those that fail. Takes its arguments one by one, or as properties of an object. */
export function validateClaims(
  asked?: OverrideValidators | { overrideGlobalClaimValidators?: OverrideValidators; userContext?: Context },
  context: Context = {},
): Promise<{ id: string; reason?: unknown }[]> {
  const { functions } = started();
  const named = typeof asked === "function" ? { overrideGlobalClaimValidators: asked } : (asked ?? {});
  const { overrideGlobalClaimValidators, userContext = context } = { userContext: context, ...named };
  const global = functions.getGlobalClaimValidators({
    claimValidatorsAddedByOtherRecipes: SessionClaimValidatorStore.getClaimValidatorsAddedByOtherRecipes(),
    userContext,
  });
  const claimValidators = overrideGlobalClaimValidators?.(global, userContext) ?? global;
  return functions.validateClaims({ claimValidators, userContext });
}

/** Undefined if the payload does not have it. */
export const getClaimValue = <T>({
  claim,
  userContext = {},
}: {
  claim: SessionClaim<T>;
  userContext?: Context;
}): Promise<T | undefined> => rethrowing(() => started().client.claims.value(claimInContext(claim), { userContext }));

/** Which claims fail, by an answer of `fetch` or axios. */
export const getInvalidClaimsFromResponse = ({
  response,
  userContext = {},
}: {
  response: unknown;
  userContext?: Context;
}): Promise<{ id: string; reason?: unknown }[]> =>
  started().functions.getInvalidClaimsFromResponse({ response, userContext });

/** Does nothing unless overridden: axios sends by `XMLHttpRequest` or `fetch`, and those carry the session already. */
export const addAxiosInterceptors = (axiosInstance: unknown, userContext: Context = {}): void =>
  running?.functions.addAxiosInterceptors({ axiosInstance, userContext });

export default {
  init,
  doesSessionExist,
  getUserId,
  getAccessTokenPayloadSecurely,
  getAccessToken,
  attemptRefreshingSession,
  signOut,
  validateClaims,
  getClaimValue,
  getInvalidClaimsFromResponse,
  addAxiosInterceptors,
};

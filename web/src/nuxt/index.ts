// Sessions in Nuxt: a server middleware that knows who asks, a guard for API routes, and a plugin that hands the session over.
import { type Decision, decide, type Guard } from "../decide.js";
import { createSession } from "../session.js";
import type { ServerConfig } from "../ssr/config.js";
import { admit, decideFor, requestFrom, type ValidSession } from "../ssr/guard.js";
import { handleRefresh, refreshRedirect } from "../ssr/hop.js";
import { PRIVATE } from "../ssr/page.js";
import { getServerSession, type ServerSession } from "../ssr/session.js";
import type { Payload, SessionClient, SessionOptions, Snapshot } from "../types.js";

export type { Decision, Guard } from "../decide.js";
export type { ServerConfig } from "../ssr/config.js";
export type { ServerSession } from "../ssr/session.js";

/** An event of h3, as far as it is looked at. */
export interface ServerEvent {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly node: { readonly res: { setHeader(name: string, value: string): unknown } };
  readonly context: object;
}

interface SessionContext {
  session?: ServerSession<object>;
  /** What guards say to the whole payload, while the page is rendered. */
  sessionDecision?: (guard: Guard) => Decision;
}

const requestOf = ({ method, path, headers }: ServerEvent, config: ServerConfig) =>
  requestFrom(method, path, headers, config);

/**
 * The server middleware: `event.context.session` is who asks, and a browser with an expired token is sent to refresh if
 * `expired` says `hop`. Pages of somebody are kept for nobody else.
 *
 * @example export default defineEventHandler(sessionHandler(config));
 */
export const sessionHandler =
  (config: ServerConfig) =>
  async (event: ServerEvent): Promise<Response | undefined> => {
    const request = requestOf(event, config);
    const refreshed = await handleRefresh(request, config);
    if (refreshed) return refreshed;
    const session = await getServerSession(request, config);
    Object.assign(event.context, {
      session,
      sessionDecision: (guard: Guard) => decideFor(session, config, guard),
    } satisfies SessionContext);
    if (session.status !== "absent")
      for (const [name, value] of Object.entries(PRIVATE)) event.node.res.setHeader(name, value);
    return refreshRedirect(request, session, config);
  };

/** What h3 takes for an error of its own, and answers with its status. */
class CallError extends Error {
  static readonly __h3_error__ = true;
  readonly fatal = false;
  readonly unhandled = false;

  constructor(
    readonly statusCode: number,
    /** The body that the API itself would send. */
    readonly data: { message: string; claimValidationErrors?: unknown },
  ) {
    super(data.message);
  }

  toJSON(): object {
    return { statusCode: this.statusCode, message: this.message, data: this.data };
  }
}

/**
 * For API routes: who calls. It throws 401, which makes clients refresh and try again; 403 with the claims that fail; 503 while
 * nobody knows.
 */
export async function requireServerSession<P extends object = Payload>(
  event: ServerEvent,
  config: ServerConfig,
  guard?: Pick<Guard, "validators">,
): Promise<ValidSession<P>> {
  const { session, refusal } = await admit<P>(requestOf(event, config), config, guard);
  if (refusal) throw new CallError(refusal.status, refusal.body);
  return session;
}

/** The app of Nuxt, as far as it is looked at. */
interface NuxtApp {
  readonly payload: object;
  readonly $config?: { readonly app: { readonly baseURL?: string; readonly buildAssetsDir?: string } };
  readonly ssrContext?: { readonly event: { readonly context: object } } | undefined;
}

/** The path of Nuxt's own files. */
const filesOf = ({ $config }: NuxtApp): string => {
  const { baseURL = "/", buildAssetsDir = "/_nuxt/" } = $config?.app ?? {};
  return `${baseURL}/${buildAssetsDir}`.replace(/\/+/g, "/");
};

/**
 * The plugin: `$session` is the client, which starts in the browser from what the server has rendered. No token is refreshed for
 * Nuxt's own files.
 *
 * @example export default defineNuxtPlugin(sessionPlugin({ api: "/auth" }));
 */
export const sessionPlugin =
  <P extends object = Payload>(options: SessionOptions<P> = {}) =>
  (nuxt: NuxtApp): { provide: { session: SessionClient<P> } } => {
    const payload = nuxt.payload as { session?: Snapshot<P> };
    const context = nuxt.ssrContext?.event.context as SessionContext | undefined;
    if (context?.session) payload.session = context.session.snapshot as Snapshot<P>;
    const files = filesOf(nuxt);
    const session = createSession<P>({
      shouldIntercept: ({ pathname }, matches) => matches && !pathname.startsWith(files),
      ...options,
      ...(payload.session && { initial: payload.session }),
    });
    return { provide: { session } };
  };

/**
 * For route middleware: what a guard says to whoever wants to see a page. On the server it asks nobody; nor in the browser for the
 * first page, which has to be what the server has rendered.
 *
 * @param nuxt what `useNuxtApp()` returns.
 * @param path `to.fullPath`.
 */
export async function guardRoute(
  nuxt: NuxtApp & { readonly $session: unknown; readonly isHydrating?: boolean },
  path: string,
  guard: Guard,
): Promise<Decision> {
  const at = { currentUrl: path, ...guard };
  const context = nuxt.ssrContext?.event.context as SessionContext | undefined;
  if (context) return context.sessionDecision?.(at) ?? { action: "wait" };
  const session = nuxt.$session as SessionClient<object>;
  const snapshot = nuxt.isHydrating ? session.initial : await session.ready();
  return decide(snapshot, { now: session.now(), ...at });
}

// Sessions in SvelteKit: a hook that knows who asks; load functions, endpoints and form actions that want a session.
import type { Guard } from "../decide.js";
import type { ServerConfig } from "../ssr/config.js";
import { admit, decideFor, privately, type ValidSession } from "../ssr/guard.js";
import { handleRefresh, refreshRedirect } from "../ssr/hop.js";
import { getServerSession, type ServerSession } from "../ssr/session.js";
import type { Payload } from "../types.js";

export type { ServerConfig } from "../ssr/config.js";
export type { ServerSession } from "../ssr/session.js";

/** What the hook adds to `App.Locals`. */
export interface SessionLocals<P extends object = Payload> {
  session: ServerSession<P>;
}

interface Event {
  request: Request;
  locals: object;
}

/**
 * The hook: `event.locals.session` is who asks, and a browser with an expired token is sent to refresh if `expired` says `hop`.
 * Pages of somebody are kept for nobody else.
 *
 * @example export const handle = sessionHandle({ api: "http://localhost:3000/auth", expired: "hop" });
 */
export const sessionHandle =
  (config: ServerConfig) =>
  async <E extends Event>({
    event,
    resolve,
  }: {
    event: E;
    resolve(event: E): Response | Promise<Response>;
  }): Promise<Response> => {
    const refreshed = await handleRefresh(event.request, config);
    if (refreshed) return refreshed;
    const session = await getServerSession(event.request, config);
    (event.locals as SessionLocals).session = session;
    const response = refreshRedirect(event.request, session, config) ?? (await resolve(event));
    return session.status === "absent" ? response : privately(response);
  };

/**
 * For load functions on the server: who asks. It throws SvelteKit's redirect to sign in, and its error 403 for whoever must not
 * see the page.
 *
 * # Security
 * Only the status `valid` is somebody. It also returns while nobody knows, as with an expired token that the client has to
 * refresh: give the page nothing but `session.snapshot` then. Layouts are loaded beside their pages, not before them: guard
 * every load function that reads what is somebody's.
 *
 * @example export const load = async (event) => ({ session: (await staffOnly(event)).snapshot });
 */
export const guardLoad =
  <P extends object = Payload>(config: ServerConfig, guard: Guard) =>
  async ({ locals, url }: { locals: object; url: URL }): Promise<ServerSession<P>> => {
    const { session } = locals as SessionLocals<P>;
    const decision = decideFor(session, config, { currentUrl: url.pathname + url.search, ...guard });
    const { error, redirect } = await import("@sveltejs/kit");
    if (decision.action === "redirect") redirect(303, decision.to);
    if (decision.action === "deny") error(403, { message: "access denied" });
    return session;
  };

/**
 * For endpoints and form actions: who calls. It throws SvelteKit's errors: 401, which makes clients refresh and try again; 403 with
 * the claims that fail; 503 while nobody knows.
 *
 * @example export const POST = async (event) => json({ user: (await requireServerSession(event, config)).userId });
 */
export async function requireServerSession<P extends object = Payload>(
  { request }: { request: Request },
  config: ServerConfig,
  guard?: Pick<Guard, "validators">,
): Promise<ValidSession<P>> {
  const { session, refusal } = await admit<P>(request, config, guard);
  if (!refusal) return session;
  const { error } = await import("@sveltejs/kit");
  return error(refusal.status, refusal.body);
}

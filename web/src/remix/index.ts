// Sessions in Remix and React Router 7: loaders and actions that want a session, and the route on which the browser is refreshed.
import type { Guard } from "../decide.js";
import type { ServerConfig } from "../ssr/config.js";
import { goTo } from "../ssr/cookies.js";
import { admit, decideFor, placeOf, type ValidSession } from "../ssr/guard.js";
import { handleRefresh, refreshRedirect } from "../ssr/hop.js";
import { PRIVATE } from "../ssr/page.js";
import { getServerSession, type ServerSession } from "../ssr/session.js";
import type { Payload } from "../types.js";

export { getServerSession, type ServerSession } from "../ssr/session.js";

/**
 * The loader of the route `<basePath>/session/refresh/hop`, for `expired: "hop"`.
 *
 * @example export const loader = refreshLoader(config);
 */
export const refreshLoader =
  (config: ServerConfig) =>
  async ({ request }: { request: Request }): Promise<Response> =>
    (await handleRefresh(request, config)) ?? new Response("this route is not where `api` says", { status: 404 });

/**
 * A loader that is told who asks. It throws redirects, to refresh or to sign in, and 403 for whoever must not see the page.
 *
 * # Security
 * Only the status `valid` is somebody. The loader also runs while nobody knows, as with an expired token that the client has
 * to refresh: give the page nothing but `session.snapshot` then.
 */
export const guardLoader =
  <A extends { request: Request }, R, P extends object = Payload>(
    config: ServerConfig,
    guard: Guard,
    loader: (args: A & { session: ServerSession<P> }) => R,
  ) =>
  async (args: A): Promise<Awaited<R>> => {
    const { request } = args;
    const session = await getServerSession<P>(request, config);
    const refresh = refreshRedirect(request, session, config);
    if (refresh) throw refresh;
    const decision = decideFor(session, config, { currentUrl: placeOf(request, config), ...guard });
    if (decision.action === "redirect") throw goTo(decision.to);
    if (decision.action === "deny") throw Response.json(decision.error, { status: 403, headers: PRIVATE });
    return await loader({ ...args, session });
  };

/**
 * For actions and for routes that are called: who calls. It throws answers: 401, which makes clients refresh and try again; 403
 * with the claims that fail; 503 while nobody knows.
 *
 * @example export const action = async ({ request }) => ({ user: (await requireServerSession(request, config)).userId });
 */
export async function requireServerSession<P extends object = Payload>(
  request: Request,
  config: ServerConfig,
  guard?: Pick<Guard, "validators">,
): Promise<ValidSession<P>> {
  const { session, refusal } = await admit<P>(request, config, guard);
  if (refusal) throw Response.json(refusal.body, { status: refusal.status, headers: PRIVATE });
  return session;
}

/** For a guarded route's `headers`: the page is one person's. */
export const headers = (): Record<string, string> => ({ ...PRIVATE });

// Sessions in Next.js: a middleware (in newer versions: proxy), and guards for pages, route handlers and server actions.
import { type Guard, returnPath } from "../decide.js";
import type { ServerConfig } from "../ssr/config.js";
import { admit, decideFor, placeOf, privately, type ValidSession } from "../ssr/guard.js";
import { handleRefresh, refreshRedirect } from "../ssr/hop.js";
import { markPrivate, PRIVATE } from "../ssr/page.js";
import { type ServerSession, getServerSession as sessionOf } from "../ssr/session.js";
import type { ClaimError, Payload, Snapshot } from "../types.js";

export type { Guard } from "../decide.js";
export type { ServerConfig } from "../ssr/config.js";
export type { ServerSession } from "../ssr/session.js";

/** Tells pages where they are. */
const PLACE = "x-session-place";

/**
 * The middleware: a browser with an expired token is sent to refresh if `expired` says `hop`, and pages are told where they are.
 *
 * @example export const proxy = middleware(config); // in `proxy.ts`; `middleware` in `middleware.ts`
 */
export const middleware =
  (config: ServerConfig) =>
  async (request: Request): Promise<Response> => {
    const refreshed = await handleRefresh(request, config);
    if (refreshed) return absolute(refreshed, request);
    const session = await sessionOf(request, config);
    const redirect = refreshRedirect(request, session, config);
    if (redirect) return absolute(redirect, request);
    const headers = new Headers(request.headers);
    headers.set(PLACE, placeOf(request, config));
    const { NextResponse } = await import("next/server");
    const response = NextResponse.next({ request: { headers } });
    if (session.status !== "absent") markPrivate(response.headers);
    return response;
  };

/** Next.js wants whole addresses. */
function absolute(response: Response, { url }: Request): Response {
  const to = response.headers.get("location");
  if (to) response.headers.set("location", new URL(to, url).href);
  return response;
}

/** The request of Node.js in `getServerSideProps`, as far as it is looked at. */
interface NodeRequest {
  readonly headers: { readonly cookie?: string | undefined };
}

const headersOf = async (request: Pick<Request, "headers"> | NodeRequest | undefined): Promise<Headers> => {
  if (!request) return (await import("next/headers")).headers();
  const { headers } = request;
  return "get" in headers ? (headers as Headers) : new Headers({ cookie: headers.cookie ?? "" });
};

/**
 * Who asks: in server components and server actions, or of the request of a route handler or of `getServerSideProps`. It never
 * throws, but for what Next.js itself throws to find out which pages are dynamic.
 */
export async function getServerSession<P extends object = Payload>(
  config: ServerConfig,
  request?: Pick<Request, "headers"> | NodeRequest,
): Promise<ServerSession<P>> {
  return sessionOf<P>({ headers: await headersOf(request) }, config);
}

/**
 * For pages: who asks. Sends away whoever has to sign in; whoever must not see the page sees that there is none.
 *
 * # Security
 * Only the status `valid` is somebody. It also returns while nobody knows, as with an expired token that the client has to
 * refresh: give the page nothing but `session.snapshot` then. Guard pages, not layouts: those are not rendered anew.
 */
export async function guardPage<P extends object = Payload>(
  config: ServerConfig,
  guard: Guard = {},
): Promise<ServerSession<P>> {
  const headers = await headersOf(undefined);
  const session = await sessionOf<P>({ headers }, config);
  const place = headers.get(PLACE);
  const decision = decideFor(session, config, { ...(place && { currentUrl: returnPath(place) }), ...guard });
  if (decision.action === "redirect" || decision.action === "deny") {
    const { notFound, redirect } = await import("next/navigation");
    if (decision.action === "redirect") redirect(decision.to);
    notFound();
  }
  return session;
}

/**
 * For route handlers: calls of somebody. Others are answered 401, which makes clients refresh and try again; 403 with the claims
 * that fail; 503 while nobody knows.
 */
export const withSession =
  <C, R extends Request = Request, P extends object = Payload>(
    config: ServerConfig,
    handler: (request: R, context: C & { session: ValidSession<P> }) => Response | Promise<Response>,
    guard?: Pick<Guard, "validators">,
  ) =>
  async (request: R, context: C): Promise<Response> => {
    const { session, refusal } = await admit<P>(request, config, guard);
    if (refusal) return Response.json(refusal.body, { status: refusal.status, headers: PRIVATE });
    return privately(await handler(request, { ...context, session }));
  };

/** What a server action yields: its value, or why it was not run. */
export type Ensured<T> =
  | { ok: true; value: T }
  | { ok: false; status: Exclude<ServerSession["status"], "valid"> | "denied"; error?: ClaimError };

/**
 * For server actions: run for somebody only. The first argument of `action` is who it is.
 *
 * # Security
 * That actions are sent by pages of this site Next.js itself sees to.
 */
export const ensureSession =
  <A extends unknown[], R, P extends object = Payload>(
    config: ServerConfig,
    action: (session: ValidSession<P>, ...given: A) => R,
    guard: Pick<Guard, "validators"> = {},
  ) =>
  async (...given: A): Promise<Ensured<Awaited<R>>> => {
    const session = await getServerSession<P>(config);
    if (session.status !== "valid") return { ok: false, status: session.status };
    const decision = decideFor(session, config, guard);
    if (decision.action !== "render")
      return { ok: false, status: "denied", ...("error" in decision && { error: decision.error as ClaimError }) };
    return { ok: true, value: await action(session, ...given) };
  };

/** What `getServerSideProps` gets, and what it returns; as far as it is looked at. */
interface PageContext {
  readonly req: NodeRequest;
  readonly res: { setHeader(name: string, value: string): unknown };
  readonly resolvedUrl: string;
}
type PageResult<T> = { props: T } | { redirect: { destination: string; permanent: boolean } } | { notFound: true };

/** For `getServerSideProps`: pages of the pages router get `session`, a snapshot, beside their own props. See {@link guardPage}. */
export const withSessionProps =
  <C extends PageContext, T extends object, P extends object = Payload>(
    config: ServerConfig,
    props: (context: C & { session: ServerSession<P> }) => PageResult<T> | Promise<PageResult<T>>,
    guard: Guard = {},
  ) =>
  async (context: C): Promise<PageResult<T & { session: Snapshot<P> }>> => {
    const session = await getServerSession<P>(config, context.req);
    for (const [name, value] of Object.entries(PRIVATE)) context.res.setHeader(name, value);
    const decision = decideFor(session, config, { currentUrl: context.resolvedUrl, ...guard });
    if (decision.action === "redirect") return { redirect: { destination: decision.to, permanent: false } };
    if (decision.action === "deny") return { notFound: true };
    const result = await props({ ...context, session });
    return "props" in result ? { props: { ...result.props, session: session.snapshot } } : result;
  };

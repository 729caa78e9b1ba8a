// What adapters do with a request: the same for all frameworks.
import { type Decision, decide, type Guard } from "../decide.js";
import type { Payload } from "../types.js";
import type { PageRequest, ServerConfig } from "./config.js";
import { addressOf } from "./cookies.js";
import { markPrivate } from "./page.js";
import { getServerSession, type ServerSession } from "./session.js";

/** A session of somebody who is known. */
export type ValidSession<P extends object = Payload> = Extract<ServerSession<P>, { status: "valid" }>;

/** What a guard says to a session. Claims are asked of the whole payload, not only of what goes into the page. */
export function decideFor(session: ServerSession<object>, config: ServerConfig, guard: Guard): Decision {
  const { snapshot } = session;
  const whole = session.status === "valid" ? { ...snapshot, payload: session.payload } : snapshot;
  const { validators = [], now = Date.now } = config;
  return decide(whole as typeof snapshot, { validators, now: now(), ...guard });
}

/** The path and the query of a page: its address for guards. */
export const placeOf = (request: PageRequest, config: ServerConfig): string => {
  const { pathname, search } = addressOf(request, config);
  return pathname + search;
};

/** As much of a request as servers know that have no `Request`. A host that is none is the least of what may be wrong with it. */
export function requestFrom(method: string, path: string, headers: Headers, config: ServerConfig): PageRequest {
  const origin = config.website ?? `http://${headers.get("host")}`;
  const url = (URL.canParse(origin) ? origin.replace(/\/$/, "") : "http://localhost") + (path[0] === "/" ? path : "/");
  return { method, url: URL.canParse(url) ? url : "http://localhost/", headers };
}

/** The same response, kept for nobody else. */
export function privately(response: Response): Response {
  const own = new Response(response.body, response);
  markPrivate(own.headers);
  return own;
}

/** Why a call is not answered, as the API itself would say it. */
export interface Refusal {
  status: number;
  body: { message: string; claimValidationErrors?: unknown };
}

/**
 * Lets a call in, or says why not: 401 makes clients refresh and try again, 403 says which claims fail, 503 that nobody knows.
 *
 * # Security
 * What changes something must come from a page of this site, or carry the header `rid`, which other sites need leave for.
 */
export async function admit<P extends object = Payload>(
  request: PageRequest,
  config: ServerConfig,
  guard: Pick<Guard, "validators"> = {},
): Promise<{ session: ValidSession<P>; refusal?: undefined } | { session?: undefined; refusal: Refusal }> {
  if (!isMeant(request, config)) return refuse(403, "this was sent by a page of another site");
  const session = await getServerSession<P>(request, config);
  if (session.status === "unknown") return refuse(503, "the session cannot be verified now");
  if (session.status !== "valid")
    return refuse(config.expiredStatus ?? 401, session.status === "absent" ? "unauthorised" : "try refresh token");
  const decision = decideFor(session, config, guard);
  if (decision.action === "render") return { session };
  const claimValidationErrors = "error" in decision ? [decision.error] : [];
  return { refusal: { status: 403, body: { message: "invalid claim", claimValidationErrors } } };
}

const refuse = (status: number, message: string): { refusal: Refusal } => ({
  refusal: { status, body: { message } },
});

/** Whether a page of this site has sent it, as far as the browser tells; what is no browser sends no foreign cookies. */
function isMeant(request: PageRequest, config: ServerConfig): boolean {
  const { method, headers } = request;
  if (/^(GET|HEAD|OPTIONS)$/.test(method) || headers.has("rid")) return true;
  const site = headers.get("sec-fetch-site");
  if (site) return site !== "cross-site";
  const origin = headers.get("origin");
  return origin === null || origin === addressOf(request, config).origin;
}

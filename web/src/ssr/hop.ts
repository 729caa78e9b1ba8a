// The way of a page with an expired token: to the one path on which browsers send refresh tokens, and back.
import { returnPath } from "../decide.js";
import type { PageRequest, ServerConfig } from "./config.js";
import { addressOf, bake, CSRF, cookie, FRONT, LAT, OVERFLOW } from "./cookies.js";
import { MARK } from "./mark.js";
import { PRIVATE } from "./page.js";
import { refreshOf } from "./refresh.js";
import type { ServerSession } from "./session.js";

/** How long the way there may take, and for how long the result is remembered; in seconds. */
const WAY_S = 60;
const MARK_S = 10;
/** Browsers keep no cookie longer than 400 days. */
const LONGEST_AGE_S = 34_560_000;
/** Longer cookies are silently refused, and the value before stays. */
const LONGEST_COOKIE = 3800;
/** The cookie that shows that a page of ours has sent the browser here; the nonce is in its name, so that tabs do not disturb each other. */
const NONCE = "st-hop-";

const pathOf = ({ basePath, api }: ServerConfig): string =>
  `${(basePath ?? new URL(api).pathname).replace(/\/$/, "")}/session/refresh/hop`;

/**
 * Whether a person opens a page. Not: scripts that call, pages that are fetched ahead of being opened, links on other sites.
 */
function isNavigation({ method, headers }: PageRequest): boolean {
  const ahead = ["sec-purpose", "purpose", "x-purpose", "x-moz"].some((name) =>
    /prefetch|prerender|preview/i.test(headers.get(name) ?? ""),
  );
  return (
    method === "GET" &&
    headers.get("sec-fetch-mode") === "navigate" &&
    /^(same-origin|same-site|none)$/.test(headers.get("sec-fetch-site") ?? "") &&
    !ahead &&
    !headers.has("next-router-prefetch") &&
    !headers.has("x-middleware-prefetch")
  );
}

const goTo = (location: string): Response => new Response(null, { status: 303, headers: { ...PRIVATE, location } });

/**
 * Sends the browser to refresh, if that may help. Undefined: it may not, or has been tried just now; render the page with
 * `session.snapshot`.
 */
export function refreshRedirect(
  request: PageRequest,
  session: ServerSession<object>,
  config: ServerConfig,
): Response | undefined {
  const mark = cookie(request, MARK) ?? "again";
  const hopeful = session.status === "expired" || session.status === "invalid";
  if (config.expired !== "hop" || !hopeful || mark !== "again" || !isNavigation(request)) return undefined;
  const { pathname, search, protocol } = addressOf(request, config);
  const nonce = crypto.randomUUID();
  const to = encodeURIComponent(returnPath(pathname + search));
  const redirect = goTo(`${pathOf(config)}?nonce=${nonce}&to=${to}`);
  bake(redirect.headers, protocol === "https:", NONCE + nonce, "1", WAY_S, true, pathOf(config));
  return redirect;
}

/**
 * Answers the browser that was sent to refresh: calls the API with its cookies, and sends it back to its page with what the API
 * has set. Undefined: the request is not such a one.
 *
 * # Security
 * Only a browser that a page of this site has just sent here is refreshed, once, and only by opening a page: neither other
 * sites nor pages fetched ahead can use up a token. The way back stays on this site.
 */
export async function handleRefresh(request: PageRequest, config: ServerConfig): Promise<Response | undefined> {
  const { pathname, searchParams, protocol, hostname } = addressOf(request, config);
  if (pathname !== pathOf(config)) return undefined;
  const nonce = NONCE + searchParams.get("nonce");
  const to = returnPath(searchParams.get("to"));
  // To send it back might send it here again, and so on. A path that went through `URL` holds nothing that HTML has a use for.
  if (!isNavigation(request) || !cookie(request, nonce))
    return new Response(`<a href="${to}">Continue</a>`, {
      status: 403,
      headers: { ...PRIVATE, "content-type": "text/html;charset=utf-8" },
    });

  const { mark, cookies, front, csrf } = await refreshOf(request, config);
  const back = goTo(to);
  const { headers } = back;
  for (const line of cookies) headers.append("set-cookie", line);
  const secure = protocol === "https:";
  const shared = (config.cookieDomain ?? "").replace(/^\./, "");
  const domain = shared && shared !== hostname && shared !== "localhost" ? `; Domain=${shared}` : "";
  const keep = (name: string, value?: string) => {
    // Also what was written for this host alone, before there was a domain.
    for (const where of value ? (domain ? [""] : []) : new Set(["", domain]))
      bake(headers, secure, name, "", 0, false, "/", where);
    if (value) bake(headers, secure, name, value, LONGEST_AGE_S, false, "/", domain);
  };
  if (front !== undefined) {
    const fits = front.length < LONGEST_COOKIE;
    keep(FRONT, fits ? front : "");
    keep(OVERFLOW, fits ? "" : "1");
    // One that does not fit the client has to ask for: it does if it does not know when it last has.
    keep(LAT, fits ? `${(config.now ?? Date.now)()}` : "");
    if (csrf !== undefined || !front) keep(CSRF, csrf);
  }
  const again = mark === "again" && cookie(request, MARK) === "again";
  bake(headers, secure, MARK, again ? "done" : mark, MARK_S, true);
  bake(headers, secure, nonce, "", 0, true, pathOf(config));
  return back;
}

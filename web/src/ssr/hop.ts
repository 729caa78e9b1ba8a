// The way of a page with an expired token: to the one path on which browsers send refresh tokens, and back.
import { returnPath } from "../decide.js";
import type { PageRequest, ServerConfig } from "./config.js";
import { addressOf, bake, cookie, goTo } from "./cookies.js";
import { MARK } from "./mark.js";
import { PRIVATE } from "./page.js";
import type { ServerSession } from "./session.js";

/** How long the way there may take, in seconds. */
const WAY_S = 60;
/** The cookie that shows that a page of ours has sent the browser. The nonce is in its name: tabs do not disturb each other. */
const NONCE = "st-hop-";

/** What browsers and frameworks send with a page that is fetched ahead. */
const AHEAD = ["sec-purpose", "purpose", "x-purpose", "x-moz", "next-router-prefetch", "x-middleware-prefetch"];

const pathOf = ({ basePath, api }: ServerConfig): string =>
  `${(basePath ?? new URL(api).pathname).replace(/\/$/, "")}/session/refresh/hop`;

/**
 * Whether a person opens a page. Not: scripts that call, pages that are fetched ahead of being opened, links on other sites.
 */
function isNavigation({ method, headers }: PageRequest): boolean {
  return (
    method === "GET" &&
    headers.get("sec-fetch-mode") === "navigate" &&
    /^(same-|none)/.test(headers.get("sec-fetch-site") ?? "") &&
    !AHEAD.some((name) => /^1|^pre/.test(headers.get(name) ?? ""))
  );
}

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
  bake(redirect.headers, protocol === "https:", `${NONCE + nonce}=1`, WAY_S, `Path=${pathOf(config)}; HttpOnly`);
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
  const { pathname, searchParams } = addressOf(request, config);
  if (pathname !== pathOf(config)) return undefined;
  const nonce = NONCE + searchParams.get("nonce");
  const to = returnPath(searchParams.get("to"));
  if (isNavigation(request) && cookie(request, nonce))
    return (await import("./arrive.js")).arrive(request, config, nonce, to);
  // To send it back might send it here again, and so on. A path that went through `URL` holds nothing that HTML has a use for.
  return new Response(`<a href="${to}">Continue</a>`, {
    status: 403,
    headers: { ...PRIVATE, "content-type": "text/html" },
  });
}

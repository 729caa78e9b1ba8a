// What a browser gets that was sent to refresh. Loaded when it is needed.
import type { PageRequest, ServerConfig } from "./config.js";
import { addressOf, bake, CSRF, cookie, FRONT, goTo, LAT, OVERFLOW } from "./cookies.js";
import { MARK } from "./mark.js";
import { type Refreshed, refreshOf } from "./refresh.js";

/** For how long a page is told of it, in seconds. */
const MARK_S = 10;
/** Browsers keep no cookie longer than 400 days. */
const LONGEST_AGE_S = 34_560_000;
/** Longer cookies are silently refused, and the value before stays. */
const LONGEST_COOKIE = 3800;

/** `nonce`: the cookie that let it in, which is used up by now; `to`: where it came from. */
export async function arrive(request: PageRequest, config: ServerConfig, nonce: string, to: string): Promise<Response> {
  const { pathname, protocol, hostname } = addressOf(request, config);
  const secure = protocol === "https:";
  const back = goTo(to);
  bake(back.headers, secure, `${nonce}=`, 0, `Path=${pathname}; HttpOnly`);
  const told = cookie(request, MARK);
  // Another tab was here since this one was sent: it has brought tokens, or the news that there are none.
  if (told && told !== "again") return back;
  const refreshed = await refreshOf(request, config);
  for (const line of refreshed.cookies) back.headers.append("set-cookie", line);
  tellScripts(back.headers, refreshed, secure, sharedBy(config, hostname), (config.now ?? Date.now)());
  const twice = refreshed.mark === "again" && told === "again";
  bake(back.headers, secure, `${MARK}=${twice ? "done" : refreshed.mark}`, MARK_S, "Path=/; HttpOnly");
  return back;
}

/** What the client would write if it had refreshed by itself: other tabs notice, too. */
function tellScripts(headers: Headers, { front, csrf }: Refreshed, secure: boolean, domain: string, now: number) {
  const keep = (name: string, value = "") => {
    // Also what was written for this host alone, before there was a domain.
    for (const where of new Set(["", domain]))
      if (where !== domain || !value) bake(headers, secure, `${name}=`, 0, `Path=/${where}`);
    if (value) bake(headers, secure, `${name}=${value}`, LONGEST_AGE_S, `Path=/${domain}`);
  };
  if (front === undefined) return;
  const fits = front.length < LONGEST_COOKIE;
  keep(FRONT, fits ? front : "");
  keep(OVERFLOW, fits ? "" : "1");
  // What does not fit the client has to ask for: it does if it does not know when it last has.
  keep(LAT, fits ? `${now}` : "");
  if (csrf || !front) keep(CSRF, csrf);
}

/** The attribute of cookies that several hosts share; empty if they are this host's. */
function sharedBy({ cookieDomain = "" }: ServerConfig, hostname: string): string {
  const domain = cookieDomain.replace(/^\./, "");
  return domain && domain !== hostname && domain !== "localhost" ? `; Domain=${domain}` : "";
}

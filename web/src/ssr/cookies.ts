// The cookies of a session, as servers see and write them.
import type { PageRequest, ServerConfig } from "./config.js";
import { PRIVATE } from "./page.js";

/** Those that scripts of the page keep. */
export const FRONT = "sFrontToken";
export const LAT = "st-last-access-token-update";
export const CSRF = "sAntiCsrf";
export const OVERFLOW = "st-front-overflow";

/** A cookie's value; of several of one name the last. With one of the prefixes that browsers guard it goes first. */
export const cookie = ({ headers }: Pick<PageRequest, "headers">, name: string): string | undefined => {
  const jar = new Map<string, string>();
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0) jar.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return jar.get(`__Host-${name}`) ?? jar.get(`__Secure-${name}`) ?? jar.get(name);
};

/** The page's address as browsers see it. */
export const addressOf = ({ url }: Pick<PageRequest, "url">, { website }: ServerConfig): URL => {
  const asked = new URL(url);
  return website ? new URL(website.replace(/\/$/, "") + asked.pathname + asked.search) : asked;
};

/** Writes a cookie for `maxAge` seconds. `where`: its other attributes. */
export const bake = (headers: Headers, secure: boolean, pair: string, maxAge: number, where: string): void =>
  headers.append("set-cookie", `${pair}; ${where}; Max-Age=${maxAge}; SameSite=Lax${secure ? "; Secure" : ""}`);

export const goTo = (location: string): Response =>
  new Response(null, { status: 303, headers: { ...PRIVATE, location } });

// The headers of requests and answers. No effects.
import type { Stored } from "./types.js";

/** What a tombstone says if there is no anti-CSRF token. */
export const NO_CSRF = "1";

/** There is no session (any more). */
export const GONE: Partial<Stored> = { front: "", access: "", refresh: "", csrf: "" };

const NAMES = {
  front: "front-token",
  access: "st-access-token",
  refresh: "st-refresh-token",
  csrf: "anti-csrf",
} as const;

/** What an answer says about the session: only what it names changes. Undefined: it says nothing. */
export function tokensIn(headers: Headers): Partial<Stored> | undefined {
  const said: Record<string, string> = {};
  for (const [key, name] of Object.entries(NAMES)) {
    const value = headers.get(name);
    if (value !== null) said[key] = value;
  }
  if (said["front"] === "remove") return GONE;
  // A proxy that drops front tokens leaves what the access token says.
  if (said["access"]) said["front"] ??= "";
  return Object.keys(said)[0] ? said : undefined;
}

/** Adds to a caller's headers what a request carries to the API. `own`: whether a token is, or lately was, ours. */
export function addHeaders(
  headers: Headers,
  { front, csrf, access, refresh }: Stored,
  mode: string,
  mayCarryTokens: boolean,
  own: (token: string) => boolean,
): Headers {
  const add = (name: string, value: string | false | undefined) => {
    if (value && !headers.has(name)) headers.set(name, value);
  };
  if (own(`${headers.get("authorization")}`.slice("Bearer ".length))) headers.delete("authorization");
  add("rid", "anti-csrf");
  add("st-auth-mode", mode);
  add("anti-csrf", front && csrf);
  // An access token without a refresh token is a copy of what is in a cookie: it is to be read, not to be sent.
  add("authorization", mayCarryTokens && refresh && access && `Bearer ${access}`);
  return headers;
}

/** What the client's own calls carry. */
export const ownHeaders = (mode: string, csrf?: string, token?: string): Headers =>
  new Headers({
    rid: "session",
    "fdi-version": "4.1",
    "st-auth-mode": mode,
    ...(csrf && { "anti-csrf": csrf }),
    ...(token && { authorization: `Bearer ${token}` }),
  });

/** Up to this difference clocks are taken to agree. */
const SAME_TIME_MS = 7000;

/** Milliseconds that the server's clock is ahead: by the time of an answer, or else by that of the token in it. */
export const skewOf = (headers: Headers, issuedAt: unknown, now: number): number => {
  const skew = (Date.parse(`${headers.get("date")}`) || Number(issuedAt) * 1000 || now) - now;
  return Math.abs(skew) < SAME_TIME_MS ? 0 : skew;
};

/** Until when not to call again; given as seconds or as a date. */
export const retryAt = (headers: Headers, now: number): number => {
  const text = `${headers.get("retry-after")}`;
  return now + Number(text) * 1000 || Date.parse(text) || 0;
};

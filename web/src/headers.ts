// The headers of requests and answers. No effects.
import type { Stored } from "./types.js";

/** There is no session (any more). */
export const GONE: Partial<Stored> = { front: undefined, access: undefined, refresh: undefined, csrf: undefined };

const NAMES = {
  front: "front-token",
  access: "st-access-token",
  refresh: "st-refresh-token",
  csrf: "anti-csrf",
} as const;

/** What an answer says about the session: only what it names changes. Undefined: it says nothing. */
export function tokensIn(headers: Headers): Partial<Stored> | undefined {
  const said: Partial<Stored> = {};
  for (const key of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
    const value = headers.get(NAMES[key]);
    if (value !== null) said[key] = value || undefined;
  }
  return said.front === "remove" ? GONE : Object.keys(said).length ? said : undefined;
}

/** Makes of a caller's headers what a request carries to the API. `own`: whether a token is, or lately was, ours. */
export function addHeaders(
  headers: Headers,
  { front, csrf, access, refresh }: Stored,
  mode: string,
  mayCarryTokens: boolean,
  own: (token: string) => boolean,
): Headers {
  if (own((headers.get("authorization") ?? "").replace(/^bearer /i, ""))) headers.delete("authorization");
  if (!headers.has("rid")) headers.set("rid", "anti-csrf");
  headers.set("st-auth-mode", mode);
  if (front && csrf) headers.set("anti-csrf", csrf);
  // An access token without a refresh token is a copy of what is in a cookie: it is to be read, not to be sent.
  if (access && refresh && mayCarryTokens && !headers.has("authorization"))
    headers.set("authorization", `Bearer ${access}`);
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

/** Milliseconds that the server's clock is ahead: by the time of an answer, or else by that of the token in it. */
export const skewOf = (headers: Headers, issuedAt: unknown, now: number): number =>
  (Date.parse(headers.get("date") ?? "") || Number(issuedAt) * 1000 || now) - now;

/** Until when not to call again; given as seconds or as a date. */
export const retryAt = (headers: Headers, now: number): number => {
  const text = headers.get("retry-after") ?? "";
  return now + Number(text) * 1000 || Date.parse(text) || 0;
};

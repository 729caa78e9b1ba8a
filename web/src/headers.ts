// The headers of requests and answers. No effects.
import type { Stored } from "./types.js";

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
  return said["front"] === "remove" ? GONE : Object.keys(said)[0] ? said : undefined;
}

/** Adds to a caller's headers what every request to the API carries. */
export function addHeaders(headers: Headers, { front, csrf }: Stored, mode: string): Headers {
  const add = (name: string, value: string | undefined) => {
    if (value && !headers.has(name)) headers.set(name, value);
  };
  add("rid", "anti-csrf");
  add("st-auth-mode", mode);
  add("anti-csrf", front && csrf);
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

/** Milliseconds that the server's clock is ahead, by the time at which it has issued a token. */
export const skewOf = (issuedAt: unknown, now: number): number => {
  const skew = Number(issuedAt) * 1000 - now;
  return Math.abs(skew) > SAME_TIME_MS ? skew : 0;
};

/** Until when not to call again; given in seconds. */
export const retryAt = (headers: Headers, now: number): number => now + Number(headers.get("retry-after")) * 1000;

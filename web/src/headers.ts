// The headers of requests and answers. No effects.
import { attempt } from "./attempt.js";
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
  let said: Partial<Stored> | undefined;
  for (const [key, name] of Object.entries(NAMES)) {
    const value = headers.get(name);
    if (value !== null) said = { ...said, [key]: value };
  }
  return said?.front === "remove" ? GONE : said;
}

/** Adds what is not there yet. What something else has written to the browser's storage may be no header: it is left out. */
function add(headers: Headers, more: Record<string, string | undefined>): Headers {
  for (const [name, value] of Object.entries(more))
    if (value && !headers.has(name)) attempt(() => headers.set(name, value));
  return headers;
}

/** Adds to a caller's headers what every request to the API carries. */
export const addHeaders = (headers: Headers, { front, csrf }: Stored, mode: string): Headers =>
  add(headers, { rid: "anti-csrf", "st-auth-mode": mode, "anti-csrf": front && csrf });

/** What the client's own calls carry. */
export const ownHeaders = (mode: string, csrf?: string, token?: string): Headers =>
  add(new Headers(), {
    rid: "session",
    "fdi-version": "4.1",
    "st-auth-mode": mode,
    "anti-csrf": csrf,
    authorization: token && `Bearer ${token}`,
  });

/** Up to this difference clocks are taken to agree. */
const SAME_TIME_MS = 7000;

/** Milliseconds that the server's clock is ahead, by the time at which it has issued a token. */
export const skewOf = (issuedAt: unknown, now: number): number => {
  const skew = typeof issuedAt === "number" ? issuedAt * 1000 - now : 0;
  return Math.abs(skew) > SAME_TIME_MS ? skew : 0;
};

/** Until when not to call again; given in seconds. */
export const retryAt = (headers: Headers, now: number): number => now + Number(headers.get("retry-after")) * 1000;

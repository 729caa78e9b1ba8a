// What is to be done only if tokens travel in headers, where scripts have to do what else browsers do with cookies. Loaded with
// the first such session.
import { attempt } from "./attempt.js";
import { encodeFront, type Front, parse } from "./front-token.js";
import type { Kept } from "./kept.js";
import { type Known, sessionIn } from "./state.js";
import type { Stored } from "./types.js";

/**
 * Writes our token into the headers of a request.
 *
 * # Security
 * Not if the request is in plain text, and the API itself is encrypted.
 *
 * @param recent our last tokens: one of those in the headers of a caller is out of date by now. A foreign one is left alone.
 */
export function authorise(headers: Headers, access: string | undefined, url: URL, api: URL, recent: Set<string>): void {
  if (!access) return;
  recent.add(access);
  const [oldest] = recent;
  if (recent.size > 2 && oldest) recent.delete(oldest);
  const given = headers.get("authorization");
  if (given && !recent.has(given.replace(/^bearer /i, ""))) return;
  headers.delete("authorization");
  // What is no header is no token: the answer is a 401, and then there is a new one.
  if (url.protocol === "https:" || api.protocol === "http:")
    attempt(() => headers.set("authorization", `Bearer ${access}`));
}

/** How often to look, and how long to wait in between, for a record that lags behind its cookies. In milliseconds. */
const LOOKS = 20;
const BETWEEN_MS = 10;

/** {@link authorise} with the token that the cookies are about: another tab's new cookies are seen before its new record is. */
export async function carry(headers: Headers, kept: Kept, url: URL, api: URL, recent: Set<string>): Promise<void> {
  for (let looks = LOOKS; looks && kept.here().of && kept.here().of !== kept.here().lat; looks--) {
    await new Promise((done) => setTimeout(done, BETWEEN_MS));
    await kept.load();
  }
  authorise(headers, kept.here().access, url, api, recent);
}

const handle = (session: Known): unknown => session && (session.up["sessionHandle"] ?? session.uid);

/**
 * Whether an answer is about a session that is no longer the one here: a slow answer to one user must not end the fresh
 * session of another. With cookies the browser's last answer wins, and so does ours.
 */
export function isStale(sent: Stored, here: Stored, answered: Known): boolean {
  const [before, now] = [sessionIn(sent), sessionIn(here)];
  return !!now && handle(before) !== handle(now) && (!answered || handle(answered) === handle(before));
}

/** What an access token says by itself, for proxies that drop the front token. Empty if it says nothing. */
export function frontTokenOf(accessToken: string): string {
  try {
    const up = parse(accessToken.split(".")[1] as string) as { sub: string; exp: number };
    const front: Front = { uid: up.sub, ate: up.exp * 1000, up: { ...up } };
    return front.uid && front.ate ? encodeFront(front) : "";
  } catch {
    return "";
  }
}

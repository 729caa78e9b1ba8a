// One refresh at the API, on behalf of a browser; once, however many of its tabs ask at the same time.
import { ownHeaders } from "../headers.js";
import type { PageRequest, ServerConfig } from "./config.js";
import { CSRF, cookie } from "./cookies.js";
import { TIMEOUT_MS } from "./keys.js";
import type { Mark } from "./mark.js";

/** What became of it, and what the browser has to be told. */
export interface Refreshed {
  mark: Mark;
  /** As the API has set them. */
  cookies: string[];
  /** The readable copy of the session; empty: there is none any more; undefined: it stays as it is. */
  front?: string | undefined;
  csrf?: string | undefined;
}

const FAILED: Refreshed = { mark: "failed", cookies: [] };

/** For how long an answer serves others with the same refresh token. */
const SHARED_MS = 10_000;

const shared = new Map<string, { at: number; refreshed: Promise<Refreshed> }>();

async function call(request: PageRequest, config: ServerConfig): Promise<Refreshed> {
  const { api, fetch: send = fetch, timeoutMs = TIMEOUT_MS, expiredStatus = 401 } = config;
  const headers = ownHeaders("cookie", cookie(request, CSRF));
  for (const name of ["cookie", "user-agent"]) headers.set(name, request.headers.get(name) ?? "");
  const url = `${api.replace(/\/$/, "")}/session/refresh`;
  const {
    status,
    ok,
    headers: said,
  } = await send(url, {
    method: "POST",
    headers,
    redirect: "manual",
    cache: "no-store",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const front = said.get("front-token") ?? undefined;
  const cookies = said.getSetCookie();
  if (status === expiredStatus || (ok && front === "remove")) return { mark: "gone", cookies, front: "" };
  if (!ok) return FAILED;
  return front
    ? { mark: "done", cookies, front, csrf: said.get("anti-csrf") ?? undefined }
    : { mark: "again", cookies };
}

/** Never throws: what cannot be asked has failed, and the session is kept. */
export async function refreshOf(request: PageRequest, config: ServerConfig): Promise<Refreshed> {
  const token = cookie(request, "sRefreshToken");
  // Only the API may end a session, and it would if it saw no token.
  if (!token) return FAILED;
  const now = (config.now ?? Date.now)();
  for (const [key, { at }] of shared) if (at + SHARED_MS <= now) shared.delete(key);
  const text = JSON.stringify([config.api, token, cookie(request, CSRF)]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const key = String.fromCharCode(...hash);
  let entry = shared.get(key);
  if (!entry) {
    entry = { at: now, refreshed: call(request, config).catch(() => FAILED) };
    shared.set(key, entry);
  }
  const refreshed = await entry.refreshed;
  if (refreshed.mark === "again") shared.delete(key);
  return refreshed;
}

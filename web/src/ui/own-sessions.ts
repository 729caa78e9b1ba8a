// What the API's pages "your devices" are made of: the user's own sessions, read and ended.
import type { SessionClient } from "../types.js";

/** A session of the user, on this or on another device. Times are milliseconds since 1970. */
export interface OwnSession {
  handle: string;
  isCurrent: boolean;
  timeCreated: number;
  /** Null: never, or not known. */
  timeRefreshed: number | null;
  expiry: number;
  /** What the device said of itself when it signed in. Null: not recorded. */
  userAgent: string | null;
}

/** `signed-out`: there is no session. `failed`: nobody knows; the reason is in the console. */
export type Answer<T> = { status: "ok"; value: T } | { status: "signed-out" | "failed" };

export const listSessions = (client: SessionClient, api: string): Promise<Answer<OwnSession[]>> =>
  ask(client, `${api}/sessions`, "GET", sessionsIn);

export const endSession = (client: SessionClient, api: string, handle: string): Promise<Answer<true>> =>
  ask(client, `${api}/sessions/revoke?handle=${encodeURIComponent(handle)}`, "POST", isOk);

export const endOtherSessions = (client: SessionClient, api: string): Promise<Answer<true>> =>
  ask(client, `${api}/sessions/revoke-others`, "POST", isOk);

/** Never rejects: what goes wrong is an answer, too. */
async function ask<T>(
  client: SessionClient,
  url: string,
  method: string,
  read: (body: unknown) => T | undefined,
): Promise<Answer<T>> {
  try {
    const response = await client.fetch(url, { method });
    if (response.status === 401 || (!response.ok && client.snapshot().status === "unauthenticated"))
      return { status: "signed-out" };
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const value = read(await response.json());
    if (value === undefined) throw new Error("it answered something else");
    return { status: "ok", value };
  } catch (error) {
    console.error(`${method} ${url.replace(/\?.*/, "")}: does the API serve own sessions?`, error);
    return { status: "failed" };
  }
}

const isOk = (body: unknown): true | undefined => (isRecord(body) && body.status === "OK") || undefined;

/** The sessions in an answer; undefined if it is none. */
export function sessionsIn(body: unknown): OwnSession[] | undefined {
  if (!isOk(body) || !Array.isArray((body as { sessions?: unknown }).sessions)) return undefined;
  const { sessions } = body as { sessions: unknown[] };
  return sessions.every(isSession) ? sessions : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isSession = (value: unknown): value is OwnSession =>
  isRecord(value) &&
  typeof value.handle === "string" &&
  typeof value.isCurrent === "boolean" &&
  isTime(value.timeCreated) &&
  isTime(value.expiry) &&
  (value.timeRefreshed === null || isTime(value.timeRefreshed)) &&
  (value.userAgent === null || typeof value.userAgent === "string");

/** A time that a date can hold. */
const isTime = (value: unknown): value is number => typeof value === "number" && Math.abs(value) <= 8.64e15;

// What there is, what a change of it means, and what it looks like. No effects.
import { decodeFront, type Front } from "./front-token.js";
import type { SessionEvent, Snapshot, Stored } from "./types.js";

/** A session; `null`: there is none; `undefined`: nobody knows, the server has to be asked. */
export type Known = Front | null | undefined;

export const sessionIn = ({ front, lat }: Stored): Known => (lat ? (front ? decodeFront(front) : null) : undefined);

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event before it is known where it comes from. */
export type Change = Without<SessionEvent, "origin">;

/** What happened between two states. `expired`: the server said that the session is over. */
export function changes(before: Known, after: Known, expired: boolean): Change[] {
  if (!after) {
    if (!before || after === undefined) return [];
    return [expired ? { type: "UNAUTHORISED", sessionExpiredOrRevoked: true } : { type: "SIGN_OUT" }];
  }
  if (!before) return [{ type: "SESSION_CREATED" }];
  const same = JSON.stringify(before.up) === JSON.stringify(after.up);
  return [
    ...(same ? [] : [{ type: "ACCESS_TOKEN_PAYLOAD_UPDATED" } as const]),
    ...(before.uid === after.uid ? [] : [{ type: "USER_CHANGED" } as const]),
  ];
}

/**
 * What a snapshot shows of a session. `waiting`: whoever wants to know has not been told yet; `mayProbe`: the server will be
 * asked if nothing is known.
 */
export function snapshotOf(
  session: Known,
  now: number,
  waiting: boolean,
  failed: boolean,
  mayProbe: boolean,
): Snapshot {
  const expired = session && session.ate <= now;
  if (waiting && (session === undefined ? mayProbe : expired)) return { status: "loading" };
  return session
    ? {
        status: expired && failed ? "unknown" : "authenticated",
        userId: session.uid,
        payload: session.up,
        expiresAt: session.ate,
      }
    : { status: "unauthenticated" };
}

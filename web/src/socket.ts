// Tokens for what is no request: WebSockets, event streams.
import type { SessionClient } from "./types.js";

/** What a connection that lives longer than a token is told. */
export interface SocketAuth {
  /** A token that is valid for a while. Undefined: there is no session, or its token is in an HttpOnly cookie. */
  token(): Promise<string | undefined>;
  /** Stops telling. */
  stop(): void;
}

/**
 * Keeps a connection in step with the session.
 *
 * @example
 * const auth = socketAuth(session, { onToken: (token) => socket.send(token), onEnd: () => socket.close() });
 * const socket = new WebSocket(url); // send `await auth.token()` first: an address ends up in logs
 */
export function socketAuth<P extends object>(
  client: SessionClient<P>,
  {
    minTtlMs = 30_000,
    onToken,
    onEnd,
  }: {
    /** For how long a token has to be valid. Default 30000. */
    minTtlMs?: number;
    /** There is another token of the same user. */
    onToken?(token: string): void;
    /** The session has ended, or is another user's: close the connection, and open another one if there is a token. */
    onEnd?(): void;
  } = {},
): SocketAuth {
  let last: string | undefined;
  let ended = false;
  const renew = async () => {
    const next = await client.accessToken().catch(() => undefined);
    if (!next || next === last || ended) return;
    last = next;
    onToken?.(next);
  };
  const end = () => onEnd?.();
  const stops = [
    client.on("REFRESH_SESSION", renew),
    client.on("ACCESS_TOKEN_PAYLOAD_UPDATED", renew),
    client.on("USER_CHANGED", end),
    client.on("SIGN_OUT", end),
    client.on("UNAUTHORISED", end),
  ];
  return {
    async token() {
      last = await client.accessToken({ minTtlMs });
      return last;
    },
    stop() {
      ended = true;
      for (const stop of stops) stop();
    },
  };
}

// The end of a session, on the server and here; also when the server cannot be told yet.
import { GONE, ownHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import { type Change, sessionIn } from "./state.js";
import { type OwnCall, SessionError } from "./types.js";

/** What a tombstone says if there is no anti-CSRF token. */
export const NO_CSRF = "1";

/**
 * @param call makes a call of the client's own, with the session.
 * @throws {SessionError} The session goes on.
 */
export async function signOut(
  url: string,
  mode: string,
  kept: Kept,
  ifUnreachable: "throw" | "local" | undefined,
  call: (call: OwnCall) => Promise<Response>,
  fire: (change: Change) => void,
): Promise<void> {
  if (sessionIn(kept.here()) === null) return fire({ type: "SIGN_OUT" });
  let response: Response | undefined;
  let cause: unknown;
  try {
    response = await call({ action: "SIGN_OUT", url, init: { method: "POST", headers: ownHeaders(mode) } });
  } catch (error) {
    cause = error;
  }
  const there = !!sessionIn(kept.here());
  if (ifUnreachable === "local" && !(response && response.status < 500)) {
    const { refresh, csrf } = kept.here();
    // HttpOnly cookies are out of our reach: until the server takes them, a tombstone says that they count no more.
    return kept.put({ ...GONE, out: refresh ? undefined : (csrf ?? NO_CSRF) });
  }
  if (!response) throw new SessionError("network", "sign-out: no answer", response, cause);
  if (!response.ok) {
    if (there) throw new SessionError("http", `sign-out: ${response.status}`, response);
    return;
  }
  const { status, message } = await response
    .clone()
    .json()
    .catch(() => ({}));
  if (status === "GENERAL_ERROR") throw new SessionError("general", message, response);
  // A proxy may have dropped the header that says so.
  if (there) await kept.put(GONE);
}

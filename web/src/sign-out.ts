// The end of a session, also when the server cannot be told yet.
import { GONE } from "./headers.js";
import type { Kept } from "./kept.js";
import { sessionIn } from "./state.js";
import { SessionError } from "./types.js";

/** What a tombstone says if there is no anti-CSRF token. */
export const NO_CSRF = "1";

/**
 * Ends a session here as the server has answered a sign-out.
 *
 * @param locally whether it ends here even if the server has not.
 * @throws {SessionError} The session goes on.
 */
export async function endSession(kept: Kept, asked: Promise<Response>, locally: boolean): Promise<void> {
  let cause: unknown;
  const answer = await asked.catch((error) => void (cause = error));
  const { csrf = NO_CSRF, refresh } = kept.here();
  // HttpOnly cookies are out of our reach: until the server takes them, a tombstone says that they count no more.
  if (locally && !(answer && answer.status < 500)) return kept.put({ ...GONE, out: refresh ? "" : csrf });
  const body = await answer?.clone().json().catch(() => null);
  if (!answer || body?.status === "GENERAL_ERROR" || (!answer.ok && sessionIn(kept.here()))) {
    const code = answer ? (answer.ok ? "general" : "http") : "network";
    throw new SessionError(code, `sign-out: ${body?.message ?? code}`, answer || undefined, cause);
  }
  // A proxy may have dropped the header that says so.
  if (sessionIn(kept.here())) await kept.put(GONE);
}

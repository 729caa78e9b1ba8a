// A sign-out whose answer did not say that the session is gone. Loaded when there is one.
import { GONE } from "./headers.js";
import type { Kept } from "./kept.js";
import { SessionError } from "./types.js";

/** Ends it all the same if the server did: a proxy may have dropped the header that says so. @throws {SessionError} */
export async function endOrThrow(answer: Response, kept: Kept): Promise<void> {
  if (!answer.ok) throw new SessionError("http", answer);
  const body = (await answer
    .clone()
    .json()
    .catch(() => null)) as { status?: unknown; message?: unknown } | null;
  if (body?.status === "GENERAL_ERROR") throw new SessionError("general", answer, undefined, body.message);
  await kept.put(GONE);
}

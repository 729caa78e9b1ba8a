// The end of a session, on the server and here; also when the server cannot be told yet. Loaded when the page is ready, for it
// may be wanted without a network.
import { GONE, ownHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import type { Change } from "./state.js";
import { SessionError, type SessionOptions } from "./types.js";

/** What a tombstone says if there is no anti-CSRF token. */
const NO_CSRF = "1";

type Rules = Required<Pick<SessionOptions, "mode" | "expiredStatus">>;

/** What an answer says; null if it is no JSON. */
const bodyOf = (answer: Response): Promise<{ status?: unknown; message?: unknown } | null> =>
  answer
    .clone()
    .json()
    .catch(() => null);

/**
 * Ends what there is.
 *
 * @param sessionFetch calls with the session.
 * @throws {SessionError} The session goes on.
 */
export async function signOut(
  { mode }: Rules,
  api: string,
  kept: Kept,
  locally: boolean,
  sessionFetch: typeof fetch,
  fire: (change: Change) => void,
): Promise<void> {
  if (kept.session() === null) return fire({ type: "SIGN_OUT" });
  const init = { method: "POST", headers: ownHeaders(mode) };
  let answer: Response | undefined;
  let cause: unknown;
  try {
    answer = await sessionFetch(`${api}/signout`, init);
  } catch (error) {
    cause = error;
  }
  // HttpOnly cookies are out of our reach: until the server takes them, a tombstone says that they count no more.
  const { csrf, refresh } = kept.here();
  if (locally && !(answer && answer.status < 500)) return kept.put({ ...GONE, out: refresh ? "" : csrf || NO_CSRF });
  if (!answer) throw new SessionError("network", undefined, cause);
  if (!kept.session()) return;
  if (!answer.ok) throw new SessionError("http", answer);
  const body = await bodyOf(answer);
  if (body?.status === "GENERAL_ERROR") throw new SessionError("general", answer, undefined, body.message);
  // A page of a proxy, perhaps: nobody has ended anything.
  if (body?.status !== "OK") throw new SessionError("config", answer);
  // A proxy may have dropped the header that says so.
  await kept.put(GONE);
}

/** Tells the server of a sign-out that it has not heard of. To be called where nobody refreshes. */
export async function finishSignOut(
  { mode, expiredStatus }: Rules,
  api: string,
  kept: Kept,
  native: typeof fetch,
): Promise<void> {
  const { out } = await kept.load();
  if (!out) return;
  let csrf: string | undefined = out === NO_CSRF ? undefined : out;
  const post = async (path: string): Promise<Response> => {
    const init = { method: "POST", headers: ownHeaders(mode, csrf), credentials: "include" } as const;
    const answer = await native(api + path, init);
    csrf = answer.headers.get("anti-csrf") ?? csrf;
    return answer;
  };
  try {
    let answer = await post("/signout");
    if (answer.status === expiredStatus) {
      answer = await post("/session/refresh");
      if (answer.ok) answer = await post("/signout");
    }
    // Anything else, as of a busy server or a proxy, has ended nothing.
    if (answer.status === expiredStatus || (answer.ok && (await bodyOf(answer))?.status === "OK"))
      await kept.put({ out: "" });
  } catch {
    // Not yet.
  }
}

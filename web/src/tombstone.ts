// A sign-out that the server has not heard of. Loaded when there is one, and a network.
import { NO_CSRF, ownHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import type { SessionOptions } from "./types.js";

/** Tells the server, and puts the tombstone away if it has heard. To be called where nobody refreshes. */
export async function finishSignOut(
  { mode, expiredStatus }: Required<Pick<SessionOptions, "mode" | "expiredStatus">>,
  api: string,
  kept: Kept,
  native: typeof fetch,
): Promise<void> {
  const { out } = await kept.load();
  if (!out) return;
  const post = async (path: string) => {
    const headers = ownHeaders(mode, out === NO_CSRF ? undefined : out);
    return (await native(api + path, { method: "POST", headers, credentials: "include" })).status;
  };
  try {
    let status = await post("/signout");
    if (status === expiredStatus) {
      status = await post("/session/refresh");
      if (status < 300) status = await post("/signout");
    }
    if (status < 500) await kept.put({ out: undefined });
  } catch {
    // Not yet.
  }
}

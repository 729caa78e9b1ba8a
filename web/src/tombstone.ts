// A sign-out that the server has not heard of. Loaded when there is one, and a network.
import { NO_CSRF, ownHeaders } from "./headers.js";
import type { Kept } from "./kept.js";

/** Tells the server, and puts the tombstone away if it has heard. To be called where nobody refreshes. */
export async function finishSignOut(
  signOutUrl: string,
  refreshUrl: string,
  mode: string,
  expiredStatus: number,
  kept: Kept,
  native: typeof fetch,
): Promise<void> {
  const { out } = await kept.load();
  if (!out) return;
  const post = async (url: string) => {
    const headers = ownHeaders(mode, out === NO_CSRF ? undefined : out);
    return (await native(url, { method: "POST", headers, credentials: "include" })).status;
  };
  try {
    let status = await post(signOutUrl);
    if (status === expiredStatus) {
      status = await post(refreshUrl);
      if (status < 300) status = await post(signOutUrl);
    }
    if (status < 500) await kept.put({ out: undefined });
  } catch {
    // Not yet.
  }
}

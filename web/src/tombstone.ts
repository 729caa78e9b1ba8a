// A sign-out that the server has not heard of. Loaded when there is one, and a network.
import { ownHeaders } from "./headers.js";
import type { Kept } from "./kept.js";
import { NO_CSRF } from "./sign-out.js";
import type { OwnCall } from "./types.js";

/** Tells the server, and puts the tombstone away if it has heard. To be called where nobody refreshes. */
export async function finishSignOut(
  urls: Record<OwnCall["action"], string>,
  mode: string,
  expiredStatus: number,
  kept: Kept,
  call: (call: OwnCall) => Promise<Response>,
): Promise<void> {
  const { out } = await kept.load();
  if (!out) return;
  const post = async (action: OwnCall["action"]) => {
    const headers = ownHeaders(mode, out === NO_CSRF ? undefined : out);
    return (await call({ action, url: urls[action], init: { method: "POST", headers, credentials: "include" } }))
      .status;
  };
  try {
    let status = await post("SIGN_OUT");
    if (status === expiredStatus) {
      status = await post("REFRESH_SESSION");
      if (status < 300) status = await post("SIGN_OUT");
    }
    if (status < 500) await kept.put({ out: undefined });
  } catch {
    // Not yet.
  }
}

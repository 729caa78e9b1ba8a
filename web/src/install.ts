// The page's own `fetch`, for code that cannot be told to use another one.
import { INSTALLED } from "./session.js";
import type { SessionClient } from "./types.js";

interface World {
  fetch: typeof fetch;
  [INSTALLED]?: { original: typeof fetch; delegate: typeof fetch };
}

/**
 * Makes `fetch` of a page the client's, once: a second call (of a reloaded module, of another copy of this package) changes
 * whose it is. What others have put around `fetch`, before or after, stays.
 *
 * @returns how to undo it.
 */
export function installFetch<P extends object>(client: SessionClient<P>, world: World = globalThis): () => void {
  if (!world[INSTALLED]) {
    const installed = { original: world.fetch, delegate: world.fetch };
    world[INSTALLED] = installed;
    world.fetch = (input, init) => installed.delegate(input, init);
  }
  const installed = world[INSTALLED];
  installed.delegate = client.fetch;
  return () => {
    if (installed.delegate === client.fetch) installed.delegate = installed.original;
  };
}

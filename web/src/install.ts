// The page's own `fetch`, for code that cannot be told to use another one.
import { ORIGINAL } from "./session.js";

/** Whose `fetch` the page's is. */
const DELEGATE = "hallpass:delegate";

interface World {
  fetch: typeof fetch;
  [ORIGINAL]?: typeof fetch;
  [DELEGATE]?: typeof fetch | undefined;
}

/**
 * Makes `fetch` of a page the client's, once: a second call (of a reloaded module, of another copy of this package) changes
 * whose it is. What others have put around `fetch`, before or after, stays.
 *
 * @returns how to undo it.
 */
export function installFetch(client: { fetch: typeof globalThis.fetch }, world: World = globalThis): () => void {
  if (!world[ORIGINAL]) {
    const original = world.fetch;
    world[ORIGINAL] = original;
    world.fetch = (input, init) => (world[DELEGATE] ?? original.bind(world as typeof globalThis))(input, init);
  }
  const { fetch } = client;
  world[DELEGATE] = fetch;
  return () => {
    if (world[DELEGATE] === fetch) world[DELEGATE] = undefined;
  };
}

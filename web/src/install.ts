// The page's own `fetch`, for code that cannot be told to use another one.
import { attempt } from "./attempt.js";
import { ORIGINAL } from "./session.js";

/** Whose `fetch` the page's is. */
const DELEGATE = "hallpass:delegate";

interface World {
  fetch: typeof fetch;
  [ORIGINAL]?: typeof fetch;
  [DELEGATE]?: typeof fetch | undefined;
}

/** What frameworks send with what they fetch ahead. */
const AHEAD = ["next-router-prefetch", "purpose"];

/** Whether nobody has asked for it yet. */
const isAhead = (input: RequestInfo | URL, init?: RequestInit): boolean | undefined =>
  attempt(() => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    return AHEAD.some((name) => headers.has(name));
  });

/**
 * Makes `fetch` of a page the client's, once: a second call (of a reloaded module, of another copy of this package) changes
 * whose it is. What others have put around `fetch`, before or after, stays. What frameworks fetch ahead of being asked for it goes
 * its own way: no token is used up for it.
 *
 * @returns how to undo it.
 */
export function installFetch(client: { fetch: typeof globalThis.fetch }, world: World = globalThis): () => void {
  if (!world[ORIGINAL]) {
    const original = world.fetch;
    world[ORIGINAL] = original;
    world.fetch = (input, init) => {
      const own = isAhead(input, init) ? undefined : world[DELEGATE];
      return (own ?? original.bind(world as typeof globalThis))(input, init);
    };
  }
  const { fetch } = client;
  world[DELEGATE] = fetch;
  return () => {
    if (world[DELEGATE] === fetch) world[DELEGATE] = undefined;
  };
}

// One at a time: across the callers, tabs and workers of an origin, and the sibling domains that share its cookies.
import type { Platform, SessionLock } from "./types.js";

/** Longer than a refresh may take: whoever holds a lock longer has died, or is frozen. */
export const PATIENCE_MS = 25_000;

/**
 * The best lock that there is. Nobody waits for ever: after {@link PATIENCE_MS} they go ahead. What is needed where there are no
 * Web Locks, or beyond their reach, is loaded there.
 *
 * @param siblings the domain whose hosts share the cookies.
 */
export const platformLock =
  (world: Platform, siblings: string | undefined): SessionLock =>
  async (name, critical) => {
    const locks = world.navigator?.locks;
    const leased = async () => (await import("./lease.js")).leased(world, siblings, name, critical);
    const act = siblings || !locks ? leased : critical;
    let entered: ReturnType<typeof critical> | undefined;
    return (
      locks
        ?.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => (entered = act()))
        .catch(() => entered ?? act()) ?? act()
    );
  };

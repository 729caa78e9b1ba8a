// One at a time: across the callers, tabs and workers of an origin, and the sibling domains that share its cookies.
import { attempt } from "./attempt.js";
import type { Platform, SessionLock } from "./types.js";

/** Longer than a refresh may take: whoever holds a lock longer has died, or is frozen. */
export const PATIENCE_MS = 25_000;

/**
 * The best lock that there is. Nobody waits for ever: after {@link PATIENCE_MS} they go ahead.
 *
 * @param siblings the domain whose hosts share the cookies.
 */
export function platformLock(world: Platform, siblings: string | undefined): SessionLock {
  const locks = attempt(() => world.navigator?.locks);
  const lasts = new Map<string, Promise<unknown>>();

  /** For those who share nothing but this client. */
  const queue: SessionLock = (name, critical) => {
    const next = (lasts.get(name) ?? Promise.resolve()).then(critical);
    lasts.set(
      name,
      next.catch(() => undefined),
    );
    return next;
  };

  /** Where there are no locks, or beyond their reach. It is loaded when it is needed. */
  const leased: SessionLock = async (name, critical) => {
    const lease = await import("./lease.js").catch(() => undefined);
    return lease ? lease.leased(world, siblings, name, critical) : critical();
  };

  return async (name, critical) => {
    const act = siblings || !locks ? () => leased(name, critical) : critical;
    if (!locks) return queue(name, act);
    let entered: ReturnType<typeof critical> | undefined;
    return locks
      .request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => (entered = act()))
      .catch(() => entered ?? act());
  };
}

// The session as it is kept: read anew before every use, and changed by what the server answers, in one place.
import { GONE, skewOf, tokensIn } from "./headers.js";
import { type Change, changes, type Known, sessionIn } from "./state.js";
import type { Origin, SessionStorage, Stored } from "./types.js";

export interface Kept {
  /** As it was read last. */
  here(): Stored;
  /** The session in it. */
  session(): Known;
  /** Reads it, and tells what others have changed. */
  load(): Promise<Stored>;
  /**
   * Does what an answer says. `sent`: what was known when its request was sent; `expired`: its status says that the session is
   * over; `gone`: all of it does.
   */
  take(headers: Headers, sent: Stored, expired?: boolean, gone?: boolean): Promise<void>;
  /** Changes it by hand. */
  put(patch: Partial<Stored>): Promise<void>;
}

/**
 * @param clock this machine's.
 * @param assumed the LAT where there is none. With one, nothing known means no session.
 * @param publish told of every change, after it was kept.
 */
export function keep(
  storage: SessionStorage,
  clock: () => number,
  filter: ((frontToken: string) => string) | undefined,
  assumed: string | undefined,
  publish: (changes: Change[], origin: Origin) => void,
): Kept {
  let stored: Stored | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const here = () => stored ?? {};

  const adopt = (got: Stored | undefined, origin: Origin = "remote-tab", expired = false): Stored => {
    const before = stored;
    const next = { ...got };
    stored = next;
    next.lat ??= assumed;
    if (next.lat !== before?.lat || next.front !== before?.front)
      publish(before ? changes(sessionIn(before), sessionIn(next), expired) : [], origin);
    return next;
  };

  /** At once if the storage answers at once: pages are drawn with what is known. */
  const load = async (): Promise<Stored> => {
    const got = storage.get();
    return adopt(got instanceof Promise ? await got : got);
  };

  /** One change after the other, each on top of what is kept then. */
  const put = (patch: Partial<Stored>, sent?: Stored, expired?: boolean): Promise<void> => {
    const next = last.then(async () => {
      const now = await load();
      const session = sessionIn({ ...patch, lat: "now" });
      if (sent && now.refresh && (await import("./header-mode.js")).isStale(sent, now, session)) return;
      const lat = "front" in patch ? `${clock()}.${(Math.random() * 1e9) | 0}` : now.lat;
      const added = session && { skew: `${skewOf(session.up["iat"], clock())}`, out: "" };
      await storage.set({ ...now, ...patch, ...added, lat });
      adopt(await storage.get(), "local", expired);
    });
    last = next.catch(() => undefined);
    return next;
  };

  return {
    here,
    session: () => sessionIn(here()),
    load,
    put,
    async take(headers, sent, expired, gone) {
      const said = tokensIn(headers) ?? (gone && GONE);
      if (!said) return;
      const { access, front = access && (await import("./header-mode.js")).frontTokenOf(access) } = said;
      const kept = front === undefined ? said : { ...said, front: front && filter ? filter(front) : front };
      await put(kept, sent, expired);
    },
  };
}

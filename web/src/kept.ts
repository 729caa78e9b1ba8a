// The session as it is kept: read anew before every use, and changed by what the server answers, in one place.
import { GONE, skewOf, tokensIn } from "./headers.js";
import { type Change, changes, isStale, sessionIn } from "./state.js";
import type { Origin, SessionStorage, Stored } from "./types.js";

export interface Kept {
  /** As it was read last. */
  here(): Stored;
  /** Reads it, and tells what others have changed; `over`: because the server said that there is no session. */
  load(over?: boolean): Promise<Stored>;
  /**
   * Does what an answer says. `sent`: what was known when its request was sent; `expired`: its status says that the session is
   * over; `gone`: all of it does.
   */
  take(headers: Headers, sent: Stored, expired: boolean, gone?: boolean): Promise<void>;
  /** Changes it by hand. */
  put(patch: Partial<Stored>): Promise<void>;
  /** Whether this access token is ours, or was until lately. */
  own(token: string): boolean;
}

/**
 * @param clock this machine's.
 * @param publish told of every change, after it was kept.
 */
export function keep(
  storage: SessionStorage,
  clock: () => number,
  filter: ((frontToken: string) => string) | undefined,
  publish: (changes: Change[], origin: Origin) => void,
): Kept {
  let stored: Stored | undefined;
  let tokens: (string | undefined)[] = [];
  let last: Promise<unknown> = Promise.resolve();

  const here = () => stored ?? {};

  const adopt = (next: Stored = {}, origin: Origin = "remote-tab", expired = false): Stored => {
    const before = stored;
    stored = next;
    if (next.access !== tokens[0]) tokens = [next.access, tokens[0]];
    if (origin === "local" || next.lat !== before?.lat || next.front !== before?.front)
      publish(before ? changes(sessionIn(before), sessionIn(next), expired) : [], origin);
    return next;
  };

  /** At once if the storage answers at once: pages are drawn with what is known. */
  const load = async (over?: boolean): Promise<Stored> => {
    const got = storage.get();
    return adopt(got instanceof Promise ? await got : got, "remote-tab", over);
  };

  /** One change after the other, each on top of what is kept then. */
  const change = (patch: () => Partial<Stored> | undefined, expired = false): Promise<void> => {
    const next = last.then(async () => {
      await load();
      const changed = patch();
      if (!changed) return;
      const renewed = "front" in changed || "access" in changed;
      const lat = renewed ? { lat: `${clock()}.${Math.random().toString().slice(2, 6)}` } : {};
      await storage.set({ ...here(), ...changed, ...lat });
      adopt(await storage.get(), "local", expired);
    });
    last = next.catch(() => undefined);
    return next;
  };

  /** What changes by what an answer says. */
  const effect = (said: Partial<Stored>, headers: Headers, sent: Stored): Partial<Stored> | undefined => {
    const answered = sessionIn({ ...said, lat: "now" });
    if (here().refresh && isStale(sessionIn(sent), sessionIn(here()), answered)) return undefined;
    if (!answered) return said;
    const skew = `${skewOf(headers, answered.up["iat"], clock())}`;
    return { ...said, front: said.front && (filter?.(said.front) ?? said.front), skew, out: undefined };
  };

  return {
    here,
    load,
    async take(headers, sent, expired, gone) {
      const said = tokensIn(headers) ?? (gone ? GONE : undefined);
      if (said) await change(() => effect(said, headers, sent), expired);
    },
    put: (patch) => change(() => patch),
    own: (token) => tokens.includes(token),
  };
}

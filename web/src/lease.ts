// A lock made of a text that several see: whoever finds no other name there writes their own.
import { attempt } from "./attempt.js";
import { PATIENCE_MS } from "./lock.js";
import { readCookie } from "./storage.js";
import type { Platform, SessionLock } from "./types.js";

const POLL_MS = 100;

/** What is written on it another may overwrite; and it may be out of order. */
interface Board {
  get(): string | null | undefined;
  set(text: string): void;
}

const cookieBoard = (page: { cookie: string }, domain: string, name: string): Board => ({
  get: () => readCookie(page, name),
  set(text) {
    page.cookie = `${name}=${text};path=/;samesite=lax;domain=${domain};max-age=${text ? PATIENCE_MS / 1000 : 0}`;
  },
});

const boardOf = (world: Platform, siblings: string | undefined, name: string): Board =>
  siblings && world.document
    ? cookieBoard(world.document, siblings, "st-refresh-lease")
    : {
        get: () => world.localStorage?.getItem(name),
        set: (text) => (text ? world.localStorage?.setItem(name, text) : world.localStorage?.removeItem(name)),
      };

const lasts = new Map<string, Promise<unknown>>();

/** For those who share nothing but this module. */
const queued: SessionLock = (name, critical) => {
  const next = (lasts.get(name) ?? Promise.resolve()).then(critical);
  lasts.set(
    name,
    next.catch(() => undefined),
  );
  return next;
};

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Runs `critical` while the board bears our name. */
export function leased<T>(
  world: Platform,
  siblings: string | undefined,
  name: string,
  critical: () => Promise<T>,
): Promise<T> {
  const board = boardOf(world, siblings, name);
  const me = Math.random().toString(36).slice(2);
  const holder = () => {
    const [who, until] = attempt(() => board.get())?.split(".") ?? [];
    const left = Number(until) - Date.now();
    // Nobody takes more: the clock was another, or it is no lease.
    return left > 0 && left <= PATIENCE_MS ? who : undefined;
  };
  return queued(name, async () => {
    const giveUp = Date.now() + PATIENCE_MS;
    while (Date.now() < giveUp) {
      if (holder()) {
        await sleep(POLL_MS);
        continue;
      }
      attempt(() => board.set(`${me}.${Date.now() + PATIENCE_MS}`));
      await sleep(10 + Math.random() * 20); // somebody else may be writing, too: the last one has it
      if ((holder() ?? me) === me) break;
    }
    try {
      return await critical();
    } finally {
      if (holder() === me) attempt(() => board.set(""));
    }
  });
}

// A lock made of a text that several see: whoever finds no other name there writes their own.
import { attempt } from "./attempt.js";
import { PATIENCE_MS } from "./lock.js";
import { cookieJar } from "./storage.js";
import type { Platform } from "./types.js";

const POLL_MS = 100;

/** What is written on it another may overwrite; and it may be out of order. */
interface Board {
  get(key: string): string | null | undefined;
  set(key: string, value: string | undefined): void;
}

function boardOf(world: Platform, siblings: string | undefined): Board | undefined {
  if (siblings && world.document)
    return cookieJar(world.document, "lax", `;domain=${siblings}`, `;max-age=${PATIENCE_MS / 1000}`);
  const values = attempt(() => world.localStorage);
  return (
    values && {
      get: (key) => values.getItem(key),
      set: (key, value) => (value ? values.setItem(key, value) : values.removeItem(key)),
    }
  );
}

/** Runs `critical` while the board bears our name. */
export async function leased<T>(
  world: Platform,
  siblings: string | undefined,
  name: string,
  critical: () => Promise<T>,
): Promise<T> {
  const board = boardOf(world, siblings);
  const key = siblings ? "st-refresh-lease" : name;
  const me = Math.random().toString(36).slice(2);
  const holder = () => {
    const [who, until] = attempt(() => board?.get(key))?.split(".") ?? [];
    return Number(until) > Date.now() ? who : undefined;
  };
  const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

  for (const giveUp = Date.now() + PATIENCE_MS; Date.now() < giveUp; ) {
    if (holder()) {
      await sleep(POLL_MS);
      continue;
    }
    attempt(() => board?.set(key, `${me}.${Date.now() + PATIENCE_MS}`));
    await sleep(10 + Math.random() * 20); // somebody else may be writing, too: the last one has it
    if ((holder() ?? me) === me) break;
  }
  try {
    return await critical();
  } finally {
    if (holder() === me) attempt(() => board?.set(key, undefined));
  }
}

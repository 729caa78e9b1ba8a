// What a browser keeps, and where: in cookies what servers and sibling domains may read; in a record what only scripts of this
// origin need, and what cookies refuse.
import { attempt } from "./attempt.js";
import type { Platform, SessionOptions, SessionStorage, Stored } from "./types.js";

/** The names that browsers already have for it. LAT last: who sees a new one finds the rest in place. */
const COOKIES = {
  front: "sFrontToken",
  csrf: "sAntiCsrf",
  access: "st-access-token",
  refresh: "st-refresh-token",
  out: "st-signed-out",
  lat: "st-last-access-token-update",
} as const;

type Key = keyof typeof COOKIES;

const KEYS = Object.keys(COOKIES) as Key[];

/** Tells servers that the front token was too long for a cookie. */
const OVERFLOW = "st-front-overflow";

/** The name of the record. */
const RECORD = "hallpass";

/** Longer cookies are silently refused, and the value before stays. */
const LONGEST_COOKIE = 3800;

/** Browsers keep no cookie longer than 400 days. */
const LONGEST_AGE_S = 34_560_000;

/** Of several cookies of one name the last counts. */
export const readCookie = (page: { cookie: string } | undefined, name: string): string | undefined =>
  attempt(() => page && `; ${page.cookie}`.split(`; ${name}=`).slice(1).pop()?.split(";")[0]) || undefined;

/**
 * @param domain whose hosts share the session; undefined: only this host has it.
 * @param degraded told where what cookies, or all places, refuse is kept.
 */
export function browserStorage(
  world: Platform,
  { persist, framed }: Pick<SessionOptions, "persist" | "framed">,
  domain: string | undefined,
  degraded: (tier: string) => void,
): SessionStorage {
  const scripts = `${persist ?? "local"}Storage` as "localStorage" | "sessionStorage";
  const page = persist === "memory" ? undefined : world.document;
  const secure = world.location?.protocol === "https:" ? ";secure" : "";
  const attributes = `;path=/;samesite=${framed ? "none;partitioned" : "lax"}${secure}`;
  const age = persist ? "" : `;max-age=${LONGEST_AGE_S}`;
  let memory: Stored & { of?: string | undefined } = {};

  const read = (key: Key) => readCookie(page, COOKIES[key]);
  const write = (name: string, value = "") => {
    const text = value.length < LONGEST_COOKIE ? value : "";
    const put = (more: string) =>
      attempt(() => {
        if (page) page.cookie = `${name}=${text}${attributes}${more}`;
      });
    // What was written for this host alone, before there was a domain, would hide the other.
    if (domain) put(";max-age=0");
    put(`${domain ? `;domain=${domain}` : ""}${text ? age : ";max-age=0"}`);
  };

  return {
    get() {
      const record = attempt(() => JSON.parse(world[scripts]?.getItem(RECORD) as string)) ?? memory;
      // Who has changed the cookies since knows better, but for what is not in them.
      if (record.of === read("lat")) return record;
      const { access, refresh, skew } = record;
      const all: Stored = domain ? {} : { access, refresh, skew };
      for (const key of KEYS) all[key] = read(key) ?? all[key];
      return all;
    },

    set(all) {
      // Servers do not read tokens of headers from cookies: they are there for sibling domains, and for frames, which may be
      // let keep nothing else.
      const shared: Stored = domain || framed ? all : { ...all, access: "", refresh: "" };
      for (const key of KEYS) write(COOKIES[key], shared[key]);
      const refused = read("front") !== (all.front || undefined);
      write(OVERFLOW, refused ? "1" : "");
      memory = { ...all, of: read("lat") };
      const text = JSON.stringify(memory);
      const kept = attempt(() => {
        world[scripts]?.setItem(RECORD, text);
        return world[scripts]?.getItem(RECORD) === text;
      });
      if (!kept) attempt(() => world[scripts]?.removeItem(RECORD));
      const tier = kept ? (refused ? scripts : "") : "memory";
      // What was kept elsewhere can be deleted there.
      if (kept) memory = {};
      if (tier) degraded(tier);
    },
  };
}

// What a browser keeps, and where: in cookies what servers and sibling domains may read; in a record what only scripts of this
// origin need, and what cookies refuse.
import { attempt } from "./attempt.js";
import type { Platform, SessionOptions, SessionStorage, Stored } from "./types.js";

/** The names that browsers already have for it. LAT last: who sees a new one finds the rest in place. */
export const COOKIES = {
  front: "sFrontToken",
  csrf: "sAntiCsrf",
  access: "st-access-token",
  refresh: "st-refresh-token",
  out: "st-signed-out",
  lat: "st-last-access-token-update",
} as const;

type Key = keyof typeof COOKIES;

/** Tells servers that the front token was too long for a cookie. */
const OVERFLOW = "st-front-overflow";

/** The name of the record. */
export const RECORD = "hallpass";

/** Longer cookies are silently refused, and the value before stays. */
const LONGEST_COOKIE = 3800;

/** Browsers keep no cookie longer than 400 days. */
const LONGEST_AGE_S = 34_560_000;

/** Of several cookies of one name the last counts. */
export const readCookie = (page: { cookie: string } | undefined, name: string): string | undefined =>
  attempt(() => `; ${(page as Document).cookie}`.split(`; ${name}=`).slice(1).pop()?.split(";")[0]) || undefined;

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
        (page as Document).cookie = `${name}=${text}${attributes}${more}`;
      });
    // What was written for this host alone, before there was a domain, would hide the other.
    if (domain) put(";max-age=0");
    put((domain ? `;domain=${domain}` : "") + (text ? age : ";max-age=0"));
  };

  return {
    get() {
      const record = { ...memory, ...attempt(() => JSON.parse((world[scripts] as Storage).getItem(RECORD) as string)) };
      // Who has changed the cookies since knows better, but for what is not in them.
      if (record.of === read("lat")) return record;
      const { access, refresh, of, skew } = record;
      const all: Stored = domain ? {} : { access, refresh, of, skew };
      for (const key in COOKIES) all[key as Key] = read(key as Key) ?? all[key as Key];
      return all;
    },

    set(all) {
      // Servers do not read tokens of headers from cookies: they are there for sibling domains, and for frames, which may be
      // let keep nothing else.
      const shared: Stored = domain || framed ? all : { ...all, access: "", refresh: "" };
      for (const key in COOKIES) write(COOKIES[key as Key], shared[key as Key]);
      const refused = read("front") !== (all.front || undefined);
      write(OVERFLOW, refused ? "1" : "");
      memory = { ...all, of: read("lat") };
      const text = JSON.stringify(memory);
      const kept = attempt(() => {
        (world[scripts] as Storage).setItem(RECORD, text);
        return (world[scripts] as Storage).getItem(RECORD) === text;
      });
      // What is kept there can be deleted there.
      if (kept) memory = {};
      else attempt(() => (world[scripts] as Storage).removeItem(RECORD));
      if (!kept || refused) degraded(kept ? scripts : "memory");
    },
  };
}

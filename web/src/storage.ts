// What a browser keeps, and where: in cookies what servers and sibling domains may read, in a record what only scripts of this
// origin need, and what does not fit into cookies.
import { attempt } from "./attempt.js";
import type { KeyValues, Platform, SessionOptions, SessionStorage, Stored } from "./types.js";

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

/** Where scripts keep the rest. */
const RECORD = "hallpass";

/** Longer cookies are silently refused, and the value before stays. */
const LONGEST_COOKIE = 3800;

/** Browsers keep no cookie longer than 400 days. */
const LONGEST_AGE_S = 34_560_000;

/** The cookies that scripts see. What is set may not be kept: read it back. */
export interface Jar {
  get(name: string): string | undefined;
  set(name: string, value?: string): void;
}

/**
 * @param attributes of every cookie.
 * @param domain whose hosts share them; if empty, only this host has them.
 */
export const cookieJar = (page: { cookie: string }, attributes: string, domain: string, maxAge: string): Jar => {
  const write = (text: string, more: string) =>
    attempt(() => (page.cookie = `${text};path=/;samesite=${attributes}${more}`));
  return {
    // Of several of one name the last counts.
    get: (name) => attempt(() => `; ${page.cookie}`.split(`; ${name}=`).slice(1).pop()?.split(";")[0]) || undefined,
    set(name, value = "") {
      const fits = value && value.length < LONGEST_COOKIE;
      // Also what was written for this host alone, before there was a domain.
      for (const where of fits ? (domain ? [""] : []) : ["", domain]) write(`${name}=`, `${where};max-age=0`);
      if (fits) write(`${name}=${value}`, domain + maxAge);
    },
  };
};

/** Where scripts keep the record, the best first. */
function placesOf(
  world: Platform,
  persist: "session" | "memory" | undefined,
): [name: string, place: () => KeyValues | undefined][] {
  let kept: string | null = null;
  const memory: KeyValues = {
    getItem: () => kept,
    setItem: (_, text) => (kept = text),
    removeItem: () => (kept = null),
  };
  const places: ReturnType<typeof placesOf> = [
    ["localStorage", () => world.localStorage],
    ["sessionStorage", () => world.sessionStorage],
    ["memory", () => memory],
  ];
  return places.slice(persist ? (persist === "memory" ? 2 : 1) : 0);
}

/**
 * @param domain whose hosts share the session; undefined: only this host has it.
 * @param degraded told when something had to go to a worse place than it belongs.
 */
export function browserStorage(
  world: Platform,
  { persist, framed }: Pick<SessionOptions, "persist" | "framed">,
  domain: string | undefined,
  degraded: (tier: string) => void,
): SessionStorage {
  const page = persist === "memory" ? undefined : world.document;
  const secure = world.location?.protocol === "https:" ? ";secure" : "";
  const jar =
    page &&
    cookieJar(
      page,
      framed ? "none;secure;partitioned" : `lax${secure}`,
      domain ? `;domain=${domain}` : "",
      persist ? "" : `;max-age=${LONGEST_AGE_S}`,
    );
  const places = placesOf(world, persist);
  /** Tokens travel in headers only if no server reads them from cookies: without a domain they need not be there. */
  const belongs = (key: Key) => !!domain || !/access|refresh/.test(key);
  let told = "";

  return {
    get() {
      let record: Stored & { of?: string } = {};
      for (const [, place] of [...places].reverse())
        record = attempt(() => JSON.parse(place()?.getItem(RECORD) as string)) ?? record;
      const all: Stored = { skew: record.skew };
      const lat = jar?.get(COOKIES.lat) ?? record.lat;
      for (const key of KEYS) {
        // Of what belongs into cookies the record is no witness once they have changed.
        all[key] = jar?.get(COOKIES[key]) ?? (belongs(key) && record.of !== lat ? undefined : record[key]);
      }
      return all;
    },

    set(all) {
      const record = { ...all, of: all.lat };
      let refused = false;
      for (const key of jar ? KEYS : []) {
        const value = belongs(key) ? all[key] : undefined;
        if (value || jar?.get(COOKIES[key])) jar?.set(COOKIES[key], value);
        if (!value) continue;
        if (jar?.get(COOKIES[key]) === value) delete record[key];
        else {
          jar?.set(COOKIES[key]);
          refused = true;
        }
      }
      jar?.set(OVERFLOW, record.front && "1");
      const text = JSON.stringify(record);
      let kept = -1;
      for (const [index, [, place]] of places.entries()) {
        if (kept < 0) attempt(() => place()?.setItem(RECORD, text));
        if (kept < 0 && attempt(() => place()?.getItem(RECORD)) === text) kept = index;
        else attempt(() => place()?.removeItem(RECORD));
      }
      const tier = kept > 0 || refused ? (places[kept]?.[0] ?? "") : "";
      if (tier && tier !== told) degraded((told = tier));
    },
  };
}

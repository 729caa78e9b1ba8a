// Times as people say them.

const UNITS: [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "3 days ago", in the largest unit of which there is a whole one; "yesterday", "now". What lies ahead is now: clocks differ. */
export function ago(time: number, now: number, language: string): string {
  const passed = Math.max(0, now - time);
  const [unit, ms] = UNITS.find(([, length]) => passed >= length) ?? ["second", 1000];
  const count = unit === "second" ? 0 : Math.floor(passed / ms);
  const numeric = unit === "second" || unit === "day" ? "auto" : "always";
  return new Intl.RelativeTimeFormat(language, { numeric }).format(-count, unit);
}

/** Date and time in full. */
export const inFull = (time: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }).format(time);

/** A language that can be formatted for: the page may name one that is none. */
export function usable(language: string | undefined): string {
  try {
    return (language && Intl.getCanonicalLocales(language)[0]) || "en";
  } catch {
    return "en";
  }
}

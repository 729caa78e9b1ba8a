// The session on its way into a page.
import type { Snapshot } from "../types.js";

/**
 * A snapshot as JSON for a `<script>` of the page, be it `type="application/json"` or a program: nothing in it ends the element
 * or a line.
 */
export const serializeSnapshot = (snapshot: Snapshot<object>): string =>
  JSON.stringify(snapshot).replace(
    /[<>&\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The headers of an answer that is one person's. */
export const PRIVATE = { "cache-control": "private, no-store", vary: "Cookie" };

/** Says of a page that it is one person's: nobody keeps it for others. */
export function markPrivate(headers: Headers): void {
  headers.set("cache-control", PRIVATE["cache-control"]);
  if (!/\bcookie\b/i.test(headers.get("vary") ?? "")) headers.append("vary", "Cookie");
}

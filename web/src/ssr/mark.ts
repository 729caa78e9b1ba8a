// What the page is told of a refresh that was tried just now, so that it is not tried over and over. No code.

/** The cookie, for ten seconds. Whoever forges one deceives nobody but themselves. */
export const MARK = "st-hop";

/**
 * - `done`: there are new tokens.
 * - `gone`: there is no session.
 * - `failed`: nobody knows.
 * - `again`: the API has put duplicate cookies in order, and wants to be asked once more.
 */
export type Mark = "done" | "gone" | "failed" | "again";

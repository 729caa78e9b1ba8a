// Front tokens without what is too bulky to keep.
import { decodeFront } from "./front-token.js";
import type { Payload } from "./types.js";

/**
 * For the option `frontTokenFilter`: keeps of the payload what `filter` leaves of it.
 *
 * @example createSession({ frontTokenFilter: filterPayload(({ "st-perm": _, ...rest }) => rest) })
 */
export const filterPayload =
  (filter: (payload: Payload) => Payload) =>
  (frontToken: string): string => {
    const front = decodeFront(frontToken);
    if (!front) return frontToken;
    // In ASCII alone, which every reader understands.
    const json = JSON.stringify({ ...front, up: filter(front.up) });
    return btoa(json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`));
  };

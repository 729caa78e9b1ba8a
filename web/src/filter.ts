// Front tokens without what is too bulky to keep.
import { decodeFront, encodeFront } from "./front-token.js";
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
    return encodeFront({ ...front, up: filter(front.up) });
  };

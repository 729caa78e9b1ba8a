// The readable copy of a session: base64 of JSON. Nothing in it is proven.
import { attempt } from "./attempt.js";
import type { Payload } from "./types.js";

/** A front token's content. */
export interface Front {
  uid: string;
  /** When the access token expires: milliseconds since 1970 by the server's clock. */
  ate: number;
  up: Payload;
}

/** Reads base64 of either alphabet, padded or not, as JSON in UTF-8. @throws if it is none. */
export const parse = (base64: string): unknown => {
  const binary = atob(base64.replace(/-/g, "+").replace(/_/g, "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0))));
};

/** Undefined if it is none. */
export const decodeFront = (token: string): Front | undefined =>
  attempt(() => {
    const front = parse(token) as Front;
    // What has other types, or is nested deeper than anybody can write down, throws or is none.
    return front.uid.trim() && front.ate.toFixed() && JSON.stringify(front.up)[0] === "{" ? front : undefined;
  });

/** In ASCII alone, which every reader understands. */
export const encodeFront = (front: Front): string =>
  btoa(JSON.stringify(front).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`));

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

/** Reads base64 of either alphabet, padded or not, as JSON in UTF-8. Undefined if it is none. */
const parse = (base64: string | undefined): Record<string, unknown> | undefined =>
  attempt(() => {
    const binary = atob((base64 as string).replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0))));
  });

const isFront = (front: { uid?: unknown; ate?: unknown; up?: unknown } | undefined): front is Front =>
  typeof front?.uid === "string" && typeof front.ate === "number" && typeof front.up === "object" && !!front.up;

/** Undefined if it is none. */
export function decodeFront(token: string): Front | undefined {
  const front = parse(token);
  return isFront(front) ? front : undefined;
}

/** What an access token says by itself, for proxies that drop the front token. */
export function frontOfAccessToken(token: string): Front | undefined {
  const up = parse(token.split(".")[1]);
  const front = { uid: up?.["sub"], ate: Number(up?.["exp"]) * 1000, up };
  return isFront(front) ? front : undefined;
}

/** In ASCII alone, which every reader understands. */
export const encodeFront = (front: Front): string =>
  btoa(JSON.stringify(front).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`));

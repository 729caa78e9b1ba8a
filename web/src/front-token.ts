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

/** Reads base64 of either alphabet, padded or not, as JSON in UTF-8. */
const parse = (base64: string | undefined): unknown => {
  const binary = atob((base64 as string).replace(/-/g, "+").replace(/_/g, "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0))));
};

const whole = (front: Front): Front | undefined => (front.uid && front.ate && front.up ? front : undefined);

/** Undefined if it is none. */
export const decodeFront = (token: string): Front | undefined => attempt(() => whole(parse(token) as Front));

/** What an access token says by itself, for proxies that drop the front token. */
export const frontOfAccessToken = (token: string): Front | undefined =>
  attempt(() => {
    const up = parse(token.split(".")[1]) as { sub: string; exp: number };
    return whole({ uid: up.sub, ate: up.exp * 1000, up: { ...up } });
  });

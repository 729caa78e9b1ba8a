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
const parse = (base64: string | undefined): Payload => {
  const binary = atob((base64 as string).replace(/-/g, "+").replace(/_/g, "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0))));
};

const checked = ({ uid, ate, up }: Payload): Front | undefined =>
  typeof uid === "string" && typeof ate === "number" && typeof up === "object" && up
    ? { uid, ate, up: up as Payload }
    : undefined;

/** Undefined if it is none. */
export const decodeFront = (token: string): Front | undefined => attempt(() => checked(parse(token)));

/** What an access token says by itself, for proxies that drop the front token. */
export const frontOfAccessToken = (token: string): Front | undefined =>
  attempt(() => {
    const up = parse(token.split(".")[1]);
    return checked({ uid: up["sub"], ate: (up["exp"] as number) * 1000, up });
  });

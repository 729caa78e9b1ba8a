// Whether an access token is one of the API's, and still good.
import type { Payload } from "../types.js";
import type { ServerConfig } from "./config.js";
import { keyOf } from "./keys.js";

/** What a token says once its signature holds. Times are in milliseconds since 1970. */
export interface Proven {
  userId: string;
  expiresAt: number;
  payload: Payload;
}

const bytes = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (unit) => unit.charCodeAt(0));

const read = (base64url: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(base64url)));

/** Those that only the API itself has a use for. */
const INTERNAL = ["refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken"];

/** Undefined: it may be anybody's JWT, but not an access token of a session. */
function sessionIn(claims: Record<string, unknown>, now: number): Proven | undefined {
  const { sub, sessionHandle, refreshTokenHash1, exp, iat, nbf, stt } = claims;
  if (![sub, sessionHandle, refreshTokenHash1].every((value) => typeof value === "string")) return undefined;
  if (typeof exp !== "number" || typeof iat !== "number") return undefined;
  // Not yet valid; or not a session's.
  if (Number(nbf ?? 0) * 1000 > now || stt) return undefined;
  const payload = Object.fromEntries(Object.entries(claims).filter(([name]) => !INTERNAL.includes(name)));
  return { userId: sub as string, expiresAt: exp * 1000, payload };
}

/**
 * What a token proves. Undefined: nothing. It may have expired.
 *
 * # Security
 * The key decides on the algorithm. What the token's header says must agree, and decides nothing: `none`, or a public key taken
 * for a shared secret, get nowhere.
 *
 * @throws The keys are not known, and the API could not be asked for them.
 */
export async function prove(token: string, config: ServerConfig, now: number): Promise<Proven | undefined> {
  const parts = token.split(".");
  const [head = "", body = "", signature = ""] = parts;
  let header: Record<string, unknown>;
  try {
    header = read(head);
    bytes(signature);
  } catch {
    return undefined;
  }
  const { alg, kid, typ, crit } = header ?? {};
  if (parts.length !== 3 || typeof kid !== "string" || typ !== "JWT" || crit !== undefined) return undefined;
  const key = await keyOf(kid, config, now);
  if (!key || key.algorithm !== alg) return undefined;
  if (!(await key.verify(bytes(signature), new TextEncoder().encode(`${head}.${body}`)))) return undefined;
  try {
    return sessionIn(read(body), now);
  } catch {
    return undefined;
  }
}

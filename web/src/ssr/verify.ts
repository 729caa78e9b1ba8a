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

/** Undefined: it may be anybody's JWT, but not an access token of a session. */
function sessionIn(claims: Record<string, unknown>, now: number): Proven | undefined {
  // Of these only the API has a use.
  const { refreshTokenHash1, parentRefreshTokenHash1: _parent, antiCsrfToken: _csrf, ...payload } = claims;
  const { sub, sessionHandle, exp, iat, nbf = 0, stt } = payload;
  if (![sub, sessionHandle, refreshTokenHash1].every((value) => typeof value === "string")) return undefined;
  if (typeof exp !== "number" || typeof iat !== "number" || Number(nbf) * 1000 > now || stt) return undefined;
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
  const [head = "", body = "", tail = "", ...more] = token.split(".");
  let header: Record<string, unknown>;
  let claims: Record<string, unknown>;
  let signature: BufferSource;
  try {
    [header, claims, signature] = [read(head), read(body), bytes(tail)];
  } catch {
    return undefined;
  }
  const { alg, kid, typ, crit } = header ?? {};
  if (more.length || typeof kid !== "string" || typ !== "JWT" || crit) return undefined;
  const key = await keyOf(kid, config, now);
  const proven = key?.algorithm === alg && (await key?.verify(signature, new TextEncoder().encode(`${head}.${body}`)));
  return proven ? sessionIn(claims ?? {}, now) : undefined;
}

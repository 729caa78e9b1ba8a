// The API's public keys: fetched once in a while, kept while the API is away, fetched anew for a key that nobody knows.
import type { ServerConfig } from "./config.js";

/** How old they may be before they are fetched anew, in the background. */
const FRESH_MS = 600_000;
/** How old they may be at all: a key that was withdrawn must not be believed for ever. */
const USABLE_MS = 3_600_000;
/** Strangers can name keys that nobody knows: it costs the API no more than one call in this time. */
const COOLDOWN_MS = 500;
/** How long a call may take. */
export const TIMEOUT_MS = 10_000;

export interface PublicKey {
  /** The only algorithm that it is used with, whatever a token says. */
  readonly algorithm: string;
  verify(signature: BufferSource, signed: BufferSource): Promise<boolean>;
}

interface KeySet {
  keys: Map<string, PublicKey>;
  /** When they were fetched. */
  at: number;
  /** The last call, and until when nobody makes another. */
  last?: Promise<void>;
  until: number;
}

const hash = "SHA-256";

/** By the type or the curve of a key. */
const ALGORITHMS: Record<
  string,
  [algorithm: string, parameters: { name: string; hash?: string; namedCurve?: string }]
> = {
  RSA: ["RS256", { name: "RSASSA-PKCS1-v1_5", hash }],
  "P-256": ["ES256", { name: "ECDSA", hash, namedCurve: "P-256" }],
  Ed25519: ["EdDSA", { name: "Ed25519" }],
};

/** One set for each address of keys, which the app's own settings name. */
const sets = new Map<string, KeySet>();

/** Rejects if it is no key that signs access tokens, by its kind or by what it says of itself. */
async function publicKey(jwk: JsonWebKey): Promise<PublicKey> {
  const [algorithm, parameters] = ALGORITHMS[jwk.crv ?? `${jwk.kty}`] as NonNullable<(typeof ALGORITHMS)[string]>;
  const { subtle } = crypto;
  const key = await subtle.importKey("jwk", jwk, parameters as EcKeyImportParams, false, ["verify"]);
  return { algorithm, verify: (signature, signed) => subtle.verify(parameters as EcdsaParams, key, signature, signed) };
}

async function load(
  url: string,
  set: KeySet,
  { fetch: send = fetch, timeoutMs = TIMEOUT_MS }: ServerConfig,
  now: number,
) {
  const answer = await send(url, { signal: AbortSignal.timeout(timeoutMs) });
  const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid: string })[] };
  const found: typeof set.keys = new Map();
  for (const jwk of keys) {
    // One that cannot be used is none; the others are no worse for it.
    await publicKey(jwk).then(
      (key) => found.set(jwk.kid, key),
      () => undefined,
    );
  }
  set.keys = found;
  set.at = now;
}

/** Joins a call that is under way, or was made a moment ago. */
function ask(url: string, set: KeySet, config: ServerConfig, now: number): Promise<void> {
  if (set.last && now < set.until) return set.last;
  // Where a server's requests cannot wait for one another's calls, one that was broken off is waited for no longer than this.
  set.until = now + (config.timeoutMs ?? TIMEOUT_MS);
  const cooled = () => {
    set.until = now + COOLDOWN_MS;
  };
  set.last = load(url, set, config, now).finally(cooled);
  return set.last;
}

/**
 * The key of that name. Undefined: there is none.
 *
 * @throws Keys are wanted, and the API could not be asked.
 */
export async function keyOf(kid: string, config: ServerConfig, now: number): Promise<PublicKey | undefined> {
  const url = config.jwks ?? `${config.api.replace(/\/$/, "")}/jwt/jwks.json`;
  const set: KeySet = sets.get(url) ?? { keys: new Map(), at: -Infinity, until: 0 };
  sets.set(url, set);
  const age = now - set.at;
  if (age > USABLE_MS) await ask(url, set, config, now);
  else if (age > FRESH_MS) ask(url, set, config, now).catch(() => undefined);
  if (!set.keys.has(kid)) await ask(url, set, config, now);
  return set.keys.get(kid);
}

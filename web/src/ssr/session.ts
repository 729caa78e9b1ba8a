// Who asks for a page.
import type { ClaimError, ClaimValidator, Payload, Snapshot } from "../types.js";
import type { PageRequest, ServerConfig } from "./config.js";
import { cookie, FRONT, OVERFLOW } from "./cookies.js";
import { MARK, type Mark } from "./mark.js";
import { prove } from "./verify.js";

/**
 * Who asks for a page, as far as the request proves it. `snapshot` is for the page: the client starts from it.
 *
 * - `valid`: the only status of somebody who is known.
 * - `expired`, `invalid`: there is a session, or somebody says so; a refresh tells. Show something that fits both.
 * - `absent`: there is none. With the reason `header-mode` the browser has one that it keeps from servers.
 * - `unknown`: the API could not be reached, for its keys or to refresh. It is no sign-out.
 */
export type ServerSession<P extends object = Payload> = { readonly snapshot: Snapshot<P> } & (
  | {
      readonly status: "valid";
      readonly userId: string;
      /** All of it but what only the API has a use for. */
      readonly payload: P;
      /** Milliseconds since 1970. */
      readonly expiresAt: number;
      /** Of the `validators`, those that fail. */
      readonly invalidClaims: readonly ClaimError[];
    }
  | ({ readonly status: "absent"; readonly reason?: "header-mode" } & Nobody)
  | ({ readonly status: "expired" | "invalid" | "unknown" } & Nobody)
);

/** Nobody is known: there is nothing to mistake for a proof. */
interface Nobody {
  readonly userId?: undefined;
  readonly payload?: undefined;
  readonly invalidClaims?: undefined;
}

const LOADING = { status: "loading" } as const;
const NONE = { status: "unauthenticated" } as const;

/**
 * Verifies the session of a request by itself, with the API's public keys; it changes no token and never throws.
 *
 * # Security
 * A session that was revoked is valid until its access token expires. Only what cookies carry counts.
 */
export async function getServerSession<P extends object = Payload>(
  request: Pick<PageRequest, "headers">,
  config: ServerConfig,
): Promise<ServerSession<P>> {
  const now = (config.now ?? Date.now)();
  const mark = cookie(request, MARK) as Mark | undefined;
  const token = cookie(request, "sAccessToken");
  if (!token) {
    if (cookie(request, "st-refresh-token")) return { status: "absent", reason: "header-mode", snapshot: LOADING };
    // The browser knows of one: the API can tell.
    return cookie(request, FRONT) || cookie(request, OVERFLOW)
      ? unproven("expired", mark)
      : { status: "absent", snapshot: NONE };
  }
  const proven = await prove(token, config, now).catch(() => null);
  if (proven === null) return { status: "unknown", snapshot: LOADING };
  if (!proven) return unproven("invalid", mark);
  const { payload } = proven;
  const shown = (status: "authenticated" | "unknown") => {
    const filtered = (config.payloadFilter?.(payload) ?? payload) as P;
    return { status, userId: proven.userId, payload: filtered, expiresAt: proven.expiresAt };
  };
  if (proven.expiresAt <= now) return unproven("expired", mark, shown("unknown"));
  return {
    status: "valid",
    ...proven,
    payload: payload as P,
    invalidClaims: failing(config.validators ?? [], payload, now),
    snapshot: shown("authenticated"),
  };
}

/** Asks every validator; those that fail, in order. */
const failing = (validators: readonly ClaimValidator[], payload: Payload, now: number): ClaimError[] =>
  validators.flatMap((validator) => {
    const verdict = validator.validate(payload, { now: () => now, fetch });
    return verdict.isValid ? [] : [{ id: validator.id, reason: verdict.reason }];
  });

/** What it comes to if a refresh was tried just now. `last`: what the page shows if nobody can tell. */
function unproven<P extends object>(
  status: "expired" | "invalid",
  mark: Mark | undefined,
  last: Snapshot<P> = LOADING,
): ServerSession<P> {
  if (mark === "failed") return { status: "unknown", snapshot: last };
  if (mark === "gone") return { status: "absent", snapshot: NONE };
  // Refreshed, and no better: the page is left to sign in, rather than to refresh for ever.
  return { status, snapshot: mark === "done" ? NONE : LOADING };
}

// What a guard does with a snapshot: one pure function for all frameworks.
import type { ClaimContext, ClaimError, ClaimValidator, Payload, Snapshot } from "./types.js";

/** What a page wants of whoever sees it. */
export interface Guard {
  /** Whether it needs a session. Default true. */
  require?: boolean;
  /** Which claims it wants. */
  validators?: readonly ClaimValidator[];
  /** Where those without a session sign in: a path or an address. Without one they are denied. */
  loginUrl?: string;
  /** Where those are sent whose claims fail, if the validator itself does not say it. */
  redirectTo?: string;
  /** Where the page is: the sign-in page is told the way back, and nobody is sent where they are. */
  currentUrl?: string;
  /** What to do while the server cannot be reached. Default `wait`. */
  offline?: "allow" | "wait";
  /** Milliseconds since 1970 by the server's clock, for validators with a maximal age. Default: this machine's. */
  now?: number;
}

export type Decision =
  | { action: "render" }
  /** It is not known yet: show something that fits both. */
  | { action: "wait" }
  | { action: "redirect"; to: string; reason: "no-session" | "claim"; error?: ClaimError }
  | { action: "deny"; error: ClaimError };

/** What denies whoever has no session where there is no page to sign in. */
const NO_SESSION: ClaimError = { id: "session", reason: { message: "no session" } };

/**
 * Decides what a guard does.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function decide(snapshot: Snapshot<object>, guard: Guard = {}): Decision {
  const { require = true, loginUrl, offline = "wait" } = guard;
  if (snapshot.userId === undefined) {
    if (!require) return { action: "render" };
    if (snapshot.status === "loading") return { action: "wait" };
    if (loginUrl === undefined) return { action: "deny", error: NO_SESSION };
    return isHere(loginUrl, guard)
      ? { action: "render" }
      : { action: "redirect", to: withWayBack(loginUrl, guard.currentUrl), reason: "no-session" };
  }
  if (require && snapshot.status === "unknown" && offline === "wait") return { action: "wait" };
  return judge(failuresOf({ ...snapshot.payload }, guard.validators ?? [], guard.now ?? Date.now()), guard);
}

function judge(failed: Failure[], guard: Guard): Decision {
  for (const [error, validator] of failed) {
    const to = validator.onFailureRedirection?.({ reason: error.reason }) ?? undefined;
    if (to === undefined) continue;
    if (isHere(to, guard)) return { action: "render" };
    return { action: "redirect", to, reason: "claim", error };
  }
  const denied = failed.find(([, validator]) => validator.showAccessDeniedOnFailure !== false)?.[0];
  if (!denied) return { action: "render" };
  const { redirectTo } = guard;
  return redirectTo === undefined || isHere(redirectTo, guard)
    ? { action: "deny", error: denied }
    : { action: "redirect", to: redirectTo, reason: "claim", error: denied };
}

type Failure = [error: ClaimError, validator: ClaimValidator];

/** Asks every validator; those that fail, in order. */
function failuresOf(payload: Payload, validators: readonly ClaimValidator[], now: number): Failure[] {
  const context: ClaimContext = { now: () => now, fetch };
  return validators.flatMap((validator): Failure[] => {
    const verdict = validator.validate(payload, context);
    return verdict.isValid ? [] : [[{ id: validator.id, reason: verdict.reason }, validator]];
  });
}

/** For addresses of which only the path is known. */
const SOMEWHERE = "http://somewhere.invalid";

const isHere = (target: string, { currentUrl }: Guard): boolean => {
  if (currentUrl === undefined) return false;
  const here = new URL(currentUrl, SOMEWHERE);
  const there = new URL(target, here);
  return (
    there.origin === here.origin && there.pathname === here.pathname && (!there.search || there.search === here.search)
  );
};

/** The sign-in page's address with the way back in `redirectToPath`. */
function withWayBack(loginUrl: string, currentUrl: string | undefined): string {
  if (currentUrl === undefined) return loginUrl;
  const { pathname, search, hash } = new URL(currentUrl, SOMEWHERE);
  const [address = "", fragment] = loginUrl.split("#");
  const back = `redirectToPath=${encodeURIComponent(pathname + search + hash)}`;
  return `${address}${address.includes("?") ? "&" : "?"}${back}${fragment === undefined ? "" : `#${fragment}`}`;
}

/**
 * The way back out of `redirectToPath`, or else `/`.
 *
 * # Security
 * Only paths of this site: an address of another would let a link to the sign-in page end there.
 */
export function returnPath(value: string | null | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in it
  if (!value || !/^\/(?![/\\])[^\\\u0000-\u001f\u007f]*$/.test(value)) return "/";
  const url = URL.canParse(value, SOMEWHERE) ? new URL(value, SOMEWHERE) : undefined;
  // Where `.` and `..` are gone, two slashes may be at the beginning: an address again.
  return url?.origin === SOMEWHERE && !url.pathname.startsWith("//") ? url.pathname + url.search + url.hash : "/";
}

// What a guard does with a snapshot: one pure function for all frameworks.
import type {
  ClaimContext,
  ClaimError,
  ClaimValidator,
  Payload,
  SessionClient,
  SessionEvent,
  Snapshot,
} from "./types.js";

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

/** What else a guard can be told that stays while things change. */
export interface GuardOptions extends Omit<Guard, "now"> {
  /**
   * Called when the session ends here because the server said so, in place of going to sign in. Those who sign out are sent
   * there all the same, without a way back.
   */
  onExpired?: (() => void) | undefined;
}

/** What to do, and beyond that: the session has ended, and `onExpired` says what happens next. */
export type Guarded = Decision | { action: "expired" };

/** What a guard that stays knows beside the snapshot. */
export interface Watch {
  /** What holds for all guards around: what they want that do not say it themselves. */
  shared: {
    readonly client: Pick<SessionClient, "initial" | "now">;
    readonly loginUrl?: string | undefined;
    readonly validators?: readonly ClaimValidator[] | undefined;
  };
  /** What happened last while the guard was there, but for being told once more that there is no session. */
  heard: SessionEvent | undefined;
  /** The last `question` that was answered. */
  answered: string | undefined;
}

/** What a guard that stays does. */
export type Watched = Guarded & {
  to?: string | undefined;
  error?: ClaimError | undefined;
  /** Who wants what, and what of it fails: with another question the server is asked whether the session is as it was. */
  question: string;
  /** What the page wants. */
  validators: readonly ClaimValidator[];
  /** The same where some of it fails: claims that are missing or too old are fetched before anybody is turned away. */
  wanting?: readonly ClaimValidator[] | undefined;
};

/** What denies whoever has no session where there is no page to sign in. */
const NO_SESSION: ClaimError = { id: "session", reason: { message: "no session" } };

/**
 * Decides what a guard does.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function decide(snapshot: Snapshot<object>, guard?: Guard): Decision;
/** Decides what a guard does that stays: it turns nobody away before its `question` is answered. @internal */
export function decide(snapshot: Snapshot<object>, guard: GuardOptions, watch: Watch): Watched;
export function decide(snapshot: Snapshot<object>, guard: Guard & GuardOptions = {}, watch?: Watch): Guarded {
  const { shared, heard, answered } = watch ?? {};
  const {
    require = true,
    validators = shared?.validators ?? [],
    loginUrl = shared?.loginUrl,
    redirectTo,
    currentUrl = shared && globalThis.location?.href,
    offline = "wait",
    now = shared?.client.now() ?? Date.now(),
    onExpired,
  } = guard;
  const { userId, status } = snapshot;

  /** What is to be done by what is known. */
  const judge = (): Guarded => {
    if (userId === undefined) {
      if (!require) return { action: "render" };
      if (onExpired && heard?.type === "UNAUTHORISED") return { action: "expired" };
      if (status === "loading") return { action: "wait" };
      if (loginUrl === undefined) return { action: "deny", error: NO_SESSION };
      // Whoever leaves wants no way back.
      const left = heard?.type === "SIGN_OUT" && heard.origin === "local";
      return isHere(loginUrl, currentUrl)
        ? { action: "render" }
        : { action: "redirect", to: withWayBack(loginUrl, left ? undefined : currentUrl), reason: "no-session" };
    }
    if (require && status === "unknown" && offline === "wait") return { action: "wait" };
    const failed = failuresOf({ ...snapshot.payload }, validators, now);
    for (const [error, validator] of failed) {
      const to = validator.onFailureRedirection?.({ reason: error.reason }) ?? undefined;
      if (to === undefined) continue;
      if (isHere(to, currentUrl)) return { action: "render" };
      return { action: "redirect", to, reason: "claim", error };
    }
    const denied = failed.find(([, validator]) => validator.showAccessDeniedOnFailure !== false)?.[0];
    if (!denied) return { action: "render" };
    return redirectTo === undefined || isHere(redirectTo, currentUrl)
      ? { action: "deny", error: denied }
      : { action: "redirect", to: redirectTo, reason: "claim", error: denied };
  };

  const decision: Guarded & Partial<Watched> = judge();
  if (!shared) return decision;
  const { error } = decision;
  const question = `${userId} ${error?.id} ${validators.map(({ id }) => id)}`;
  // What a server rendered is shown until it has been looked at.
  const live = require && status === "authenticated" && snapshot !== shared.client.initial;
  const open = userId && answered !== question && (error || (live && snapshot.expiresAt <= now));
  return { ...(open ? { action: "wait", wanting: error && validators } : decision), question, validators } as Watched;
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

const isHere = (target: string, currentUrl: string | undefined): boolean => {
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

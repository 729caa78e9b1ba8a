// What only those see who may: the decision is the core's; here it becomes a page, another page, or something to wait at.
import { createElement, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type Decision, decide, type Guard } from "../decide.js";
import type { ClaimError } from "../types.js";
import { SharedContext, useShared } from "./context.js";
import { useSession } from "./hooks.js";

export interface GuardOptions extends Omit<Guard, "now"> {
  /**
   * Called when the session ends here because the server said so, in place of going to sign in. Those who sign out are sent
   * there all the same, without a way back.
   */
  onExpired?: () => void;
}

/** What to do, and beyond that: the session has ended, and `onExpired` says what happens next. */
export type Guarded = Decision | { action: "expired" };

/**
 * Decides what a page does, and goes where the decision says. What is known decides at once; before anybody is turned away,
 * claims that are wanting are fetched, and an expired token is refreshed.
 */
export function useGuard(options: GuardOptions = {}): Guarded {
  const { client, loginUrl, navigate, validators: usual } = useShared();
  const { require = true, validators = usual, onExpired } = options;
  const snapshot = useSession();
  const { userId } = snapshot;
  /** How the session ended here, and where this guard went last. */
  const past = useRef<{ end?: "left" | "lost" | undefined; to?: string | undefined }>({}).current;
  const [checked, setChecked] = useState<string>();

  const here = typeof location === "object" ? location.href : undefined;
  // Whoever leaves wants no way back.
  const currentUrl = past.end === "left" ? undefined : (options.currentUrl ?? here);
  const now = client.now();
  let result: Guarded = decide(snapshot, { loginUrl, ...options, currentUrl, validators, now } as Guard);
  const failed = "error" in result && result.error?.id;
  const key = JSON.stringify([userId, failed, validators.map(({ id }) => id)]);
  if (userId === undefined) {
    if (past.end === "lost" && onExpired && require) result = { action: "expired" };
  } else if (checked !== key) {
    // What a server rendered is shown until it has been looked at.
    const expired = require && snapshot !== client.initial && snapshot.expiresAt <= now;
    if (failed || (expired && snapshot.status === "authenticated")) result = { action: "wait" };
  }
  const to = "to" in result ? result.to : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names what is looked at
  useEffect(() => {
    let current = userId !== undefined;
    if (!current) return;
    past.end = undefined;
    const done = () => current && setChecked(key);
    client
      .ready()
      .then(() => client.claims.validate(validators))
      .then(done, done);
    return () => {
      current = false;
    };
  }, [client, key]);

  useEffect(
    () =>
      client.on("*", (event) => {
        if (event.type === "SIGN_OUT" && event.origin === "local") past.end = "left";
        if (event.type !== "UNAUTHORISED" || !event.sessionExpiredOrRevoked || !onExpired) return;
        past.end = "lost";
        onExpired();
      }),
    [client, onExpired, past],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: another way to go is no reason to go again
  useEffect(() => {
    // Once, also where effects run twice.
    if (to !== undefined && to !== past.to) navigate(to);
    past.to = to;
  }, [to]);

  return result;
}

export interface SessionGuardProps extends GuardOptions {
  children?: ReactNode;
  /** Shown while it is not known yet, and on the way to another page. Default: nothing. */
  fallback?: ReactNode;
  /** Shown to those whose claims fail. Default: nothing, and the console says why. */
  denied?: ReactNode | ((error: ClaimError) => ReactNode);
}

/**
 * Shows its children only to those who have a session with the right claims.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function SessionGuard({ children, fallback, denied, ...options }: SessionGuardProps): ReactNode {
  const shared = useShared();
  const result = useGuard(options);
  const { action } = result;
  const error = action === "deny" ? result.error : undefined;
  const { validators = shared.validators } = options;
  const value = useMemo(() => ({ ...shared, validators, error }), [shared, validators, error]);
  const mute = denied === undefined && error?.id;
  useEffect(() => {
    if (mute) console.error(`SessionGuard: ${mute} fails, and "denied" is not set`);
  }, [mute]);
  const shown = error
    ? typeof denied === "function"
      ? denied(error)
      : denied
    : action === "render"
      ? children
      : action !== "expired" && fallback;
  return createElement(SharedContext.Provider, { value }, shown);
}

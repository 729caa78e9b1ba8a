// What only those see who may: the decision is the core's; here it becomes a page, another page, or something to wait at.
import { createElement, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { decide, type Guarded, type GuardOptions, type Watched } from "../decide.js";
import type { ClaimError, SessionEvent } from "../types.js";
import { SharedContext, useShared } from "./context.js";
import { useSession } from "./hooks.js";

/**
 * Decides what a page does, and goes where the decision says. What is known decides at once; before anybody is turned away,
 * claims that are wanting are fetched, and an expired token is refreshed.
 */
export function useGuard(options: GuardOptions = {}): Guarded {
  const shared = useShared();
  const { client, navigate } = shared;
  const { onExpired } = options;
  const snapshot = useSession();
  const { userId } = snapshot;
  /** What happened last, and where this guard went last. */
  const past = useRef<{ heard?: SessionEvent | undefined; to?: string | undefined }>({}).current;
  const [answered, setAnswered] = useState<string>();

  const watch = { shared, heard: past.heard, answered };
  const result = decide(snapshot, options, watch);
  const { to, question, validators } = result;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question names what is asked
  useEffect(() => {
    if (!userId) return;
    let current = true;
    const done = () => current && setAnswered(question);
    client
      .ready()
      .then(() => client.claims.validate(validators))
      .then(done, done);
    return () => {
      current = false;
    };
  }, [client, question]);

  useEffect(
    () =>
      client.on("*", (event) => {
        const { sessionExpiredOrRevoked: lost } = event as { sessionExpiredOrRevoked?: boolean };
        // Being told once more that there is no session is no news.
        if (lost !== false) past.heard = event;
        if (lost) onExpired?.();
      }),
    [client, onExpired, past],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: another way to go is no reason to go again
  useEffect(() => {
    // Once, also where effects run twice.
    if (to && to !== past.to) navigate(to);
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
  const { action, error: failed } = useGuard(options) as Watched;
  const error = action === "deny" ? failed : undefined;
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

// The session as React sees it: one store, read without tearing, that draws nothing anew for what has stayed equal.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Claim, ClaimError, Payload, SessionClient, Snapshot } from "../types.js";
import { useShared } from "./context.js";

const whole = (snapshot: unknown) => snapshot;

/**
 * What is known about the session, or what `select` takes of it. As long as that is equal (as JSON), nothing is drawn anew.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function useSession<P extends object = Payload, T = Snapshot<P>>(
  select: (snapshot: Snapshot<P>) => T = whole as never,
): T {
  const { client } = useShared();
  const last = useRef<T>(undefined);
  const part = (snapshot: Snapshot) => {
    const next = select(snapshot as Snapshot<P>);
    if (JSON.stringify(next) !== JSON.stringify(last.current)) last.current = next;
    return last.current as T;
  };
  return useSyncExternalStore(
    client.subscribe,
    () => part(client.snapshot()),
    () => part(client.initial),
  );
}

/** What a component knows about the session, in the words that existing apps use. */
export type SessionContextValue<P extends object = Payload> =
  | { loading: true }
  | {
      loading: false;
      doesSessionExist: boolean;
      /** Empty without a session. */
      userId: string;
      accessTokenPayload: P;
      /** Of what the guard around wants, or else every page, what fails. */
      invalidClaims: readonly ClaimError[];
      /** Why the guard around shows what it shows to those whom it denies. */
      accessDeniedValidatorError?: ClaimError;
    };

/** Without a session no claim fails. */
const VALID = { isValid: true } as const;

/** @throws outside a {@link SessionProvider}. */
export function useSessionContext<P extends object = Payload>(): SessionContextValue<P> {
  const { client, validators, error } = useShared();
  const snapshot = useSession();
  return useMemo(() => {
    const { status, userId = "", payload = {} } = snapshot;
    return status === "loading"
      ? { loading: true }
      : {
          loading: false,
          doesSessionExist: !!userId,
          userId,
          accessTokenPayload: payload as P,
          invalidClaims: validators.flatMap((validator) => {
            const verdict = userId ? validator.validate(payload, client) : VALID;
            return verdict.isValid ? [] : [{ id: validator.id, reason: verdict.reason }];
          }),
          ...(error && { accessDeniedValidatorError: error }),
        };
  }, [client, snapshot, validators, error]);
}

export type ClaimValue<T> = { loading: true } | { loading: false; doesSessionExist: boolean; value: T | undefined };

/** The value of a claim in the access token. */
export function useClaimValue<T>(claim: Claim<T>): ClaimValue<T> {
  const { client } = useShared();
  return useSession<Payload, ClaimValue<T>>(({ status, payload }) =>
    status === "loading"
      ? { loading: true }
      : {
          loading: false,
          doesSessionExist: !!payload,
          value: payload && claim.getValueFromPayload(payload, client),
        },
  );
}

/**
 * The access token, for connections that need it in words: known with tokens in headers, or if the backend exposes it. It is
 * asked for anew whenever the session changes, and is then valid for `minTtlMs` more (default 0); time alone renews nothing.
 */
export function useAccessToken({ minTtlMs = 0 }: { minTtlMs?: number } = {}): string | undefined {
  const { client } = useShared();
  const snapshot = useSession();
  const [token, setToken] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another snapshot may mean another token
  useEffect(() => {
    let current = true;
    client.accessToken({ minTtlMs }).then(
      (next) => current && setToken(next),
      // What is valid less long is better than nothing while the server cannot be reached.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [client, snapshot, minTtlMs]);
  return snapshot.userId === undefined ? undefined : token;
}

/** Ends this session on the server and here; see {@link SessionClient.signOut}. */
export const useSignOut = (): SessionClient["signOut"] => useShared().client.signOut;

// What the pieces below a provider share: the client, and how this app moves from page to page.
import { createContext, createElement, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { ClaimError, ClaimValidator, Payload, SessionClient } from "../types.js";

/** What {@link SessionProvider} hands down. */
export interface Shared {
  client: SessionClient;
  loginUrl: string | undefined;
  navigate: (to: string) => void;
  /** What the guard around wants, or else every page. */
  validators: readonly ClaimValidator[];
  /** What the guard around denies for. */
  error?: ClaimError | undefined;
}

export const SharedContext = createContext<Shared | undefined>(undefined);

/** @throws if there is no {@link SessionProvider} around. */
export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (!shared) throw new Error("no SessionProvider around");
  return shared;
}

const load = (to: string): void => location.replace(to);

const NONE: readonly ClaimValidator[] = [];

export interface SessionProviderProps<P extends object = Payload> {
  client: SessionClient<P>;
  /** Where people sign in: a path or an address. Without one, those without a session are denied. */
  loginUrl?: string | undefined;
  /** Goes to another page in place of this one, as a router does. Default: the browser loads it. */
  navigate?: ((to: string) => void) | undefined;
  /** Which claims guarded pages want that do not say so themselves. */
  validators?: readonly ClaimValidator[] | undefined;
  children?: ReactNode;
}

/** Hands a client to everything below it, and asks once whether there is a session; never while a server renders. */
export function SessionProvider<P extends object = Payload>(props: SessionProviderProps<P>): ReactNode {
  const { loginUrl, navigate = load, validators = NONE, children } = props;
  // What a payload is called is between the app and its hooks.
  const client = props.client as unknown as SessionClient;
  useEffect(() => void client.ready(), [client]);
  const value = useMemo(() => ({ client, loginUrl, navigate, validators }), [client, loginUrl, navigate, validators]);
  return createElement(SharedContext.Provider, { value }, children);
}

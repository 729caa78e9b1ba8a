// The session as a store, and what the components of an app share.
import { getContext, setContext } from "svelte";
import { derived, type Readable, readable } from "svelte/store";
import type { Surroundings } from "../guarding.js";
import type { Claim, Payload, SessionClient, Snapshot } from "../types.js";

export interface Shared extends Surroundings {
  client: SessionClient;
}

const KEY = Symbol.for("hallpass.svelte");

/** @throws if no component around has called {@link setSession}. */
export function getShared(): Shared {
  const shared = getContext<Shared | undefined>(KEY);
  if (!shared) throw new Error("no component around has called setSession");
  return shared;
}

/** Hands a client to the component that calls it and to all below: call it in the app's outermost one. */
export function setSession<P extends object = Payload>(
  client: SessionClient<P>,
  surroundings: Surroundings = {},
): Readable<Snapshot<P>> {
  setContext(KEY, { ...surroundings, client });
  return sessionStore(client);
}

const stores = new WeakMap<object, Readable<Snapshot>>();

/**
 * What is known about the session: of this client, or in a component of that given to {@link setSession}. The same store
 * for the same client.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function sessionStore<P extends object = Payload>(
  client: SessionClient<P> = getShared().client as unknown as SessionClient<P>,
): Readable<Snapshot<P>> {
  const store =
    stores.get(client) ??
    // As a server has rendered it, until it is taken over.
    readable<Snapshot<object>>(client.initial, (set) => {
      if (!globalThis.document) return undefined;
      const update = () => set(client.snapshot());
      queueMicrotask(update);
      void client.ready();
      return client.subscribe(update);
    });
  stores.set(client, store as Readable<Snapshot>);
  return store as Readable<Snapshot<P>>;
}

/** The value of a claim in the access token; undefined also as long as it is not known. */
export function claimStore<T>(claim: Claim<T>, client: SessionClient = getShared().client): Readable<T | undefined> {
  return derived(sessionStore(client), ({ payload }) => payload && claim.getValueFromPayload(payload, client));
}

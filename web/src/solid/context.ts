// What the pieces below a provider share, and the session as they see it.
import {
  type Accessor,
  createComponent,
  createContext,
  createMemo,
  createSignal,
  type JSX,
  mergeProps,
  onCleanup,
  onMount,
  type ParentProps,
  useContext,
} from "solid-js";
import type { Surroundings } from "../guarding.js";
import type { Claim, Payload, SessionClient, Snapshot } from "../types.js";

export interface Shared extends Surroundings {
  client: SessionClient;
  snapshot: Accessor<Snapshot>;
}

const Context = createContext<Shared>();

/** @throws if there is no {@link SessionProvider} around. */
export function useShared(): Shared {
  const shared = useContext(Context);
  if (!shared) throw new Error("no SessionProvider around");
  return shared;
}

/**
 * What is known about the session: of the provider around, or of another client as long as the component is there.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function createSessionSignal<P extends object = Payload>(client?: SessionClient<P>): Accessor<Snapshot<P>> {
  if (!client) return useShared().snapshot as Accessor<Snapshot<P>>;
  // As a server has rendered it, until it is taken over.
  const [snapshot, set] = createSignal(client.initial);
  onMount(() => {
    const update = () => set(() => client.snapshot());
    onCleanup(client.subscribe(update));
    update();
    void client.ready();
  });
  return snapshot;
}

export interface SessionProviderProps<P extends object = Payload> extends Surroundings {
  client: SessionClient<P>;
}

/** Hands a client to everything below it, and asks once whether there is a session; never while a server renders. */
export function SessionProvider<P extends object = Payload>(props: ParentProps<SessionProviderProps<P>>): JSX.Element {
  // What a payload is called is between the app and its components.
  const client = props.client as unknown as SessionClient;
  const value = mergeProps(props, { client, snapshot: createSessionSignal(client) });
  return createComponent(Context.Provider, {
    value,
    get children() {
      return props.children;
    },
  });
}

/** The value of a claim in the access token; undefined also as long as it is not known. */
export function useClaim<T>(claim: Claim<T>): Accessor<T | undefined> {
  const { client, snapshot } = useShared();
  return createMemo(() => {
    const { payload } = snapshot();
    return payload && claim.getValueFromPayload(payload, client);
  });
}

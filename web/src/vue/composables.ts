// The session as components see it.
import { type ComputedRef, computed, type ShallowRef } from "vue";
import type { Claim, Payload, SessionClient, Snapshot } from "../types.js";
import { useShared } from "./plugin.js";

/** What is known about the session. All of it follows the session, and none of it can be set. */
export interface SessionRefs<P extends object = Payload> {
  snapshot: Readonly<ShallowRef<Snapshot<P>>>;
  status: ComputedRef<Snapshot["status"]>;
  /** Undefined without a session, as the payload. */
  userId: ComputedRef<string | undefined>;
  payload: ComputedRef<P | undefined>;
  /** Ends this session on the server and here; see {@link SessionClient.signOut}. */
  signOut: SessionClient["signOut"];
}

/**
 * What is known about the session.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function useSession<P extends object = Payload>(): SessionRefs<P> {
  const { client, snapshot } = useShared();
  const part = (name: string) => computed(() => snapshot.value[name as keyof Snapshot]);
  return {
    snapshot,
    status: part("status"),
    userId: part("userId"),
    payload: part("payload"),
    signOut: client.signOut,
  } as unknown as SessionRefs<P>;
}

/** The value of a claim in the access token; undefined also as long as it is not known. */
export function useClaim<T>(claim: Claim<T>): ComputedRef<T | undefined> {
  const { client, snapshot } = useShared();
  return computed(() => {
    const payload = snapshot.value.payload;
    return payload && claim.getValueFromPayload(payload, client);
  });
}

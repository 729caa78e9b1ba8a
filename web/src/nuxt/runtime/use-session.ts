import { onMounted, onUnmounted, type ShallowRef, shallowRef } from "vue";
import { useNuxtApp } from "#imports";
import type { Payload, SessionClient, Snapshot } from "../../types.js";

/** The client, and what is known of the session: first what the server has rendered. */
export function useSession<P extends object = Payload>(): {
  session: SessionClient<P>;
  snapshot: Readonly<ShallowRef<Snapshot<P>>>;
} {
  const session = useNuxtApp().$session as SessionClient<P>;
  const snapshot = shallowRef(session.initial);
  const look = () => {
    snapshot.value = session.snapshot();
  };
  let forget: (() => void) | undefined;
  onMounted(() => {
    forget = session.subscribe(look);
    session.ready().then(look);
  });
  onUnmounted(() => forget?.());
  return { session, snapshot };
}

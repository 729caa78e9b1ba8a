import { onMounted, onUnmounted, shallowRef } from "vue";

/** What is known of the session: first what the server has rendered. */
export function useSession() {
  const { $session } = useNuxtApp();
  const snapshot = shallowRef($session.initial);
  const look = () => {
    snapshot.value = $session.snapshot();
  };
  let forget: (() => void) | undefined;
  onMounted(() => {
    forget = $session.subscribe(look);
    $session.ready().then(look);
  });
  onUnmounted(() => forget?.());
  return { session: $session, snapshot };
}

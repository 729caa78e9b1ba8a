// What only those see who may.
import {
  defineComponent,
  onActivated,
  onBeforeUnmount,
  onDeactivated,
  onMounted,
  type PropType,
  type SlotsType,
  shallowRef,
  type VNode,
  watch,
} from "vue";
import { type Guarded, type GuardOptions, guarding } from "../guarding.js";
import type { ClaimError, ClaimValidator } from "../types.js";
import { useShared } from "./plugin.js";

/**
 * Shows its content only to those who have a session with the right claims. Slots: `fallback` while it is not known yet, and
 * on the way to another page; `denied`, with the `error`, to those whose claims fail. A page that `<KeepAlive>` has put away
 * sends nobody anywhere.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export const SessionGuard = defineComponent({
  name: "SessionGuard",
  props: {
    require: { type: Boolean, default: true },
    validators: Array as PropType<readonly ClaimValidator[]>,
    loginUrl: String,
    redirectTo: String,
    /** Default: where the browser is. Where one guard surrounds several pages: `$route.fullPath`. */
    currentUrl: String,
    offline: String as PropType<"allow" | "wait">,
    /** `@expired`: called in place of going to sign in, when the session ends here because the server said so. */
    onExpired: Function as PropType<() => void>,
  },
  slots: Object as SlotsType<{
    default: () => VNode[];
    fallback: () => VNode[];
    denied: (is: { error: ClaimError }) => VNode[];
  }>,
  setup(props, { slots }) {
    const { client, loginUrl, navigate } = useShared();
    const shown = shallowRef<Guarded>();
    const want = () => ({ ...props, loginUrl: props.loginUrl ?? loginUrl, navigate }) as GuardOptions;
    const { look, start, stop } = guarding(client, want, (result) => {
      shown.value = result;
    });
    watch(want, look, { immediate: true });
    onMounted(start);
    onActivated(start);
    onDeactivated(stop);
    onBeforeUnmount(stop);
    return () => {
      const { action, ...is } = shown.value as Guarded & { error: ClaimError };
      if (action === "render") return slots.default?.();
      return action === "deny" ? slots.denied?.(is) : action !== "expired" && slots.fallback?.();
    };
  },
});

// What only those see who may.
import {
  defineComponent,
  onActivated,
  onBeforeUnmount,
  onDeactivated,
  onMounted,
  type SlotsType,
  shallowRef,
  type VNode,
  watchEffect,
} from "vue";
import { type Guarded, type GuardOptions, guarding } from "../guarding.js";
import type { ClaimError } from "../types.js";
import { useShared } from "./plugin.js";

type Slots = {
  default: () => VNode[];
  fallback: () => VNode[];
  denied: (is: { error: ClaimError }) => VNode[];
};

/**
 * Shows its content only to those who have a session with the right claims. Slots: `fallback` while it is not known yet, and
 * on the way to another page; `denied`, with the `error`, to those whose claims fail. Where one guard surrounds several
 * pages, `currentUrl` has to be `$route.fullPath`. A page that `<KeepAlive>` has put away sends nobody anywhere.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export const SessionGuard = defineComponent(
  (props: GuardOptions, { slots }: { slots: { [name in keyof Slots]?: Slots[name] } }) => {
    const { client, loginUrl, navigate, validators } = useShared();
    const shown = shallowRef<Guarded>();
    const { look, start, stop } = guarding(
      client,
      () => {
        const own = { loginUrl: props.loginUrl ?? loginUrl, validators: props.validators ?? validators };
        return { ...props, ...own, navigate } as GuardOptions;
      },
      (result) => {
        shown.value = result;
      },
    );
    watchEffect(look);
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
  {
    name: "SessionGuard",
    props: {
      require: { type: Boolean, default: true },
      validators: null,
      loginUrl: null,
      redirectTo: null,
      currentUrl: null,
      offline: null,
      onExpired: null,
    },
    slots: Object as SlotsType<Slots>,
  },
);

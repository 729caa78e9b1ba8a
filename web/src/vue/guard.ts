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
import type { GuardOptions, Watched } from "../decide.js";
import { guarding } from "../guarding.js";
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
export const SessionGuard = defineComponent<GuardOptions, [], string, SlotsType<Slots>>(
  function SessionGuard(props, { slots }) {
    const shown = shallowRef<Watched>();
    const [look, start, stop] = guarding(
      useShared(),
      () => props,
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
      const { action, error } = shown.value as Watched;
      if (action === "render") return slots.default?.();
      return action === "deny"
        ? slots.denied?.({ error: error as ClaimError })
        : action !== "expired" && slots.fallback?.();
    };
  },
  {
    props: {
      require: { type: Boolean, default: true },
      validators: null,
      loginUrl: null,
      redirectTo: null,
      currentUrl: null,
      offline: null,
      onExpired: null,
    },
  },
);

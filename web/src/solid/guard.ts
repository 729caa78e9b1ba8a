// What only those see who may.
import { createComputed, createMemo, createSignal, type JSX, onCleanup, onMount, type ParentProps } from "solid-js";
import type { Guarded, GuardOptions } from "../decide.js";
import { guarding } from "../guarding.js";
import type { ClaimError } from "../types.js";
import { useShared } from "./context.js";

export interface GuardProps extends GuardOptions {
  /** Shown while it is not known yet, and on the way to another page. Default: nothing. */
  fallback?: JSX.Element;
  /** Shown to those whose claims fail. Default: nothing. */
  denied?: JSX.Element | ((error: ClaimError) => JSX.Element);
}

/**
 * Shows its children only to those who have a session with the right claims.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function Guard(props: ParentProps<GuardProps>): JSX.Element {
  const shared = useShared();
  const [result, show] = createSignal<Guarded>({ action: "wait" });
  const [look, start, stop] = guarding(shared, () => props, show);
  createComputed(look);
  onMount(start);
  onCleanup(stop);
  const action = createMemo(() => result().action);
  const shown = createMemo(() => {
    const now = action();
    if (now === "render") return props.children;
    if (now !== "deny") return now === "expired" ? undefined : props.fallback;
    const { denied } = props;
    return typeof denied === "function" ? denied((result() as { error: ClaimError }).error) : denied;
  });
  return shown as unknown as JSX.Element;
}

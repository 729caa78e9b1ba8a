import type { SvelteComponent } from "svelte";
import type { GuardOptions } from "../guarding.js";
import type { ClaimError } from "../types.js";

/** Shows its content only to those who have a session with the right claims. */
export default class Guard extends SvelteComponent<
  GuardOptions,
  Record<string, never>,
  { default: Record<string, never>; fallback: Record<string, never>; denied: { error: ClaimError } }
> {}

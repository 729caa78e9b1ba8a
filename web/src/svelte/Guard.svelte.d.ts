import type { SvelteComponent } from "svelte";
import type { GuardOptions } from "../decide.js";
import type { ClaimError } from "../types.js";

/** What Svelte 5 hands over as snippets; before it, these are slots. */
interface Snippets {
  children?: () => unknown;
  /** Shown while it is not known yet, and on the way to another page. Default: nothing. */
  fallback?: () => unknown;
  /** Shown to those whose claims fail. Default: nothing. */
  denied?: (is: { error: ClaimError }) => unknown;
}

/**
 * Shows its content only to those who have a session with the right claims.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export default class Guard extends SvelteComponent<
  GuardOptions & Snippets,
  Record<string, never>,
  { default: Record<string, never>; fallback: Record<string, never>; denied: { error: ClaimError } }
> {}

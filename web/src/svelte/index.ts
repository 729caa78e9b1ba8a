export type { Guarded, GuardOptions } from "../decide.js";
export { default as Guard } from "./Guard.svelte";
export { claimStore, sessionStore, setSession } from "./store.js";

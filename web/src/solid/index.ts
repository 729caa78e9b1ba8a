export type { Guarded, GuardOptions } from "../decide.js";
export { createSessionSignal, SessionProvider, type SessionProviderProps, useClaim } from "./context.js";
export { Guard, type GuardProps } from "./guard.js";

export type { Guarded, GuardOptions } from "../decide.js";
export { type SessionRefs, useClaim, useSession } from "./composables.js";
export { SessionGuard } from "./guard.js";
export { createSessionPlugin } from "./plugin.js";
export { type RouteLike, type RouterGuardOptions, sessionGuard } from "./router.js";

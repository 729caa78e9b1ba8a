export type { Guarded, GuardOptions } from "../decide.js";
export { sessionGuard } from "./guard.js";
export { sessionInterceptor } from "./interceptor.js";
export { provideSession } from "./provide.js";
export { SessionService } from "./service.js";

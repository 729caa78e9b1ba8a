"use client";
export type { Guarded, GuardOptions } from "../decide.js";
export { SessionProvider, type SessionProviderProps } from "./context.js";
export { AccessDenied, type AccessDeniedProps, type DeniedParts, type DeniedTexts, deniedTexts } from "./denied.js";
export { SessionGuard, type SessionGuardProps, useGuard } from "./guard.js";
export {
  type ClaimValue,
  type SessionContextValue,
  useAccessToken,
  useClaimValue,
  useSession,
  useSessionContext,
  useSignOut,
} from "./hooks.js";
export { TryRefresh, type TryRefreshProps } from "./try-refresh.js";

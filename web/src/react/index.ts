"use client";
export { SessionProvider, type SessionProviderProps } from "./context.js";
export { AccessDenied, type AccessDeniedProps, type DeniedParts, type DeniedTexts, deniedTexts } from "./denied.js";
export { type Guarded, type GuardOptions, SessionGuard, type SessionGuardProps, useGuard } from "./guard.js";
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

// A guard for routers, before a page is there.
import type { Guard } from "../decide.js";
import { admit } from "../guarding.js";
import type { Payload, SessionClient } from "../types.js";

/** As much of a route as is used; those of `vue-router` are such. */
export interface RouteLike {
  readonly fullPath: string;
  readonly meta: { readonly [key: PropertyKey]: unknown };
}

export type RouterGuardOptions = Omit<Guard, "now" | "currentUrl">;

/**
 * For `router.beforeEach`: guards routes whose `meta.auth` is true, or what they want beyond a session
 * (`{ validators, redirectTo, … }`). For `beforeEnter`, say `require: true`: it guards whatever `meta` says nothing about.
 *
 * While the server cannot be reached it waits, unless `offline` is `allow`; another navigation ends that.
 */
export function sessionGuard<P extends object = Payload>(
  client: SessionClient<P>,
  options: RouterGuardOptions = {},
): (to: RouteLike) => Promise<boolean | string> {
  return async ({ meta, fullPath }) => {
    const auth = meta["auth"] ?? options.require;
    if (!auth) return true;
    const { action, to } = await admit(client as unknown as SessionClient, {
      ...options,
      require: true,
      ...(auth as RouterGuardOptions),
      currentUrl: fullPath,
    });
    if (!to || !/^\w+:/.test(to)) return to ?? action !== "deny";
    location.assign(to);
    return false;
  };
}

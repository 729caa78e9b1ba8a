// A guard of routes, before a page is there and as long as it is.
import { DestroyRef, inject, NgZone } from "@angular/core";
import {
  type ActivatedRouteSnapshot,
  type CanActivateFn,
  type CanMatchFn,
  NavigationCancel,
  NavigationEnd,
  NavigationError,
  type Route,
  Router,
  type RouterStateSnapshot,
} from "@angular/router";
import type { GuardOptions } from "../decide.js";
import { admit, guarding } from "../guarding.js";
import { SessionService } from "./service.js";

type RouterGuard = CanActivateFn & CanMatchFn;

/**
 * For `canActivate`, `canActivateChild` and `canMatch`. While the server cannot be reached it waits, unless `offline` is
 * `allow`; another navigation ends that. Once somebody is in it goes on: whoever loses what it wants is sent to sign in, or
 * where a lack of claims leads, which is the start page if nothing else is said.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export function sessionGuard(options: Omit<GuardOptions, "currentUrl"> = {}): RouterGuard {
  /** How to stop guarding a route that is shown. */
  const shown = new WeakMap<Route, () => void>();

  return async (route: ActivatedRouteSnapshot | Route, where: RouterStateSnapshot | unknown) => {
    const router = inject(Router);
    const zone = inject(NgZone);
    const end = inject(DestroyRef);
    const { client, usual } = inject(SessionService);
    const wanted = { ...usual, ...options };
    const config = "routeConfig" in route ? route.routeConfig : route;
    const { onExpired, ...guard } = wanted;
    const currentUrl = urlOf(router, where);

    const decision = await admit(client, { ...guard, currentUrl });
    if (decision.action === "redirect") {
      if (isPath(decision.to)) return router.parseUrl(decision.to);
      location.assign(decision.to);
    }
    // Where a server renders it is for the browser to go on.
    if (decision.action !== "render" || !config) return decision.action === "wait";

    const go = (to: string) =>
      isPath(to) ? zone.run(() => router.navigateByUrl(to, { replaceUrl: true })) : location.assign(to);
    const want = () => ({ ...wanted, currentUrl: router.url });
    const [, start, stop] = guarding({ client, navigate: go }, want, ({ action }) => action === "deny" && go("/"));
    const events = router.events.subscribe((event) => {
      if (ENDS.some((end) => event instanceof end) && !holds(router.routerState.snapshot.root, config)) leave();
    });
    const forget = end.onDestroy(() => leave());
    const leave = () => {
      stop();
      events.unsubscribe();
      forget();
    };
    shown.get(config)?.();
    shown.set(config, leave);
    if (globalThis.document) start();
    return true;
  };
}

/** How navigations end. */
const ENDS = [NavigationEnd, NavigationCancel, NavigationError];

const isPath = (to: string) => !/^\w+:/.test(to);

/** Where a navigation goes. */
const urlOf = (router: Router, where: RouterStateSnapshot | unknown): string => {
  const { url } = where as { url?: unknown };
  if (typeof url === "string") return url;
  const { currentNavigation } = router as { currentNavigation?: Router["currentNavigation"] };
  const going = currentNavigation ? currentNavigation() : router.getCurrentNavigation();
  return `${going?.extractedUrl ?? router.url}`;
};

const holds = (node: ActivatedRouteSnapshot, config: Route): boolean =>
  node.routeConfig === config || node.children.some((child) => holds(child, config));

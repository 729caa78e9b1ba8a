// Which page is shown: as much of a router as this app needs.
import { useSyncExternalStore } from "react";

const subscribe = (changed: () => void) => {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
};

export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname);

/** Goes to another page of this app. */
export function go(to: string): void {
  history.pushState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}

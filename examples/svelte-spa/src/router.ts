// Which page is shown: as much of a router as this app needs.
import { readable } from "svelte/store";

export const path = readable(location.pathname, (set) => {
  const update = () => set(location.pathname);
  addEventListener("popstate", update);
  return () => removeEventListener("popstate", update);
});

/** Goes to another page of this app. */
export function go(to: string): void {
  history.pushState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Makes links within this app go there without loading it anew. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest("a");
  if (!link || link.origin !== location.origin || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
}

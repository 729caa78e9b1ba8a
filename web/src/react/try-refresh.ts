// What a server renders that got an expired token: only the browser can refresh it.
import { type ReactNode, useEffect, useState } from "react";
import { attempt } from "../attempt.js";
import { useShared } from "./context.js";
import { useGuard } from "./guard.js";

/** A page that needs it again within this time has not got the token that it was rendered anew for. */
const SOON_MS = 10_000;
const KEY = "hallpass-refreshed";

export interface TryRefreshProps {
  /** Has the server render the page again, as a router's `refresh()` does. Default: the browser loads it anew. */
  onRefreshed?: () => void;
  /** Shown meanwhile. */
  fallback?: ReactNode;
  /** Shown when that is no use, with a way to try again. Default: nothing. */
  failed?: (error: unknown, again: () => void) => ReactNode;
}

/**
 * Refreshes the session and has the page rendered again; without a session it goes where people sign in. If the server still
 * asks for a refresh after that, the token does not reach it, and this fails instead of going on for ever.
 */
export function TryRefresh(props: TryRefreshProps): ReactNode {
  const { onRefreshed = () => location.reload(), fallback, failed } = props;
  const { client } = useShared();
  const { action } = useGuard({ validators: [] });
  const [{ error, round }, set] = useState<{ error?: unknown; round: number }>({ round: 0 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: what it is drawn with is no reason to start anew
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current = true;
    const fail = (error: unknown) => current && set({ error, round });
    const useless = new Error("the refreshed token does not reach the server");
    const run = async () => {
      if (!round && wasRefreshed(client.now())) throw useless;
      if (!(await client.refresh())) throw new Error("no session");
      if (!current) return;
      attempt(() => sessionStorage.setItem(KEY, `${client.now()}`));
      timer = setTimeout(fail, SOON_MS, useless);
      onRefreshed();
    };
    run().catch(fail);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, round]);

  return error && action !== "redirect" ? failed?.(error, () => set({ round: round + 1 })) : fallback;
}

/** Whether another load of this page has just done it. */
const wasRefreshed = (now: number): boolean => now - Number(attempt(() => sessionStorage.getItem(KEY))) < SOON_MS;

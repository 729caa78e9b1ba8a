// What a guard does over time, for frameworks that are told of changes: the decision is `decide`'s. Here it is put off until
// what is wanting has been fetched, taken anew when something changes, and acted on.
import { type Decision, decide, type Guard } from "./decide.js";
import type { ClaimValidator, SessionClient, Snapshot } from "./types.js";

/** How an app signs people in, and moves from page to page. */
export interface Surroundings {
  /** Where people sign in: a path or an address. Without one, those without a session are denied. */
  loginUrl?: string | undefined;
  /** Goes to another page in place of this one, as a router does. Default: the browser loads it. */
  navigate?: ((to: string) => unknown) | undefined;
  /** Which claims guarded pages want that do not say so themselves. */
  validators?: readonly ClaimValidator[] | undefined;
}

export interface GuardOptions extends Omit<Guard, "now"> {
  /**
   * Called when the session ends here because the server said so, in place of going to sign in. Those who sign out are sent
   * there all the same, without a way back.
   */
  onExpired?: (() => void) | undefined;
}

/** What to do, and beyond that: the session has ended, and `onExpired` says what happens next. */
export type Guarded = Decision | { action: "expired" };

const page = globalThis.document as (Document & { prerendering?: boolean }) | undefined;

/**
 * Asks whether there is a session: on a page that the browser prepares ahead not before it is shown, and never while a server
 * renders.
 */
export const ready = async <P extends object>(client: SessionClient<P>): Promise<Snapshot<P>> => {
  if (page?.prerendering) await new Promise((shown) => page.addEventListener("prerenderingchange", shown));
  return page ? client.ready() : client.initial;
};

/**
 * A guard that lasts from `start` to `stop`; `look` has it decide. It asks `want` what it wants, and `show`s what that means.
 * Before it is started it shows what a server may have rendered. Before anybody is turned away, claims that are wanting are
 * fetched, and an expired token is refreshed.
 */
export function guarding(
  client: SessionClient,
  want: () => GuardOptions & Omit<Surroundings, keyof GuardOptions>,
  show: (result: Guarded) => void,
) {
  /** While it runs: how that ends. */
  let ends: (() => void)[] = [];
  let started = false;
  /** How the session ended here. */
  let over: "left" | "lost" | undefined;
  /** What has been looked at more closely. */
  let checked: string | undefined;
  /** What is looked at, and where this guard went last. */
  let asked: string | undefined;
  let last: string | undefined;

  const look = () => {
    const { currentUrl = globalThis.location?.href, onExpired, navigate = load, ...guard } = want();
    const { require = true, validators = [] } = guard;
    const snapshot = started ? client.snapshot() : client.initial;
    const now = client.now();
    // Whoever leaves wants no way back.
    const back = over === "left" ? undefined : currentUrl;
    let result: Guarded = decide(snapshot, { ...guard, currentUrl: back, now } as Guard);
    const failed = "error" in result ? result.error : undefined;
    const key = `${snapshot.userId} ${failed?.id} ${validators.map(({ id }) => id)}`;
    if (snapshot.userId === undefined) {
      if (over === "lost" && onExpired && require) result = { action: "expired" };
    } else {
      over = undefined;
      // What a server rendered is shown until it has been looked at.
      const expired = started && require && snapshot.status === "authenticated" && snapshot.expiresAt <= now;
      if (checked !== key && (failed || expired)) result = { action: "wait" };
    }
    show(result);
    if (!ends[0]) return;
    if (asked !== key) {
      asked = key;
      const done = () => {
        if (asked !== key) return;
        checked = key;
        look();
      };
      const isThere = (now: Snapshot) => (now.userId && failed ? client.claims.validate(validators) : undefined);
      ready(client).then(isThere).then(done, done);
    }
    const to = "to" in result ? result.to : undefined;
    if (to && to !== last) navigate(to);
    last = to;
  };

  return {
    look,
    start() {
      if (ends[0]) return;
      started = true;
      ends = [
        // In a moment: how it ended is told after that it has.
        client.subscribe(() => queueMicrotask(() => ends[0] && look())),
        client.on("*", (event) => {
          if (event.type === "SIGN_OUT" && event.origin === "local") over = "left";
          if (event.type !== "UNAUTHORISED" || !event.sessionExpiredOrRevoked) return;
          over = "lost";
          want().onExpired?.();
        }),
      ];
      look();
    },
    stop() {
      for (const end of ends) end();
      ends = [];
      asked = checked = last = over = undefined;
    },
  };
}

const load = (to: string): void => location.replace(to);

/**
 * A guard before a page: decides as soon as it is known, and waits as long as it is not. Where a server renders it waits for
 * nothing: there that is the browser's to decide.
 */
export const admit = (client: SessionClient, guard: Omit<Guard, "now">): Promise<Decision> =>
  new Promise((decided) => {
    const { look, start, stop } = guarding(
      client,
      () => ({ ...guard, navigate: () => undefined }),
      (result) => {
        if (page && result.action === "wait") return;
        stop();
        decided(result as Decision);
      },
    );
    (page ? start : look)();
  });

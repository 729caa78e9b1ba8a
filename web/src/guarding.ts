// What a guard does over time, for frameworks that are told of changes: the decision is `decide`'s. Here it is taken anew when
// something changes, and acted on: what it asks is asked, and where it leads one goes.
import { type Decision, decide, type Guard, type GuardOptions, type Watched } from "./decide.js";
import type { ClaimValidator, SessionClient, SessionEvent } from "./types.js";

/** How an app signs people in, and moves from page to page. */
export interface Surroundings {
  /** Where people sign in: a path or an address. Without one, those without a session are denied. */
  loginUrl?: string | undefined;
  /** Goes to another page in place of this one, as a router does. Default: the browser loads it. */
  navigate?: ((to: string) => unknown) | undefined;
  /** Which claims guarded pages want that do not say so themselves. */
  validators?: readonly ClaimValidator[] | undefined;
}

/**
 * A guard that lasts from `start` to `stop`; `look` has it decide. It asks `want` what it wants, and `show`s what that means.
 * Before it is started it shows what a server may have rendered. Before anybody is turned away, claims that are wanting are
 * fetched, and an expired token is refreshed.
 */
export function guarding(
  shared: { readonly client: SessionClient } & Surroundings,
  want: () => GuardOptions,
  show: (result: Watched) => void,
) {
  const { client } = shared;
  let snapshot = client.initial;
  /** While it runs: how that ends. */
  let ends: (() => void)[] = [];
  let heard: SessionEvent | undefined;
  let asked: string | undefined;
  let answered: string | undefined;
  /** Where this guard went last. */
  let last: string | undefined;

  const look = () => {
    // What has been stopped keeps what it knew.
    if (ends[0]) snapshot = client.snapshot();
    const result = decide(snapshot, want(), { shared, heard, answered });
    const { to, question, wanting } = result;
    show(result);
    if (!ends[0]) return;
    if (asked !== question) {
      asked = question;
      const done = () => {
        if (asked !== question) return;
        answered = question;
        look();
      };
      client
        .ready()
        .then(() => wanting && client.claims.validate(wanting))
        .then(done, done);
    }
    if (to && to !== last) {
      if (shared.navigate) shared.navigate(to);
      else location.replace(to);
    }
    last = to;
  };
  const stop = () => {
    for (const end of ends) end();
    ends = [];
    asked = answered = last = heard = undefined;
  };
  const start = () => {
    if (ends[0]) return;
    ends = [
      // In a moment: how it ended is told after that it has.
      client.subscribe(() => queueMicrotask(look)),
      client.on("*", (event) => {
        const { sessionExpiredOrRevoked: lost } = event as { sessionExpiredOrRevoked?: boolean };
        // Being told once more that there is no session is no news.
        if (lost !== false) heard = event;
        if (lost) want().onExpired?.();
      }),
    ];
    look();
  };
  return [look, start, stop] as const;
}

/**
 * A guard before a page: decides as soon as it is known, and waits as long as it is not. Where a server renders it waits for
 * nothing: there that is the browser's to decide.
 */
export const admit = async (client: SessionClient, guard: Omit<Guard, "now">): Promise<Decision & { to?: string }> =>
  globalThis.document
    ? new Promise((decided) => {
        const [, start, stop] = guarding(
          { client },
          () => guard as GuardOptions,
          (result) => {
            if (result.action === "wait") return;
            stop();
            decided(result as Decision);
          },
        );
        start();
      })
    : decide(client.initial, guard);

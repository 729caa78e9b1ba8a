// A client that knows what it is told.
import { claimChecks } from "../claim-check.js";
import { type Payload, type SessionClient, SessionError, type SessionEvent, type Snapshot } from "../types.js";

/** A client whose session a test decides. */
export interface FakeSession<P extends object = Payload> extends SessionClient<P> {
  /** Changes what is known, and tells who listens. */
  set(snapshot: Snapshot<P>): void;
  /** Makes an event happen. */
  emit(event: SessionEvent): void;
}

/** What a test says of a session, at least. */
export type Given<P extends object> =
  | { status: "loading" | "unauthenticated" }
  | { status?: "authenticated" | "unknown"; userId: string; payload?: P; expiresAt?: number; accessToken?: string };

const snapshotOf = <P extends object>(given: Given<P>): Snapshot<P> =>
  "userId" in given
    ? {
        status: given.status ?? "authenticated",
        userId: given.userId,
        payload: given.payload ?? ({} as P),
        expiresAt: given.expiresAt ?? Date.now() + 3_600_000,
      }
    : given;

/**
 * A session without a server. It signs out when it is told to, and else stays as it is.
 *
 * @param fetch what its `fetch` does. Default: the page's own.
 */
export function fakeSession<P extends object = Payload>(
  given: Given<P> = { status: "unauthenticated" },
  fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call),
): FakeSession<P> {
  const initial = snapshotOf(given);
  let snapshot = initial;
  const handlers = new Set<(type: string, event: SessionEvent | undefined) => void>();

  const on = (wanted: string, handler: (event: never) => void) => {
    const own = (type: string, event: unknown) => {
      if (wanted === type || (type && wanted === "*")) handler(event as never);
    };
    handlers.add(own);
    return () => void handlers.delete(own);
  };
  const tell = (type: string, event?: SessionEvent) => {
    for (const handler of [...handlers]) handler(type, event);
  };
  const present = () => {
    if (snapshot.userId === undefined) throw new SessionError("no-session");
    return snapshot;
  };

  const client: FakeSession<P> = {
    initial,
    fetch,
    now: () => Date.now(),
    snapshot: () => snapshot,
    subscribe: (changed) => on("", changed),
    on,
    ready: async () => snapshot,
    exists: async () => snapshot.userId !== undefined,
    userId: async () => present().userId,
    payload: async () => present().payload,
    accessToken: async () => ("accessToken" in given && snapshot.userId !== undefined ? given.accessToken : undefined),
    refresh: async () => snapshot.userId !== undefined,
    async signOut() {
      client.set({ status: "unauthenticated" });
      client.emit({ type: "SIGN_OUT", origin: "local" });
    },
    claims: {
      validate: async (...asked) => checks.validate(...asked),
      value: async (...asked) => checks.value(...asked),
      invalidFrom: async (answer) => checks.invalidFrom(answer),
    },
    doctor: async () => ({ ok: true, findings: [] }),
    exchange: () => undefined,
    destroy: () => handlers.clear(),
    set(next) {
      snapshot = next;
      tell("");
    },
    emit: (event) => tell(event.type, event),
  };
  const checks = claimChecks(client, (_, critical) => critical(), "");
  return client;
}

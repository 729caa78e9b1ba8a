// The session as components and services see it. Without decorators, so that it needs no compiler.
import { computed, type NgZone, type Signal, signal } from "@angular/core";
import { Observable } from "rxjs";
import type { GuardOptions } from "../decide.js";
import type { Claim, Payload, SessionClient, Snapshot } from "../types.js";

/**
 * What is known about the session. `provideSession` makes one.
 *
 * # Security
 * It decides what is shown. What is allowed the server decides.
 */
export class SessionService<P extends object = Payload> {
  readonly snapshot: Signal<Snapshot<P>>;
  readonly status: Signal<Snapshot["status"]>;
  /** Undefined without a session, as the payload. */
  readonly userId: Signal<string | undefined>;
  readonly payload: Signal<P | undefined>;
  /** What is known, and whatever is known next. */
  readonly session$: Observable<Snapshot<P>>;
  /** Follows the session: what was known until now may have been rendered by a server. @internal */
  follow: () => void;

  /** @param usual what guards do that do not say otherwise. */
  constructor(
    readonly client: SessionClient<P>,
    readonly usual: Pick<GuardOptions, "loginUrl" | "validators">,
    zone: NgZone,
  ) {
    const snapshot = signal(client.initial);
    this.snapshot = snapshot.asReadonly();
    this.status = computed(() => snapshot().status);
    this.userId = computed(() => snapshot().userId);
    this.payload = computed(() => snapshot().payload);
    this.session$ = new Observable((listener) => {
      const tell = () => zone.run(() => listener.next(client.snapshot()));
      tell();
      return client.subscribe(tell);
    });
    this.follow = () => {
      this.follow = () => undefined;
      this.session$.subscribe((next) => snapshot.set(next));
      if (globalThis.document) void client.ready();
    };
  }

  /** The value of a claim in the access token; undefined also as long as it is not known. */
  claim<T>(claim: Claim<T>): Signal<T | undefined> {
    return computed(() => {
      const payload = this.payload() as Payload | undefined;
      return payload && claim.getValueFromPayload(payload, this.client);
    });
  }

  /** Ends this session on the server and here; see {@link SessionClient.signOut}. */
  signOut(...options: Parameters<SessionClient["signOut"]>): Promise<void> {
    return this.client.signOut(...options);
  }
}

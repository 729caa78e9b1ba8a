// How an app gets a session.
import {
  APP_BOOTSTRAP_LISTENER,
  type EnvironmentProviders,
  inject,
  makeEnvironmentProviders,
  NgZone,
} from "@angular/core";
import type { GuardOptions } from "../decide.js";
import { createSession } from "../session.js";
import type { Payload, SessionClient, SessionOptions } from "../types.js";
import { SessionService } from "./service.js";

/**
 * For the app's providers: `provideSession({ api: "/auth" }, { loginUrl: "/login" })`; `validators` are for guards that
 * name none themselves. A server that renders for several
 * users needs options, not a client: each app then has one of its own.
 */
export function provideSession<P extends object = Payload>(
  given: SessionClient<P> | SessionOptions<P>,
  usual: Pick<GuardOptions, "loginUrl" | "validators"> = {},
): EnvironmentProviders {
  const client = () => ("subscribe" in given ? given : createSession(given));
  return makeEnvironmentProviders([
    { provide: SessionService, useFactory: () => new SessionService(client(), usual, inject(NgZone)) },
    {
      provide: APP_BOOTSTRAP_LISTENER,
      multi: true,
      useFactory: () => {
        const session = inject(SessionService);
        return () => session.follow();
      },
    },
  ]);
}

// What the components of an app share: the client, what is known of the session, and how this app moves from page to page.
import { type App, type InjectionKey, inject, type ShallowRef, shallowRef } from "vue";
import type { Surroundings } from "../guarding.js";
import type { Payload, SessionClient, Snapshot } from "../types.js";

export interface Shared extends Surroundings {
  client: SessionClient;
  snapshot: Readonly<ShallowRef<Snapshot>>;
}

const KEY: InjectionKey<Shared> = Symbol();

/** @throws if the plugin is not installed. */
export const useShared = (): Shared =>
  inject(
    KEY,
    () => {
      throw new Error("createSessionPlugin is not used");
    },
    true,
  );

/**
 * A plugin that hands a client to all components:
 * `app.use(createSessionPlugin(client, { loginUrl: "/login", navigate: (to) => router.replace(to) }))`.
 */
export function createSessionPlugin<P extends object = Payload>(
  client: SessionClient<P>,
  surroundings: Surroundings = {},
): (app: App) => void {
  return (app) => {
    const snapshot = shallowRef(client.initial);
    // What a payload is called is between the app and its components.
    app.provide(KEY, { ...surroundings, client, snapshot } as unknown as Shared);
    const mount = app.mount;
    app.mount = (...where) => {
      // Until now it is as a server may have rendered it.
      const root = mount(...where);
      const update = () => {
        snapshot.value = client.snapshot();
      };
      client.subscribe(update);
      update();
      void client.ready();
      return root;
    };
  };
}

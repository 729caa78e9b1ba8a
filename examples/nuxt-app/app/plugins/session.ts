import { sessionPlugin } from "hallpass/nuxt";
import { installFetch } from "hallpass/install";
import { defineElements } from "hallpass/ui";

const CHANGES = new Set(["UNAUTHORISED", "ACCESS_TOKEN_PAYLOAD_UPDATED"]);
const OTHERS = new Set(["SESSION_CREATED", "USER_CHANGED", "SIGN_OUT"]);

/** `$session`; in the browser it also refreshes what Nuxt fetches by itself, and the elements of hallpass/ui show it. */
export default defineNuxtPlugin((nuxt) => {
  const plugin = sessionPlugin()(nuxt);
  const { session } = plugin.provide;
  if (import.meta.client) {
    const router = useRouter();
    installFetch(session);
    defineElements(session, { loginUrl: "/login", navigate: navigateTo });
    // The page is guarded anew; if it is not to be seen any more, that is where it is said.
    const again = () => router.replace({ path: router.currentRoute.value.fullPath, force: true }).catch(() => {});
    session.on("*", ({ type, origin }) => {
      // The session is over or says something else, or another tab has signed in or out.
      if (CHANGES.has(type) || (origin === "remote-tab" && OTHERS.has(type))) again();
    });
    // What the server could not tell.
    if (session.initial.status === "loading") nuxt.hooks.hookOnce("app:suspense:resolve", () => session.ready().then(again));
  }
  return plugin;
});

import { sessionPlugin } from "hallpass/nuxt";
import { installFetch } from "hallpass/install";
import { defineElements } from "hallpass/ui";

const OTHERS = new Set(["SESSION_CREATED", "USER_CHANGED", "SIGN_OUT"]);

/** `$session`; in the browser it also refreshes what Nuxt fetches by itself, and the elements of hallpass/ui show it. */
export default defineNuxtPlugin((nuxt) => {
  const plugin = sessionPlugin()(nuxt);
  const { session } = plugin.provide;
  if (import.meta.client) {
    const router = useRouter();
    installFetch(session);
    defineElements(session, { loginUrl: "/login", navigate: navigateTo });
    session.on("*", ({ type, origin }) => {
      // The session is over, or another tab has signed in or out: the page is guarded anew.
      if (type === "UNAUTHORISED" || (origin === "remote-tab" && OTHERS.has(type)))
        router.replace({ path: router.currentRoute.value.fullPath, force: true });
    });
  }
  return plugin;
});

import { sessionPlugin } from "hallpass/nuxt";
import { installFetch } from "hallpass/install";

/** `$session`; in the browser it also refreshes what Nuxt fetches by itself. */
export default defineNuxtPlugin((nuxt) => {
  const plugin = sessionPlugin()(nuxt);
  if (import.meta.client) installFetch(plugin.provide.session);
  return plugin;
});

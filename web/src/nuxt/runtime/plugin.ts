// `$session`. In the browser it also refreshes what Nuxt fetches by itself, and pages are guarded anew when it changes.

import type { Plugin } from "nuxt/app";
import { defineNuxtPlugin, useRouter, useRuntimeConfig } from "#imports";
import { installFetch } from "../../install.js";
import type { SessionClient } from "../../types.js";
import { sessionPlugin } from "../index.js";

const CHANGES = new Set(["UNAUTHORISED", "ACCESS_TOKEN_PAYLOAD_UPDATED"]);
const OTHERS = new Set(["SESSION_CREATED", "USER_CHANGED", "SIGN_OUT"]);

const plugin: Plugin<{ session: SessionClient }> = defineNuxtPlugin((nuxt) => {
  const { path } = useRuntimeConfig().public.hallpass;
  const router = useRouter();
  const plugin = sessionPlugin({ api: path })(nuxt);
  const { session } = plugin.provide;
  if (typeof window !== "undefined") {
    installFetch(session);
    // If the page is not to be seen any more, that is where it is said.
    const again = () => router.replace({ path: router.currentRoute.value.fullPath, force: true }).catch(() => {});
    session.on("*", ({ type, origin }) => {
      // The session is over or says something else, or another tab has signed in or out.
      if (CHANGES.has(type) || (origin === "remote-tab" && OTHERS.has(type))) again();
    });
    // What the server could not tell.
    if (session.initial.status === "loading")
      nuxt.hooks.hookOnce("app:suspense:resolve", () => session.ready().then(again));
  }
  return plugin;
});

export default plugin;

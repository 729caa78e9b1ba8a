import { defineElements } from "hallpass/ui";

/** The elements of hallpass/ui show the session. */
export default defineNuxtPlugin(() => {
  defineElements(useNuxtApp().$session, { loginUrl: "/login", navigate: navigateTo });
});

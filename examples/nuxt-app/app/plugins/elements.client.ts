import { defineElements } from "hallpass/ui";

/** The elements of hallpass/ui show the session. */
export default defineNuxtPlugin(({ $session }) => defineElements($session, { loginUrl: "/login", navigate: navigateTo }));

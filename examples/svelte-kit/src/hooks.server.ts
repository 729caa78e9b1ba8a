import { sessionHandle } from "hallpass/sveltekit";
import { sessions } from "$lib/server/sessions";

/** Knows who asks, and refreshes on the way. Guards are in the pages. */
export const handle = sessionHandle(sessions);

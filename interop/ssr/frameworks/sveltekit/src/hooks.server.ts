import { sessionHandle } from "hallpass/sveltekit";
import { config } from "$lib/sessions.server";

export const handle = sessionHandle(config);

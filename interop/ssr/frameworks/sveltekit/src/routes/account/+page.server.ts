import { guardLoad } from "hallpass/sveltekit";
import { config } from "$lib/sessions.server";
import type { PageServerLoad } from "./$types";

const signedIn = guardLoad(config, { loginUrl: "/login" });

export const load: PageServerLoad = async (event) => ({ session: (await signedIn(event)).snapshot });

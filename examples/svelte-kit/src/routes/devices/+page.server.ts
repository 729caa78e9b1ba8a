import { guardLoad } from "hallpass/sveltekit";
import { sessions } from "$lib/server/sessions";
import { LOGIN } from "$lib/session";
import type { PageServerLoad } from "./$types";

const signedIn = guardLoad(sessions, { loginUrl: LOGIN });

export const load: PageServerLoad = async (event) => void (await signedIn(event));

import { guardLoad } from "hallpass/sveltekit";
import { sessions } from "$lib/server/sessions";
import { LOGIN } from "$lib/session";
import { staff } from "$lib/staff";
import type { PageServerLoad } from "./$types";

/** Others are told that they may not see it. */
const staffOnly = guardLoad(sessions, { loginUrl: LOGIN, validators: [staff] });

export const load: PageServerLoad = async (event) => ({ user: (await staffOnly(event)).userId });

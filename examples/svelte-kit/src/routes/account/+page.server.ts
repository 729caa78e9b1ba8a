import { guardLoad, requireServerSession } from "hallpass/sveltekit";
import { sessions } from "$lib/server/sessions";
import { LOGIN } from "$lib/session";
import type { Actions, PageServerLoad } from "./$types";

const signedIn = guardLoad(sessions, { loginUrl: LOGIN });

/** Nobody is known as long as the client has to refresh. */
export const load: PageServerLoad = async (event) => ({ user: (await signedIn(event)).userId });

export const actions: Actions = {
  async note(event) {
    const session = await requireServerSession(event, sessions);
    return { user: session.userId, note: (await event.request.formData()).get("note") };
  },
};

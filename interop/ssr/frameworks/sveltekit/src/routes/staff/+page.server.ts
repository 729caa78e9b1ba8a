import type { ClaimValidator } from "hallpass";
import { guardLoad } from "hallpass/sveltekit";
import { config } from "$lib/sessions.server";
import type { PageServerLoad } from "./$types";

const staff: ClaimValidator = {
  id: "staff",
  refresh() {},
  shouldRefresh: () => false,
  validate: (payload) => (payload["staff"] === true ? { isValid: true } : { isValid: false }),
};
const staffOnly = guardLoad(config, { loginUrl: "/login", validators: [staff] });

export const load: PageServerLoad = async (event) => ({ session: (await staffOnly(event)).snapshot });

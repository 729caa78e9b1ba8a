import type { ClaimValidator } from "hallpass";

/** Staff only, as the API says in the session. */
export const staff: ClaimValidator = {
  id: "staff",
  refresh() {},
  shouldRefresh: () => false,
  validate: (payload) => (payload["staff"] === true ? { isValid: true } : { isValid: false, reason: "not staff" }),
};

// The session of this app: one client, made once.
// ANCHOR: client
import { type ClaimValidator, createSession } from "hallpass";

/** What the server puts into access tokens beside what is always there. */
export interface Claims {
  staff: boolean;
  greeting: string;
}

export const LOGIN = "/sign-in";

export const session = createSession<Claims>({ api: "/auth" });
// ANCHOR_END: client

/** Lets staff see a page. The server decides by the same claim who gets what is on it. */
export const isStaff: ClaimValidator = {
  id: "staff",
  refresh() {},
  shouldRefresh: () => false,
  validate: (payload) => (payload["staff"] === true ? { isValid: true } : { isValid: false }),
};

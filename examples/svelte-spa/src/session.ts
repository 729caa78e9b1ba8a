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
  validate: (payload) => (payload.staff === true ? { isValid: true } : { isValid: false }),
};

// ANCHOR: sign-in
/** Signs in: through the session, so that it sees the tokens in the answer. */
export async function signIn(user: string): Promise<void> {
  const body = new URLSearchParams({ user });
  const answer = await session.fetch("/api/login", { method: "POST", body });
  if (!answer.ok) throw new Error(await answer.text());
}
// ANCHOR_END: sign-in

/** What the server answers to a request with the session. */
export const ask = async (url: string): Promise<string> => (await session.fetch(url)).text();

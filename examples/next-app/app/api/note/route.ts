import { withSession } from "hallpass/next";
import { sessions } from "../../../lib/server";

export const POST = withSession(sessions, async (request, { session }) =>
  Response.json({ user: session.userId, note: await request.text() }),
);

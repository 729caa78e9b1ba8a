import { requireServerSession } from "hallpass/nuxt";

export default defineEventHandler(async (event) => {
  const session = await requireServerSession(event, sessions);
  return { user: session.userId, note: await readRawBody(event) };
});

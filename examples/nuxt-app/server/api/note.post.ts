export default defineEventHandler(async (event) => {
  const session = await requireServerSession(event);
  return { user: session.userId, note: await readRawBody(event) };
});

import { requireServerSession } from "hallpass/remix";
import { config } from "../config.server";
import type { Route } from "./+types/note";

export async function action({ request }: Route.ActionArgs) {
  const { userId } = await requireServerSession(request, config);
  return Response.json({ user: userId, note: await request.text() });
}

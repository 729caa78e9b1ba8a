import { passOn } from "$lib/server/pass-on";
import type { RequestHandler } from "./$types";

export const POST: RequestHandler = ({ request }) => passOn(request, "/login");

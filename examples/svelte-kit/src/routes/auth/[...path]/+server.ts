import { passOn } from "$lib/server/pass-on";
import type { RequestHandler } from "./$types";

export const fallback: RequestHandler = ({ request, url }) => passOn(request, url.pathname + url.search);

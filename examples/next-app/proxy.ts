import { middleware } from "hallpass/next";
import { sessions } from "./lib/server";

export const proxy = middleware(sessions);

// Pages, and the one path of the API that is answered here.
export const config = { matcher: ["/((?!_next/|auth/(?!session/refresh/hop)|sign-in).*)"] };

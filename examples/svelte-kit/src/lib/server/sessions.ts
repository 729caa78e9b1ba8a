// What this server knows of sessions.
import type { ServerConfig } from "hallpass/sveltekit";
import { env } from "$env/dynamic/private";

/** Where the API is, as this server reaches it. */
export const api = env.API ?? "http://localhost:3000";

export const sessions: ServerConfig = { api: `${api}/auth`, expired: "hop" };

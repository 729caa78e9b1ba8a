import type { ServerConfig } from "hallpass/nuxt";

/** Where the API is, as this server reaches it. */
export const api = process.env.API ?? "http://localhost:3000";

export const sessions: ServerConfig = { api: `${api}/auth`, expired: "hop" };

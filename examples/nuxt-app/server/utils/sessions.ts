import type { ServerConfig } from "hallpass/nuxt";

/** Where the API is, as this server reaches it. */
export const { api } = useRuntimeConfig();

export const sessions: ServerConfig = { api: `${api}/auth`, expired: "hop" };

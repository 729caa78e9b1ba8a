import type { ServerConfig } from "hallpass/ssr";

export const config: ServerConfig = { api: `${process.env.API}/auth`, expired: "hop" };

import type { ServerConfig } from "hallpass/sveltekit";
import { env } from "$env/dynamic/private";

export const config: ServerConfig = { api: `${env.API}/auth`, expired: "hop" };

// What this server knows of sessions.
import type { ServerConfig } from "hallpass/next";

export const sessions: ServerConfig = { api: `${process.env.API ?? "http://localhost:3000"}/auth`, expired: "hop" };

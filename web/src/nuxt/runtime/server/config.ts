import { useRuntimeConfig as runtimeConfig } from "#imports";
import type { ServerConfig } from "../../index.js";

/** Where the API's session routes are, as this server reaches them. */
export function serverConfig(): ServerConfig {
  const { api, path, expired } = runtimeConfig().hallpass;
  return { api: `${api}${path}`, expired };
}

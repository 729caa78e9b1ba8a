import { useRuntimeConfig as runtimeConfig } from "#imports";
import type { ServerConfig } from "../../index.js";

/** Where the API's session routes are, as this server reaches them. */
export function serverConfig(): ServerConfig {
  const { path, expired } = runtimeConfig().hallpass;
  return { api: atApi(path), expired };
}

/** Where a path of the API is. */
export const atApi = (path: string): string => runtimeConfig().hallpass.api.replace(/\/+$/, "") + path;

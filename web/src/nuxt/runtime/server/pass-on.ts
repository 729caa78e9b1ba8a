// Browsers see one host: the API answers below its path.
import { defineEventHandler, proxyRequest, useRuntimeConfig } from "#imports";

const handler: unknown = defineEventHandler((event) =>
  proxyRequest(event, useRuntimeConfig().hallpass.api + event.path),
);

export default handler;

// Browsers see one host: the API answers below its path.
import { defineEventHandler, proxyRequest } from "#imports";
import { atApi } from "./config.js";

const handler: unknown = defineEventHandler((event) => proxyRequest(event, atApi(event.path)));

export default handler;

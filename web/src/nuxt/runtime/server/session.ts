// Who asks, in `event.context.session`; refreshed on the way.
import { defineEventHandler } from "#imports";
import { sessionHandler } from "../../index.js";
import { serverConfig } from "./config.js";

const handler: unknown = defineEventHandler((event) => sessionHandler(serverConfig())(event));

export default handler;

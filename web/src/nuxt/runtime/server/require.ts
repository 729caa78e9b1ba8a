import type { Guard } from "../../../decide.js";
import type { ValidSession } from "../../../ssr/guard.js";
import type { Payload } from "../../../types.js";
import { requireServerSession as require, type ServerEvent } from "../../index.js";
import { serverConfig } from "./config.js";

/** For API routes: who calls. As `requireServerSession` of `hallpass/nuxt`, with the module's configuration. */
export const requireServerSession = <P extends object = Payload>(
  event: ServerEvent,
  guard?: Pick<Guard, "validators">,
): Promise<ValidSession<P>> => require<P>(event, serverConfig(), guard);

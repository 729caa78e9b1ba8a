// Sessions in pages that a server renders: on `Request` and `Response`, with WebCrypto, anywhere.
export type { PageRequest, ServerConfig } from "./config.js";
export { handleRefresh, refreshRedirect } from "./hop.js";
export { markPrivate, serializeSnapshot } from "./page.js";
export { getServerSession, type ServerSession } from "./session.js";

export { installFetch } from "./install.js";
export { createSession } from "./session.js";
export * from "./types.js";

export { createSession } from "./session.js";
export * from "./types.js";

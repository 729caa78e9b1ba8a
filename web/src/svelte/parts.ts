// What the component next to it is made of.
export { guarding } from "../guarding.js";
export { getShared } from "./store.js";

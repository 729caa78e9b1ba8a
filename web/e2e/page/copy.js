// A second copy of the package, as a page has it when two of its scripts were built apart.
export { createSession } from "hallpass";
export { installFetch } from "hallpass/install";
export { installXhr } from "hallpass/xhr";

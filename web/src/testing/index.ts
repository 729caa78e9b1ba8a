// A session without a server, for tests of what an app does with one.

export { FakeServer, type Script } from "./fake-server.js";
export { type FakeSession, fakeSession } from "./fake-session.js";

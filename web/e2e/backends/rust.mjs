// The server that the Rust SDK makes. Its clock moves when it is told to.
import { App, HOUR, MINUTE } from "../../../interop/web/harness/app.mjs";

const page = new URL("../dist", import.meta.url).pathname;

export const RUST = {
  name: "Rust backend",

  async with({ antiCsrf, origin, more }, gate, story) {
    await App.with({ antiCsrf, more, origin, page }, async (app) => {
      gate.upstream = app.network.port;
      await story({
        app,
        events: (user) => app.events(user),
        /** Whether a user has a session, of one that was made. */
        lives: async (user) =>
          !(await app.events(user)).some((event) => ["session.revoked", "refresh.reuse"].includes(event)),
        /** Until a token that was replaced is good for nothing any more. */
        settle: async (user) => {
          await app.confirmed(user);
          await app.advance(MINUTE);
        },
        confirmed: (user) => app.confirmed(user),
        /** Lets all access tokens of today expire. */
        expire: () => app.advance(HOUR),
        /** The statuses of all refreshes that it was asked for. */
        refreshes: () => app.refreshes(),
      });
    });
  },
};

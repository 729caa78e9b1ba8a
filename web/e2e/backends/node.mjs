// The Node SDK on `hallpass serve`. Nobody moves their clocks: tokens live for seconds, and stories wait for their end.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Server } from "../../../interop/node/harness/server.mjs";

const script = new URL("node.cjs", import.meta.url).pathname;
const modules = new URL("../../../interop/node/node_modules", import.meta.url).pathname;
/** Seconds. */
const VALIDITY = 4;

export const NODE = {
  name: "Node backend",

  async with({ antiCsrf }, gate, story) {
    const core = await Server.start({ flags: ["--access-token-validity", `${VALIDITY}`, "--access-token-validity-jitter", "0"] });
    const argument = JSON.stringify({ origin: gate.at("localhost"), core: core.origin, antiCsrf });
    const env = { ...process.env, NODE_PATH: modules };
    const backend = spawn(process.execPath, [script, argument], { stdio: ["pipe", "pipe", "inherit"], env });
    const exited = new Promise((done) => backend.once("exit", done));
    try {
      const lines = createInterface({ input: backend.stdout });
      gate.upstream = Number(await Promise.race([new Promise((done) => lines.once("line", done)), exited]));
      assert.ok(gate.upstream, "the Node backend did not start");
      await story(parts(gate));
    } finally {
      backend.stdin.end();
      await exited;
      await core.stop();
    }
  },
};

const parts = (gate) => ({
  /** Waits until all access tokens of now have expired. */
  expire: () => new Promise((done) => setTimeout(done, (VALIDITY + 1) * 1000)),
  /** It keeps no count of its own. */
  refreshes: async () => gate.passedRefreshes(),
  /** Whether a user has a session. */
  lives: async (user) => (await (await fetch(`http://127.0.0.1:${gate.upstream}/sessions?user=${user}`)).json()).length > 0,
  /** What the administrator says. */
  say: (facts) =>
    fetch(`http://127.0.0.1:${gate.upstream}/say`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(facts) }),
});

// The example app behind a network, with its clock in the harness's hands.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Network } from "./network.mjs";

const root = new URL("../../../", import.meta.url).pathname;
const binary =
  process.env.HALLPASS_INTEROP_SERVER ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/hallpass-interop-web");
const dist = new URL("../dist/", import.meta.url).pathname;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export class App {
  log = "";

  /** Runs `story` on an app of its own. When it fails, the end of the server's log is part of the message. */
  static async with(options, story) {
    const app = await App.start(options);
    try {
      await story(app);
    } catch (error) {
      error.message += `\n\nthe end of the server's log:\n${app.log.slice(-4000)}`;
      await app.abandon();
      throw error;
    }
    await app.stop();
  }

  /** `antiCsrf: null` leaves the mode to the SDK; `origin`, if it is not the network's own; the folder `page`; `more` arguments. */
  static async start({ antiCsrf = "NONE", origin, page = dist, more = [] } = {}) {
    await access(binary).catch(() => {
      throw new Error(`there is no ${binary}: build it with \`cargo build -p hallpass-interop-web\``);
    });
    const app = new App();
    app.folder = await mkdtemp(join(tmpdir(), "hallpass-interop-"));
    app.network = await Network.open();
    app.origin = origin ?? `http://localhost:${app.network.port}`;
    const args = ["--origin", app.origin, "--page", page, "--database", join(app.folder, "sessions.db"), ...more];
    if (antiCsrf !== null) args.push("--anti-csrf", antiCsrf);
    app.process = spawn(binary, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, RUST_LOG: "trace" } });
    app.exited = new Promise((done) => app.process.once("exit", (code, signal) => done({ code, signal })));
    app.process.stderr.setEncoding("utf8").on("data", (text) => (app.log += text));
    const lines = createInterface({ input: app.process.stdout });
    const port = new Promise((done) => lines.once("line", done));
    app.network.upstream = Number(await Promise.race([port, app.exited]));
    if (app.network.upstream) return app;
    await app.abandon();
    throw new Error(`the server did not start:\n${app.log}`);
  }

  /** Ends everything, whatever state it is in. */
  async abandon() {
    this.process.kill("SIGKILL");
    await this.exited;
    await this.network.close();
    await rm(this.folder, { recursive: true });
  }

  /** Stops the server, which must still be alive, and looks through what it has written. */
  async stop() {
    assert.equal(this.process.exitCode, null, `the server died:\n${this.log}`);
    this.process.stdin.end(); // its sign to leave
    const { code } = await this.exited;
    const files = await Promise.all((await readdir(this.folder)).map((name) => readFile(join(this.folder, name))));
    await this.abandon();
    assert.equal(code, 0, this.log);
    assert(!this.log.includes("panicked"), this.log);
    assert(files.length > 0, "the sessions are in a file");
    for (const secret of this.network.secrets()) {
      assert(!this.log.includes(secret), "a log line holds a token or its hash");
      assert(!files.some((file) => file.includes(secret)), "a database file holds a token or its hash");
    }
  }

  async #control(method, path, given) {
    const sent = given && { body: JSON.stringify(given), headers: { "content-type": "application/json" } };
    const answer = await fetch(`http://127.0.0.1:${this.network.upstream}/test/${path}`, { method, ...sent });
    assert.equal(answer.status, 200, path);
    return answer.json();
  }

  /** Moves the server's clock. The browser's goes on as it will. */
  advance(ms) {
    return this.#control("POST", `clock?advance_ms=${ms}`);
  }

  /** The statuses of all refresh calls so far, in order. */
  refreshes() {
    return this.#control("GET", "refreshes");
  }

  /** The names of what happened to a user's sessions, oldest first. */
  events(user) {
    return this.#control("GET", `events?user=${encodeURIComponent(user)}`);
  }

  /** Changes what a user's sessions say. Clients get it with their next tokens. */
  change(user, payload) {
    return this.#control("POST", `payload?user=${encodeURIComponent(user)}`, payload);
  }

  /** Waits until the server knows that the newest refresh token of a user's only session is in use. */
  async confirmed(user) {
    for (const deadline = Date.now() + 10 * SECOND; Date.now() < deadline; await new Promise((done) => setTimeout(done, 20))) {
      if (await this.#control("GET", `confirmed?user=${encodeURIComponent(user)}`)) return;
    }
    throw new Error("the refresh token was not confirmed within ten seconds");
  }
}

// The server of the suite: a process of its own on a free port, with an app whose access tokens live for seconds. Its
// sessions are kept in itself or, where a test is about that, in a core of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = new URL("../../../", import.meta.url).pathname;
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug");
const pages = new URL("../dist/", import.meta.url).pathname;

export class Server {
  log = "";

  /** With `mode`, tokens travel that way only; with `website`, pages of that origin may call. */
  static async start({ mode, website, core = false, ...settings } = {}) {
    const server = new Server();
    const args = ["--port", "0", "--pages", pages, ...(website ? ["--website", website] : [])];
    if (core) args.push("--core", await server.#startCore());
    const port = await server.#run("website-server", args, { RUST_LOG: "info", ...(mode && { TRANSFER_METHOD: mode }) });
    server.origin = `http://localhost:${port}`;
    server.issuer = `http://0.0.0.0:${port}/auth`;
    await server.setUp(settings);
    return server;
  }

  async #startCore() {
    this.core = new Server();
    const args = ["serve", "--test-mode", "--listen", "127.0.0.1:0", "--database", "sqlite::memory:"];
    const said = await this.core.#run("hallpass", args, {});
    return said.match(/http:\S+/)[0];
  }

  /** Starts a program, and waits for its first line, which tells where it listens. */
  async #run(name, args, env) {
    const binary = join(built, name);
    await access(binary).catch(() => {
      throw new Error(`there is no ${binary}: build it with \`cargo build --bin ${name}\``);
    });
    this.process = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.exited = new Promise((done) => this.process.once("exit", done));
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    const lines = createInterface({ input: this.process.stdout });
    const line = await Promise.race([new Promise((done) => lines.once("line", done)), this.exited.then(() => undefined)]);
    if (!line) throw new Error(`${name} did not start:\n${this.log}`);
    return line;
  }

  async stop() {
    await this.core?.stop();
    const lived = this.process.exitCode === null;
    this.process.kill("SIGTERM");
    await this.exited;
    assert(lived && !this.log.includes("panicked"), `the server did not live through this:\n${this.log}`);
  }

  /** A new core app with access tokens that live `validity` seconds, and the SDK started anew on it. */
  async setUp({ validity = 3600, antiCsrf = false, jwt = false } = {}) {
    const app = await this.#post("/test/setup/app", { coreConfig: { access_token_validity: validity } });
    await this.#post("/test/setup/st", { coreUrl: app, enableAntiCsrf: antiCsrf, enableJWT: jwt });
    await this.#post("/beforeeach", {});
  }

  async #post(path, body) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(this.origin + path, init);
    const text = await answer.text();
    assert.equal(answer.status, 200, `${path}: ${text}`);
    return text;
  }

  async #count(name) {
    return Number(await (await fetch(this.origin + name)).text());
  }

  /** How many refreshes succeeded. */
  refreshes() {
    return this.#count("/refreshCalledTime");
  }

  /** How many were tried. */
  attempts() {
    return this.#count("/refreshAttemptedTime");
  }

  /** How many calls of the first page had a session. */
  visits() {
    return this.#count("/getSessionCalledTime");
  }
}

// The server of the suite: a process of its own on a free port, with an app whose access tokens live for seconds.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = new URL("../../../", import.meta.url).pathname;
const binary = process.env.WEBSITE_SERVER ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/website-server");
const pages = new URL("../dist/", import.meta.url).pathname;

export class Server {
  log = "";

  /** With `mode`, tokens travel that way only; with `website`, pages of that origin may call. */
  static async start({ mode, website, ...settings } = {}) {
    await access(binary).catch(() => {
      throw new Error(`there is no ${binary}: build it with \`cargo build -p website-server\``);
    });
    const server = new Server();
    const args = ["--port", "0", "--pages", pages, ...(website ? ["--website", website] : [])];
    const env = { ...process.env, RUST_LOG: "info", ...(mode && { TRANSFER_METHOD: mode }) };
    server.process = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env });
    server.exited = new Promise((done) => server.process.once("exit", done));
    server.process.stderr.setEncoding("utf8").on("data", (text) => (server.log += text));
    const lines = createInterface({ input: server.process.stdout });
    const port = await Promise.race([new Promise((done) => lines.once("line", done)), server.exited.then(() => undefined)]);
    if (!port) throw new Error(`the server did not start:\n${server.log}`);
    server.origin = `http://localhost:${port}`;
    server.issuer = `http://0.0.0.0:${port}/auth`;
    await server.setUp(settings);
    return server;
  }

  async stop() {
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

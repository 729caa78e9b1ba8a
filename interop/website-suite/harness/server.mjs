// The server of the suite: a process of its own on a free port, with an app whose access tokens live for seconds. Its
// sessions are kept in itself or, where a test is about that, in a core of its own.
import assert from "node:assert/strict";
import { Program } from "../../program.mjs";

const pages = new URL("../dist/", import.meta.url).pathname;

export class Server {
  #programs = [];

  /** With `mode`, tokens travel that way only; with `website`, pages of that origin may call. */
  static async start({ mode, website, core = false, ...settings } = {}) {
    const server = new Server();
    const args = ["--port", "0", "--pages", pages, ...(website ? ["--website", website] : [])];
    if (core) args.push("--core", (await server.#run(Program.core())).url);
    const { said: port } = await server.#run(Program.start("website-server", args, mode && { TRANSFER_METHOD: mode }));
    server.origin = `http://localhost:${port}`;
    server.issuer = `http://0.0.0.0:${port}/auth`;
    await server.setUp(settings);
    return server;
  }

  async #run(starting) {
    const program = await starting;
    this.#programs.unshift(program);
    return program;
  }

  async stop() {
    for (const program of this.#programs) await program.stop();
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

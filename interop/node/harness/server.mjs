// The server under test: a process of its own, in memory, on a free port.
import { spawn } from "node:child_process";
import { access, mkdtemp, open, readFile, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = new URL("../../../", import.meta.url).pathname;
const binary = process.env.HALLPASS_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/hallpass");

export class Server {
  static async start({ database = "sqlite::memory:", flags = [] } = {}) {
    await access(binary).catch(() => {
      throw new Error(`there is no ${binary}: build it with \`cargo build --bin hallpass\`, or set HALLPASS_BIN`);
    });
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), "hallpass-interop-"));
    server.port = await freePort();
    server.origin = `http://127.0.0.1:${server.port}`;
    server.database = database;
    process.once("exit", () => server.process.kill("SIGKILL"));
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
    try {
      await server.begin(flags);
    } catch (error) {
      await server.stop().catch((why) => (error.cause = why));
      throw error;
    }
    return server;
  }

  /** Begins, or begins again, at the same address and on the same database. */
  async begin(flags) {
    const log = await open(join(this.folder, "log"), "a");
    const args = ["serve", "--test-mode", "--listen", `127.0.0.1:${this.port}`, "--database", this.database, ...flags];
    this.process = spawn(binary, args, { stdio: ["ignore", log.fd, log.fd], cwd: this.folder, env: {} });
    this.exited = new Promise((done) => this.process.once("exit", done));
    await log.close();
    await this.#answers();
  }

  async #answers() {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) {
      if (this.process.exitCode !== null) throw new Error("the server ended before it listened");
      const answer = await fetch(`${this.origin}/hello`).catch(() => undefined);
      if (answer?.ok && (await answer.text()).startsWith("Hello")) return;
    }
    throw new Error("the server did not say Hello within twenty seconds");
  }

  /** What the server has written, or its end. */
  async log(length = 3000) {
    return (await readFile(join(this.folder, "log"), "utf8")).slice(-length);
  }

  /** Ends the process. Whether it was alive, and ended when it was asked to. */
  async end() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return false;
    this.process.kill("SIGTERM");
    const ended = await Promise.race([this.exited.then(() => true), sleep(10_000, false, { ref: false })]);
    if (!ended) {
      this.process.kill("SIGKILL");
      await this.exited;
    }
    return ended;
  }

  /** Ends the process for good, and looks through what it has written: there must be no panic, and none of these secrets. */
  async stop(secrets = []) {
    const ended = await this.end();
    const log = await this.log(Infinity);
    await rm(this.folder, { recursive: true });
    if (!ended) throw new Error(`the server did not live until it was asked to end:\n${log.slice(-6000)}`);
    for (const secret of secrets) if (log.includes(secret)) throw new Error("a line of the server's log holds a token");
    if (log.includes("panicked")) throw new Error(`the server panicked:\n${log.slice(-6000)}`);
  }
}

export function freePort() {
  return new Promise((done, failed) => {
    const probe = net.createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

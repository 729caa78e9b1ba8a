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
  static async start(flags = []) {
    await access(binary).catch(() => {
      throw new Error(`there is no ${binary}: build it with \`cargo build --bin hallpass\`, or set HALLPASS_BIN`);
    });
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), "hallpass-interop-"));
    server.port = await freePort();
    server.origin = `http://127.0.0.1:${server.port}`;
    const log = await open(join(server.folder, "log"), "w");
    const args = ["serve", "--test-mode", "--listen", `127.0.0.1:${server.port}`, "--database", "sqlite::memory:", ...flags];
    server.process = spawn(binary, args, { stdio: ["ignore", log.fd, log.fd], cwd: server.folder, env: {} });
    server.exited = new Promise((done) => server.process.once("exit", done));
    endWithUs(server.process);
    await log.close();
    try {
      await server.#answers();
    } catch (error) {
      await server.stop().catch((why) => (error.cause = why));
      throw error;
    }
    return server;
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
  async log(length = 6000) {
    return (await readFile(join(this.folder, "log"), "utf8")).slice(-length);
  }

  async stop() {
    const alive = this.process.exitCode === null && this.process.signalCode === null;
    const ended = alive ? await this.#end() : false;
    const log = await this.log(Infinity);
    await rm(this.folder, { recursive: true });
    if (!ended) throw new Error(`the server did not live until it was asked to end:\n${log.slice(-6000)}`);
    if (log.includes("panicked")) throw new Error(`the server panicked:\n${log.slice(-6000)}`);
  }

  async #end() {
    this.process.kill("SIGTERM");
    const ended = await Promise.race([this.exited.then(() => true), sleep(10_000, false, { ref: false })]);
    if (!ended) {
      this.process.kill("SIGKILL");
      await this.exited;
    }
    return ended;
  }
}

/** Whatever ends this process early ends the server, too. */
function endWithUs(server) {
  process.once("exit", () => server.kill("SIGKILL"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = net.createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

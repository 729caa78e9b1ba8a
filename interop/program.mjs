// A program of this repository in a process of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = new URL("../", import.meta.url).pathname;
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug");

export class Program {
  log = "";

  /** Starts a program, and waits for its first line, which tells where it listens. */
  static async start(name, args, env = {}) {
    const binary = join(built, name);
    await access(binary).catch(() => {
      throw new Error(`there is no ${binary}: build it with \`cargo build --bin ${name}\``);
    });
    const program = new Program();
    program.process = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, RUST_LOG: "info", ...env } });
    program.exited = new Promise((done) => program.process.once("exit", done));
    program.process.stderr.setEncoding("utf8").on("data", (text) => (program.log += text));
    const lines = createInterface({ input: program.process.stdout });
    program.said = await Promise.race([new Promise((done) => lines.once("line", done)), program.exited.then(() => undefined)]);
    if (!program.said) throw new Error(`${name} did not start:\n${program.log}`);
    return program;
  }

  /** `hallpass serve` as tests need it, in memory on a free port. Its address is `url`. */
  static async core() {
    const core = await Program.start("hallpass", ["serve", "--test-mode", "--listen", "127.0.0.1:0", "--database", "sqlite::memory:"]);
    core.url = core.said.match(/http:\S+/)[0];
    return core;
  }

  /** Ends it. It must have lived until now, and must not have panicked. */
  async stop() {
    const lived = this.process.exitCode === null;
    this.process.kill("SIGTERM");
    await this.exited;
    assert(lived && !this.log.includes("panicked"), `it did not live through this:\n${this.log}`);
  }
}

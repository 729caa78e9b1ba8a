// An app as it is in production, with a real API behind it that can be away, and everybody's clock in the stories' hands.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { App } from "../../interop/web/harness/app.mjs";
import { Gate } from "../../web/e2e/harness/gate.mjs";

const clock = new URL("clock.mjs", import.meta.url).href;

export class Site {
  /** Milliseconds that all clocks were moved. */
  ahead = 0;

  /**
   * Builds an app, serves it, and runs `story` on it.
   *
   * @param build the command that builds it, with its arguments. The API's address is known by then.
   * @param serve the one that serves it at a port, with its arguments; a process of Node.js.
   */
  static async with({ folder, build, serve }, story) {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    await App.with({ antiCsrf: "NONE", origin }, async (api) => {
      const gate = await Gate.open();
      gate.upstream = api.network.port;
      const address = `http://127.0.0.1:${gate.port}`;
      const quiet = { NEXT_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" };
      const env = { ...process.env, ...quiet, API: address, NUXT_HALLPASS_API: address, PORT: `${port}`, HOST: "localhost" };
      let server;
      try {
        await run(build, { cwd: folder, env });
        const [command, ...args] = serve(port);
        const options = { cwd: folder, env: { ...env, NODE_OPTIONS: `--import=${clock}` }, stdio: ["ignore", "inherit", "inherit", "ipc"] };
        server = spawn(command, args, options);
        await reachable(origin);
        await story(Object.assign(new Site(), { port, origin, api, gate, server }));
      } finally {
        server?.kill();
        if (server && server.exitCode === null) await once(server, "exit");
        await gate.close();
      }
    });
  }

  /** For the API and the app; browsers look at it when their clocks are set. */
  async advance(ms) {
    this.ahead += ms;
    await this.api.advance(ms);
    const moved = once(this.server, "message");
    this.server.send(this.ahead);
    assert.deepEqual((await moved)[0], this.ahead);
  }

  now() {
    return Date.now() + this.ahead;
  }

  /**
   * What a browser is answered that opens a page, with cookies that it would not have by itself. Not by `fetch`: that one says of itself
   * that it is no browser.
   */
  async ask(path, cookies, headers) {
    const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin", "sec-fetch-dest": "document" };
    const all = { host: `localhost:${this.port}`, cookie: cookies.join("; "), accept: "text/html", ...navigation, ...headers };
    const asked = http.get({ host: "localhost", port: this.port, path, headers: all, agent: false });
    const [answer] = await once(asked, "response");
    let html = "";
    for await (const chunk of answer.setEncoding("utf8")) html += chunk;
    const { location, "set-cookie": lines = [] } = answer.headers;
    return { status: answer.statusCode, location, lines, html };
  }
}

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a command to its end. */
async function run([command, ...args], options) {
  const [code] = await once(spawn(command, args, { stdio: "inherit", ...options }), "exit");
  assert.equal(code, 0, [command, ...args].join(" "));
}

async function reachable(site) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await new Promise((done) => setTimeout(done, 100))) {
    if (await fetch(site).then(({ ok }) => ok, () => false)) return;
  }
  throw new Error(`${site} does not answer`);
}

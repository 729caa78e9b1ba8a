// A website that renders pages with sessions, with the example app behind it: what it does not render it passes on.
import http from "node:http";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { answer as answerPage } from "./page.mjs";

const dist = new URL("../../web/dist/", import.meta.url);

export class Site {
  /** Milliseconds that the app's clock was moved. */
  ahead = 0;
  /** The requests for pages and for refreshes: path, mode, and what was answered. */
  log = [];
  /** Whether the app is away. */
  away = false;
  #server = http.createServer((request, answer) => {
    this.#serve(request, answer).catch((error) => answer.writeHead(599).end(String(error.stack)));
  });

  static async open() {
    const site = new Site();
    await new Promise((done) => site.#server.listen(0, "127.0.0.1", done));
    site.port = site.#server.address().port;
    site.origin = `http://localhost:${site.port}`;
    return site;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  get config() {
    return {
      api: `http://127.0.0.1:${this.away ? 1 : this.app.network.port}/auth`,
      jwks: `http://127.0.0.1:${this.app.network.port}/auth/jwt/jwks.json`,
      expired: "hop",
      now: () => Date.now() + this.ahead,
    };
  }

  async #serve(request, answer) {
    const url = new URL(request.url, this.origin);
    if (url.pathname.startsWith("/hallpass/")) {
      answer.writeHead(200, { "content-type": "text/javascript" });
      return answer.end(await readFile(new URL(url.pathname.slice("/hallpass/".length), dist)));
    }
    const asked = new Request(url, { method: request.method, headers: request.headers });
    const page = await this.#render(asked, url);
    if (!page) return this.#passOn(request, answer);
    const mode = `${request.headers["sec-fetch-mode"]} ${request.headers["sec-purpose"] ?? ""}`.trim();
    this.log.push({ path: url.pathname, mode, status: page.status });
    // A list, so that each cookie has a line of its own.
    answer.writeHead(page.status, [...page.headers].flat());
    return page.body ? Readable.fromWeb(page.body).pipe(answer) : answer.end();
  }

  /** Undefined: it is no page of this site. */
  #render(request, { pathname }) {
    if (!/^\/(pages\/|auth\/session\/refresh\/hop)/.test(pathname)) return undefined;
    const guard = { require: pathname !== "/pages/login", loginUrl: "/pages/login" };
    return answerPage(request, this.config, guard, html);
  }

  #passOn(request, answer) {
    const { method, headers } = request;
    if (this.away) return answer.writeHead(502).end();
    const on = http.request({ host: "127.0.0.1", port: this.app.network.port, method, path: request.url, headers, agent: false });
    on.on("error", () => answer.destroy());
    on.on("response", (from) => {
      answer.writeHead(from.statusCode, from.rawHeaders);
      from.pipe(answer);
    });
    request.pipe(on);
  }
}

// ANCHOR: html
const html = ({ status, userId }, handOver) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<p id="server">${status} ${userId ?? "nobody"}</p><p id="client"></p>
${handOver}
<script type="module">
import { createSession } from "/hallpass/index.js";
window.session = createSession({ initial: JSON.parse(document.getElementById("session").textContent) });
window.first = session.snapshot().status;
await session.ready();
document.getElementById("client").textContent = session.snapshot().status + " " + (session.snapshot().userId ?? "nobody");
</script></html>`;
// ANCHOR_END: html

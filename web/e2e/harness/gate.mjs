// What stands between the browser and the server, and does to requests what networks, proxies and backends do: it answers by
// itself, delays, loses, rewrites. It writes down all that passes, and serves the suite's pages on every host.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { extname, join } from "node:path";

const dist = new URL("../dist/", import.meta.url).pathname;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };
const HOP = /^(connection|keep-alive|transfer-encoding|content-length)$/i;

export const REFRESH = "POST /auth/session/refresh";
export const SIGN_OUT = "POST /auth/signout";

/** The headers that pages of other origins may send, and those that they may read. */
const MAY_SEND = "anti-csrf, authorization, content-type, fdi-version, rid, st-auth-mode, x-own";
const MAY_READ = "anti-csrf, front-token, id-refresh-token, st-access-token, st-refresh-token";

export class Gate {
  /** All requests so far, oldest first, but for pages and what browsers ask before requests across origins. */
  requests = [];
  /** Origins whose pages may call all hosts. */
  websites = new Set();
  #rules = [];
  #agent = new http.Agent({ keepAlive: true });

  /** `tls`: with a certificate that comes later, see `certify`. */
  static async open({ tls = false } = {}) {
    const gate = new Gate();
    gate.scheme = tls ? "https" : "http";
    const serve = (request, response) => gate.#serve(request, response).catch(() => response.destroy());
    gate.server = tls ? https.createServer(serve) : http.createServer(serve);
    gate.server.listen(0, "127.0.0.1");
    await once(gate.server, "listening");
    gate.port = gate.server.address().port;
    return gate;
  }

  at(host) {
    return `${this.scheme}://${host}:${this.port}`;
  }

  certify(cert, key) {
    this.server.setSecureContext({ cert, key });
  }

  close() {
    this.#agent.destroy();
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  /** The requests to one route, as `GET /me`. */
  to(route) {
    return this.requests.filter((request) => request.route === route);
  }

  /** The statuses of all refreshes that were answered, as the browser saw them. `lost` are those whose answers never came. */
  refreshes() {
    return this.to(REFRESH).map(({ status }) => status ?? "lost");
  }

  /**
   * From now on `act` decides what becomes of requests to a route: `async (request, pass)`. `pass()` asks the server, if need
   * be for another path. What it returns is the answer, `{status, headers: [[name, value]], body}`; nothing: the connection breaks. Returns how to end it.
   */
  when(route, act) {
    const rule = { route, act };
    this.#rules.unshift(rule);
    return () => void (this.#rules = this.#rules.filter((other) => other !== rule));
  }

  /** The same for one request. */
  once(route, act) {
    const undo = this.when(route, (request, pass) => {
      undo();
      return act(request, pass);
    });
    return undo;
  }

  /** Lets the next request to a route wait: before it reaches the server, or (`answered`) when it has. */
  hold(route, { answered = false, times = 1 } = {}) {
    const held = {};
    held.arrived = new Promise((arrive) => {
      const released = new Promise((release) => (held.release = release));
      let left = times;
      const undo = this.when(route, async (request, pass) => {
        if (--left <= 0) undo();
        const answer = answered ? await pass() : undefined;
        arrive(request);
        await released;
        return answer ?? pass();
      });
    });
    return held;
  }

  async #serve(incoming, response) {
    const url = new URL(incoming.url, this.at(incoming.headers.host.split(":")[0]));
    if (url.pathname.startsWith("/test/")) return this.#page(url.pathname, response);
    if (url.pathname === "/favicon.ico") return response.writeHead(204).end();
    const cors = this.#cors(incoming.headers.origin, url.origin);
    if (incoming.method === "OPTIONS" && cors.length > 0) return response.writeHead(204, cors.flat()).end();

    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, headers } = incoming;
    const request = { method, url, headers, route: `${method} ${url.pathname}`, host: url.hostname, body: Buffer.concat(chunks) };
    this.requests.push(request);
    const rule = this.#rules.find(({ route }) => route === request.route || route === url.pathname || route === "*");
    const pass = (path) => this.#pass(request, path);
    const answer = await (rule ? rule.act(request, pass) : pass());
    if (!answer) return response.destroy();
    request.status = answer.status;
    const answered = (answer.headers ?? []).filter(([name]) => !HOP.test(name) && !(cors.length && /^access-control-/i.test(name)));
    response.writeHead(answer.status, [...answered, ...cors].flat());
    response.end(answer.body ?? "");
  }

  async #pass(request, path = request.url.pathname + request.url.search) {
    const { method, headers, body } = request;
    const asked = http.request({ host: "127.0.0.1", port: this.upstream, path, method, headers, agent: this.#agent });
    asked.end(body);
    const [from] = await once(asked, "response");
    const chunks = [];
    for await (const chunk of from) chunks.push(chunk);
    request.passed = from.statusCode;
    const raw = from.rawHeaders;
    const pairs = raw.flatMap((name, at) => (at % 2 ? [] : [[name, raw[at + 1]]]));
    return { status: from.statusCode, headers: pairs, body: Buffer.concat(chunks) };
  }

  async #page(path, response) {
    const name = path.slice("/test/".length) || "index.html";
    const text = name.includes("..") ? undefined : await readFile(join(dist, name)).catch(() => undefined);
    if (!text) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(text);
  }

  #cors(origin, own) {
    if (!origin || origin === own || !this.websites.has(origin)) return [];
    return [
      ["access-control-allow-origin", origin],
      ["access-control-allow-credentials", "true"],
      ["access-control-allow-headers", MAY_SEND],
      ["access-control-allow-methods", "GET, POST, PUT, DELETE"],
      ["access-control-expose-headers", MAY_READ],
      ["vary", "origin"],
    ];
  }
}

/** An answer without these headers. */
export const without = (answer, ...names) => ({
  ...answer,
  headers: answer.headers.filter(([name]) => !names.includes(name.toLowerCase())),
});

/** An answer made up. */
export const answer = (status, headers = {}, body = "") => ({ status, headers: Object.entries(headers), body });

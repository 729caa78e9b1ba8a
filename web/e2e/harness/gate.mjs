// What stands between the browser and the server, and does to requests what networks, proxies and backends do: it answers by
// itself, delays, loses, rewrites. It writes down all that passes, and serves the suite's pages on every host.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import { extname, join } from "node:path";

const dist = new URL("../dist/", import.meta.url).pathname;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };
const TOKEN = /hp1_[\w-]+|eyJ[\w=-]+\.[\w+/=-]+\.[\w+/=-]+/g;
const HOP = /^(connection|keep-alive|transfer-encoding|content-length)$/i;

export const REFRESH = "POST /auth/session/refresh";
export const SIGN_OUT = "POST /auth/signout";

/** The headers that pages of other origins may send, and those that they may read. */
const MAY_SEND = "anti-csrf, authorization, content-type, fdi-version, rid, st-auth-mode, x-own";
const MAY_READ = "anti-csrf, front-token, id-refresh-token, st-access-token, st-refresh-token";

export class Gate {
  /** All requests so far, oldest first, but for pages and what browsers ask before requests across origins. */
  requests = [];
  /** Every token that any answer of the server carried. */
  issued = new Set();
  /** Origins whose pages may call all hosts. */
  websites = new Set();
  #rules = [];
  #sessions = new Set();
  #passedRefreshes = [];
  #agent = new http.Agent({ keepAlive: true });

  /** `tls`: HTTP/2 and HTTP/1.1, with a certificate that comes later, see `certify`. */
  static async open({ tls = false } = {}) {
    const gate = new Gate();
    gate.scheme = tls ? "https" : "http";
    const serve = (request, response) => gate.#serve(request, response).catch(() => hangUp(response));
    gate.server = tls ? http2.createSecureServer({ allowHTTP1: true }, serve) : http.createServer(serve);
    if (tls) gate.server.on("session", (session) => gate.#sessions.add(session));
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
    this.server.closeAllConnections?.();
    for (const session of this.#sessions) session.destroy();
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

  /** The statuses of all refreshes that the server was asked for, in the order of its answers. */
  passedRefreshes() {
    return [...this.#passedRefreshes];
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
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !name.startsWith(":")));
    headers.host ??= incoming.authority;
    const url = new URL(incoming.url, this.at(headers.host.split(":")[0]));
    if (url.pathname.startsWith("/test/")) return this.#page(url.pathname, response);
    if (url.pathname === "/favicon.ico") return response.writeHead(204).end();
    const cors = this.#cors(headers.origin, url.origin);
    if (incoming.method === "OPTIONS" && cors.length > 0) return response.writeHead(204, Object.fromEntries(cors)).end();

    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method } = incoming;
    const request = { method, url, headers, route: `${method} ${url.pathname}`, host: url.hostname, body: Buffer.concat(chunks) };
    this.requests.push(request);
    const rule = this.#rules.find(({ route }) => route === request.route || route === url.pathname || route === "*");
    const pass = (path) => this.#pass(request, path);
    const answer = await (rule ? rule.act(request, pass) : pass());
    if (!answer) return hangUp(response);
    request.status = answer.status;
    const answered = (answer.headers ?? []).filter(([name]) => !HOP.test(name) && !(cors.length && /^access-control-/i.test(name)));
    for (const [name, value] of [...answered, ...cors]) response.appendHeader(name, value);
    response.writeHead(answer.status).end(answer.body ?? "");
  }

  async #pass(request, path = request.url.pathname + request.url.search) {
    const { method, headers, body } = request;
    const asked = http.request({ host: "127.0.0.1", port: this.upstream, path, method, headers, agent: this.#agent });
    asked.end(body);
    const [from] = await once(asked, "response");
    const chunks = [];
    for await (const chunk of from) chunks.push(chunk);
    request.passed = from.statusCode;
    if (`${method} ${path}`.split("?")[0] === REFRESH) this.#passedRefreshes.push(from.statusCode);
    const raw = from.rawHeaders;
    for (const [token] of raw.join("\n").matchAll(TOKEN)) this.issued.add(token);
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

/** Breaks the connection instead of answering. */
const hangUp = (response) => (response.stream?.session ?? response).destroy();

/** An answer without these headers. */
export const without = (answer, ...names) => ({
  ...answer,
  headers: answer.headers.filter(([name]) => !names.includes(name.toLowerCase())),
});

/** An answer made up. */
export const answer = (status, headers = {}, body = "") => ({ status, headers: Object.entries(headers), body });

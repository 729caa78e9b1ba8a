// The wire between the SDK and the server. It remembers every call, and it can lose an answer after the server has done the work.
import http from "node:http";

const TOKEN = /hp1_[\w-]+|eyJ[\w=-]+\.[\w+/=-]+\.[\w+/=-]+/g;

export class Wire {
  /** Every token that any answer carried. */
  issued = new Set();
  /** Every call so far, oldest first: `{ app, method, path, query, headers, body, status, type, answer }`. */
  calls = [];
  #losing = new Map();
  #agent = new http.Agent({ keepAlive: true });

  static async open(port) {
    const wire = new Wire();
    wire.upstream = port;
    wire.server = http.createServer((request, response) =>
      wire.#pass(request, response).catch(() => response.destroy()),
    );
    await new Promise((done) => wire.server.listen(0, "127.0.0.1", done));
    wire.origin = `http://127.0.0.1:${wire.server.address().port}`;
    return wire;
  }

  /** The calls to one path. */
  to(path) {
    return this.calls.filter((call) => call.path === path);
  }

  /** The next `times` answers to calls of this path do not arrive. */
  lose(path, times = 1) {
    this.#losing.set(path, times);
  }

  forget() {
    this.calls = [];
    this.#losing.clear();
  }

  /** Closes all connections to the server. */
  hangUp() {
    this.#agent.destroy();
  }

  close() {
    this.hangUp();
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  async #pass(request, response) {
    const body = await bytes(request);
    const { method, headers } = request;
    const call = { ...parts(request.url), method, headers, body: json(body) };
    this.calls.push(call);
    const passed = http.request({
      host: "127.0.0.1",
      port: this.upstream,
      path: request.url,
      method,
      headers,
      agent: this.#agent,
    });
    passed.on("error", () => response.destroy());
    passed.on("response", async (answer) => {
      const text = await bytes(answer);
      for (const [token] of text.toString().matchAll(TOKEN)) this.issued.add(token);
      Object.assign(call, { status: answer.statusCode, type: answer.headers["content-type"], answer: json(text) });
      if (this.#loses(call.path)) return response.destroy();
      response.writeHead(
        answer.statusCode,
        answer.rawHeaders.filter((_, i, all) => !/^transfer-encoding$/i.test(all[i - (i % 2)])),
      );
      response.end(text);
    });
    passed.end(body);
  }

  #loses(path) {
    const left = this.#losing.get(path) ?? 0;
    if (left > 0) this.#losing.set(path, left - 1);
    return left > 0;
  }
}

function parts(url) {
  const { pathname, searchParams } = new URL(url, "http://wire");
  const [, app = "", path] = pathname.match(/^(?:\/appid-([^/]*))?(\/.*)?$/);
  return { app, path: path ?? "/", query: Object.fromEntries(searchParams) };
}

async function bytes(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.toString();
  }
}

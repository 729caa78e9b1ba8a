// The wire between the browser and the server. It can lose the answers to refresh calls after the server has worked on
// them, and it remembers which tokens the server has issued.
import net from "node:net";

const TOKEN = /hp1_[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

export class Network {
  /** Every token that any answer carried. */
  issued = new Set();
  /** The heads of the answers that were lost. */
  lost = [];
  #losing = false;
  #sockets = new Set();
  #server = net.createServer((browser) => this.#connect(browser));

  static async open() {
    const network = new Network();
    await new Promise((done) => network.#server.listen(0, "127.0.0.1", done));
    network.port = network.#server.address().port;
    return network;
  }

  /** What must be written nowhere: those tokens, and what access tokens tell of refresh tokens. */
  secrets() {
    const hashes = [...this.issued].flatMap((token) => {
      const payload = token.split(".")[1];
      return payload ? [JSON.parse(Buffer.from(payload, "base64url")).refreshTokenHash1] : [];
    });
    return [...this.issued, ...hashes];
  }

  /** From now on no answer to a refresh call arrives. */
  loseRefreshes() {
    this.#losing = true;
  }

  heal() {
    this.#losing = false;
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((done) => this.#server.close(done));
  }

  #connect(browser) {
    const server = net.connect(this.upstream, "127.0.0.1");
    let refreshing = false;
    let answer = "";
    for (const [from, to] of [[browser, server], [server, browser]]) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroySoon();
      });
    }
    browser.on("data", (chunk) => {
      // HTTP/1.1 without pipelining: a chunk that follows an answer begins a request.
      if (answer !== "" || !refreshing) refreshing = chunk.toString("latin1").startsWith("POST /auth/session/refresh ");
      answer = "";
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      for (const [token] of answer.matchAll(TOKEN)) this.issued.add(token);
      if (!(refreshing && this.#losing)) return browser.write(chunk);
      if (!answer.includes("\r\n\r\n")) return;
      this.lost.push(answer.slice(0, answer.indexOf("\r\n\r\n")));
      browser.destroy();
      server.destroy();
    });
  }
}

// HTTP as bytes, for what no decent client would send.
import net from "node:net";

/** Sends `head`'s lines (strings are taken as Latin-1, so that any byte can be written) and reads the answer. */
export async function raw(app, line, fields = []) {
  const head = [line, `Host: localhost:${app.network.port}`, "Connection: close", "Content-Length: 0", ...fields, "", ""];
  return parse(await bytes(app, head.join("\r\n")));
}

/** Sends any bytes and reads until the server closes the connection. */
export function bytes(app, text) {
  return new Promise((done, failed) => {
    const chunks = [];
    const socket = net.connect(app.network.upstream, "127.0.0.1");
    socket.setTimeout(20_000, () => socket.destroy(new Error("no answer within twenty seconds")));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", failed);
    socket.on("close", () => done(Buffer.concat(chunks).toString("utf8")));
    socket.write(Buffer.from(text, "latin1"));
  });
}

function parse(text) {
  const end = text.indexOf("\r\n\r\n");
  const [status, ...fields] = text.slice(0, end).split("\r\n");
  const headers = new Headers(fields.map((field) => field.split(/: ?(.*)/, 2)));
  return { status: Number(status.split(" ")[1]), headers, body: text.slice(end + 4) };
}

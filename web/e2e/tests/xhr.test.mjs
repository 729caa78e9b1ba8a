// XMLHttpRequest with the session, as old code, axios and map scripts use it.
import assert from "node:assert/strict";
import { REFRESH, answer } from "../harness/gate.mjs";
import { scenario } from "../harness/scenario.mjs";

const XHR = { way: "xhr", modes: ["cookie", "header"] };

/** Sends a request as pages do, and writes down all that it says. */
const helper = () => {
  window.request = (method, path, { body, prepare, more = [] } = {}) =>
    new Promise((done) => {
      const said = [];
      const xhr = new XMLHttpRequest();
      window.last = xhr;
      xhr.onreadystatechange = () => said.push(`state ${xhr.readyState}`);
      for (const type of ["loadstart", "load", "error", "timeout", "abort"]) xhr.addEventListener(type, () => said.push(type));
      xhr.addEventListener("loadend", () => {
        said.push("loadend");
        done({ status: xhr.status, text: xhr.responseType === "" ? xhr.responseText : undefined, said, url: xhr.responseURL, head: xhr.getResponseHeader("content-type") });
      });
      xhr.open(method, path, ...more);
      said.push(`open ${xhr.readyState}`);
      prepare?.(xhr);
      xhr.send(body);
    });
};

scenario("E65 a request with an expired token is sent again, and its events are those of one request", XHR, async ({ gate }, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  await person.backend.expire();
  const { status, text, said, head } = await tab.run(() =>
    window.request("POST", "/note", { body: "hello", prepare: (xhr) => xhr.setRequestHeader("X-Own", "1") }),
  );
  assert.deepEqual([status, text], [200, "alice notes: hello"]);
  assert.match(head, /text\/plain/);
  const sent = gate.to("POST /note");
  assert.deepEqual(sent.map(({ status }) => status), [401, 200]);
  for (const { headers, body } of sent) {
    assert.deepEqual([headers["x-own"], headers.rid, body.toString()], ["1", "anti-csrf", "hello"]);
    assert.match(headers["content-type"], /^text\/plain/);
  }
  assert.equal(said.filter((what) => what === "open 1").length, 1, "open is synchronous");
  for (const what of ["state 4", "load", "loadend"]) assert.equal(said.filter((other) => other === what).length, 1, said.join());
  assert.deepEqual(said.slice(-3), ["state 4", "load", "loadend"]);
  assert.ok(!said.includes("error") && !said.includes("abort"), said.join());
  assert.deepEqual(person.refreshes(), [200]);
});

scenario("E65 many requests with an expired token refresh once", XHR, async (_, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  await person.backend.expire();
  const statuses = await tab.run(async () => (await Promise.all(Array.from({ length: 30 }, () => window.request("GET", "/me")))).map(({ status }) => status));
  assert.deepEqual(statuses, Array(30).fill(200));
  assert.deepEqual(person.refreshes(), [200]);
});

scenario("E65 answers of every kind are what they would be", XHR, async ({ gate }, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  gate.when("GET /bytes", () => answer(200, { "content-type": "application/octet-stream" }, Buffer.from([0, 255, 10])));
  for (const fresh of [true, false]) {
    if (!fresh) await person.backend.expire();
    const found = await tab.run(async () => {
      const kind = (type, path) => window.request("GET", path, { prepare: (xhr) => (xhr.responseType = type) });
      await kind("json", "/me");
      const json = window.last.response;
      await kind("blob", "/bytes");
      const blob = [...new Uint8Array(await window.last.response.arrayBuffer())];
      await kind("arraybuffer", "/bytes");
      return { user: json.user, blob, buffer: [...new Uint8Array(window.last.response)], state: window.last.readyState };
    });
    assert.deepEqual(found, { user: "alice", blob: [0, 255, 10], buffer: [0, 255, 10], state: 4 });
  }
  assert.deepEqual(person.refreshes(), [200]);
});

scenario("E65 listeners are called as they were asked for", XHR, async (_, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  await person.backend.expire();
  const said = await tab.run(
    () =>
      new Promise((done) => {
        const said = { once: 0, object: 0, removed: 0, upload: 0, progress: 0, self: false };
        const xhr = new XMLHttpRequest();
        const removed = () => said.removed++;
        xhr.addEventListener("load", () => said.once++, { once: true });
        xhr.addEventListener("load", { handleEvent: () => said.object++ });
        xhr.addEventListener("load", removed);
        xhr.removeEventListener("load", removed);
        xhr.upload.addEventListener("load", () => said.upload++);
        xhr.onprogress = ({ loaded }) => (said.progress = Math.max(said.progress, loaded));
        xhr.onloadend = function (event) {
          said.self = this === xhr && event.target === xhr && event instanceof ProgressEvent;
          said.is = [xhr instanceof XMLHttpRequest, XMLHttpRequest.DONE, xhr.DONE, typeof XMLHttpRequest.prototype.open];
          done(said);
        };
        xhr.open("POST", "/note");
        xhr.send("x".repeat(10_000));
      }),
  );
  assert.ok(said.upload >= 1, "progress of the upload is told");
  assert.ok(said.progress > 10_000, "progress of the download is told");
  assert.deepEqual({ ...said, upload: 1, progress: 0 }, { once: 1, object: 1, removed: 0, upload: 1, progress: 0, self: true, is: [true, 4, 4, "function"] });
});

scenario("E65 a request can be aborted, also while it waits for a refresh, and one can time out", XHR, async ({ gate }, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  await person.backend.expire();
  const held = gate.hold(REFRESH);
  const aborted = tab.run(() => window.request("GET", "/me"));
  await held.arrived;
  await tab.run(() => window.last.abort());
  const { said, status } = await aborted;
  assert.equal(status, 0);
  assert.deepEqual(said.slice(-2), ["abort", "loadend"]);
  held.release();
  assert.equal((await tab.me()).user, "alice");
  assert.deepEqual(person.refreshes(), [200]);

  const slow = gate.hold("GET /me");
  const late = await tab.run(() => window.request("GET", "/me", { prepare: (xhr) => (xhr.timeout = 300) }));
  assert.deepEqual(late.said.slice(-2), ["timeout", "loadend"]);
  slow.release();
  const broken = gate.when("GET /me", () => undefined);
  assert.deepEqual((await tab.run(() => window.request("GET", "/me"))).said.slice(-2), ["error", "loadend"]);
  broken();
  assert.equal((await tab.me()).user, "alice");
});

scenario("E65 synchronous requests, and those to others, are the browser's own", { ...XHR, modes: ["header"] }, async ({ gate }, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  const other = gate.at("127.0.0.1");
  gate.websites.add(person.origin);
  gate.when("GET /elsewhere", () => answer(401, {}, "no"));
  assert.equal((await tab.run((url) => window.request("GET", url), `${other}/elsewhere`)).status, 401);
  const [{ headers }] = gate.to("GET /elsewhere");
  for (const name of ["rid", "st-auth-mode", "authorization"]) assert.equal(headers[name], undefined, name);
  const sync = await tab.run(() => {
    const xhr = new XMLHttpRequest();
    xhr.open("GET", "/me", false);
    xhr.send();
    return xhr.status;
  });
  assert.equal(sync, 401, "nobody has added a token");
  assert.deepEqual(person.refreshes(), []);
});

scenario("E65 misuse is refused as the browser refuses it", { ...XHR, modes: ["cookie"] }, async (_, person) => {
  const tab = await person.signedIn("alice", { init: helper });
  const errors = await tab.run(() => {
    const name = (act) => {
      try {
        act();
        return "nothing";
      } catch (error) {
        return error.name;
      }
    };
    const xhr = new XMLHttpRequest();
    const early = [name(() => xhr.send()), name(() => xhr.setRequestHeader("a", "b"))];
    xhr.open("GET", "/me");
    xhr.send();
    return [...early, name(() => xhr.send()), name(() => xhr.setRequestHeader("a", "b")), name(() => new XMLHttpRequest().open("GET", "http://[")), name(() => new XMLHttpRequest().open("TRACE", "/"))];
  });
  assert.deepEqual(errors, ["InvalidStateError", "InvalidStateError", "InvalidStateError", "InvalidStateError", "SyntaxError", "SecurityError"]);
});

for (const adapter of ["xhr", "fetch"]) {
  scenario(`E65 axios works through ${adapter}`, { way: adapter === "xhr" ? "xhr" : "patched" }, async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    const found = await tab.run(async (adapter) => {
      const { status, data, headers } = await window.axios.get("/me", { adapter, headers: { "X-Own": "1" } });
      const posted = await window.axios.post("/note", "hello", { adapter, headers: { "content-type": "text/plain" } });
      const denied = await window.axios.get("/staff", { adapter }).catch((error) => [error.name, error.response.status, error.response.data.claimValidationErrors.length]);
      return { status, user: data.user, type: headers["content-type"], posted: posted.data, denied };
    }, adapter);
    assert.deepEqual(found, { status: 200, user: "alice", type: "application/json", posted: "alice notes: hello", denied: ["AxiosError", 403, 1] });
    assert.deepEqual(gate.to("GET /me").map(({ headers }) => headers["x-own"]), ["1", "1"]);
    assert.deepEqual(person.refreshes(), [200]);
    assert.equal((await tab.events()).filter((type) => type === "API_INVALID_CLAIM").length, 1);
  });
}

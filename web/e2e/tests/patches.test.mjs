// Pages on which several scripts put themselves around `fetch` and `XMLHttpRequest`.
import assert from "node:assert/strict";
import { scenario } from "../harness/scenario.mjs";

/** As tools that watch a page do, before anybody else or after. */
const watch = () => {
  window.watched = [];
  window.watch = (name) => {
    const inner = window.fetch;
    window.fetch = function (...asked) {
      window.watched.push(`${name} fetch`);
      return inner.apply(this, asked);
    };
    const { open } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (...asked) {
      window.watched.push(`${name} open`);
      return open.apply(this, asked);
    };
  };
};

const early = () => window.watch("early");

for (const when of ["before", "after", "before and after"]) {
  scenario(`E66 scripts that patch ${when} us are called, and call nobody twice`, { way: "patched" }, async ({ gate, context }, person) => {
    await context.addInitScript(watch);
    const tab = await person.signedIn("alice", { init: when.startsWith("before") ? early : undefined });
    if (when.endsWith("after")) await tab.run(() => window.watch("late"));
    await person.backend.expire();
    const before = gate.to("GET /me").length;
    assert.equal((await tab.me()).user, "alice");
    assert.equal(gate.to("GET /me").length, before + 2);
    const seen = await tab.run(() => window.watched.filter((what) => what === "late fetch").length);
    assert.equal(seen, when.endsWith("after") ? 1 : 0);
    if (when.startsWith("before")) assert.ok((await tab.run(() => window.watched)).includes("early fetch"));
    assert.deepEqual(person.refreshes(), [200]);
  });
}

scenario("E66 starting twice, and a second copy of the package, make one wrapper", { way: "patched" }, async ({ gate }, person) => {
  const tab = await person.signedIn();
  await tab.run(async () => {
    window.hallpass.installFetch(window.client);
    const again = window.make(); // as a module does that was reloaded
    window.hallpass.installFetch(again);
    const copy = await import("/test/copy.js");
    window.third = copy.createSession({ mode: new URLSearchParams(location.search).get("mode") });
    copy.installFetch(window.third);
  });
  await person.backend.expire();
  const before = gate.to("GET /me").length;
  assert.deepEqual(await tab.many(10), Array(10).fill(200));
  assert.equal(gate.to("GET /me").length, before + 20);
  assert.deepEqual(person.refreshes(), [200]);
  // What the others know, this one knows as well.
  assert.equal(await tab.exists(), true);
  assert.deepEqual(await tab.run(() => window.client.payload()), await tab.run(() => window.third.payload()));
});

scenario("E66 what was installed can be taken away again", { way: "patched", modes: ["header"] }, async ({ gate }, person) => {
  const tab = await person.signedIn();
  assert.equal((await tab.me()).user, "alice");
  await tab.run(() => window.uninstall());
  assert.equal(await tab.status("GET", "/me"), 401);
  const { headers } = gate.to("GET /me").at(-1);
  assert.deepEqual([headers.rid, headers.authorization], [undefined, undefined]);
  await tab.run(() => void window.hallpass.installFetch(window.client));
  assert.equal((await tab.me()).user, "alice");
});

scenario("E66 an XMLHttpRequest that others have patched, or subclass, goes on working", { way: "xhr" }, async ({ gate, context }, person) => {
  await context.addInitScript(watch);
  const tab = await person.signedIn("alice", { init: early });
  await person.backend.expire();
  const found = await tab.run(async () => {
    window.watch("late");
    window.hallpass.installXhr(window.client);
    class Map3d extends XMLHttpRequest {
      open(...asked) {
        super.open(...asked);
        this.opened = true;
      }
    }
    const send = (xhr) =>
      new Promise((done) => {
        xhr.onload = () => done(xhr.status);
        xhr.open("GET", "/me");
        xhr.send();
      });
    const map = new Map3d();
    return [await send(new XMLHttpRequest()), await send(map), map.opened, map instanceof XMLHttpRequest, window.watched.filter((what) => what === "late open").length];
  });
  assert.deepEqual(found, [200, 200, true, true, 2]);
  assert.deepEqual(gate.to("GET /me").map(({ status }) => status), [401, 200, 200]);
  assert.deepEqual(person.refreshes(), [200]);
});

scenario("E63 addresses are understood in every form", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  gate.when("GET /test2/x.json", (request, pass) => pass("/me"));
  const statuses = await tab.run(async () => {
    const here = location.host;
    const all = ["/me", "../me", `//${here}/me`, new URL("/me", location), `${location.origin}/me`, "../test2/x.json", "/me?a=1#b"];
    return Promise.all(all.map(async (url) => (await window.send(url)).status));
  });
  assert.deepEqual(statuses, Array(7).fill(200));
  assert.ok(gate.requests.filter(({ method }) => method === "GET").every(({ headers }) => headers.rid === "anti-csrf"));
  const others = await tab.run(async () => {
    const blob = URL.createObjectURL(new Blob(["blob"]));
    return [await (await window.send("data:text/plain,data")).text(), await (await window.send(blob)).text(), await window.send("http://[").catch((error) => error.name)];
  });
  assert.deepEqual(others, ["data", "blob", "TypeError"]);
});

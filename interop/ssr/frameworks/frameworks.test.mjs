// SvelteKit and React Router, built as for production, with the adapters in them and a real backend behind them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { App } from "../../web/harness/app.mjs";

const servers = {
  sveltekit: ["node", "build/index.js"],
  "react-router": ["node_modules/.bin/react-router-serve", "build/server/index.js"],
};

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** What a browser would be answered. Not by `fetch`: that one says of itself that it is no browser. */
async function open(port, path, cookies, headers) {
  const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin" };
  const all = { host: `localhost:${port}`, cookie: cookies.join("; "), ...navigation, ...headers };
  const answer = await new Promise((done, failed) =>
    http.get({ host: "127.0.0.1", port, path, headers: all, agent: false }, done).on("error", failed),
  );
  let html = "";
  for await (const chunk of answer.setEncoding("utf8")) html += chunk;
  const { location, vary, "cache-control": cache, "set-cookie": lines = [] } = answer.headers;
  return { status: answer.statusCode, location, vary, cache, lines, html, heading: /<h1>(.*?)<\/h1>/.exec(html)?.[1] };
}

/** What is left in a browser of the cookies of an answer. */
const kept = (lines) => lines.filter((line) => !line.includes("Max-Age=0")).map((line) => line.split(";")[0]);

for (const [name, [command, ...args]] of Object.entries(servers)) {
  test(`${name}: pages are guarded, refreshed on the way, and one person's`, { timeout: 60_000 }, () =>
    App.with({}, async (api) => {
      const port = await freePort();
      const origin = `http://localhost:${port}`;
      const env = { ...process.env, API: `http://127.0.0.1:${api.network.port}`, PORT: `${port}`, HOST: "127.0.0.1", ORIGIN: origin };
      const server = spawn(command, args, { cwd: new URL(`${name}/`, import.meta.url), env, stdio: "ignore" });
      try {
        for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((done) => setTimeout(done, 50))) {
          if (await open(port, "/login", []).then(() => true, () => false)) break;
        }
        await story(api, (path, cookies, headers) => open(port, path, cookies, headers));
      } finally {
        server.kill();
      }
    }),
  );
}

async function story(api, open) {
  const signIn = async (user) => {
    const init = { method: "POST", body: new URLSearchParams({ user }), headers: { "st-auth-mode": "cookie" } };
    return kept((await fetch(`${api.origin}/login`, init)).headers.getSetCookie());
  };
  const ada = await signIn("ada");

  const stranger = await open("/account", []);
  assert.deepEqual([stranger.status, stranger.location], [303, "/login?redirectToPath=%2Faccount"]);
  const page = await open("/account", ada);
  assert.deepEqual([page.status, page.heading], [200, "Account of ada"]);
  assert.equal(page.cache, "private, no-store");
  assert.match(page.vary, /\bCookie\b/);
  assert.equal((await open("/staff", ada)).status, 403);
  assert.match((await open("/staff", await signIn("staff-ada"))).heading, /^Staff/);

  const late = ada.map((pair) => (pair.startsWith("sAccessToken=") ? "sAccessToken=x.y.z" : pair));
  const ahead = await open("/account", late, { "sec-purpose": "prefetch" });
  assert.equal(ahead.status, 200);
  assert.notEqual(ahead.heading, "Account of ada");
  assert.deepEqual(await api.refreshes(), []);
  const there = await open("/account", late);
  assert.equal(there.status, 303);
  assert.match(there.location, /^\/auth\/session\/refresh\/hop\?nonce=/);
  const back = await open(there.location, [...late, ...kept(there.lines)]);
  assert.deepEqual([back.status, back.location], [303, "/account"]);
  const again = await open("/account", kept(back.lines));
  assert.deepEqual([again.status, again.heading], [200, "Account of ada"]);
  assert.deepEqual(await api.refreshes(), [200]);
  for (const secret of api.network.secrets()) assert(!again.html.includes(secret), "the page holds a secret");
}

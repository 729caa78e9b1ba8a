// The app that the manual shows does what the manual says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { Browser } from "../harness/browser.mjs";
import { MAJOR } from "../harness/sdk.mjs";
import { freePort, Server } from "../harness/server.mjs";

const skip = MAJOR !== 24; // it is written for this one
let server, app, origin;

before(async () => {
  if (skip) return;
  server = await Server.start();
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const file = new URL("../quickstart/app.cjs", import.meta.url).pathname;
  const env = { PATH: process.env.PATH, PORT: port, SESSION_SERVER: server.origin };
  app = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"], env });
  const [line] = await Promise.race([once(app.stdout, "data"), once(app, "exit").then(() => ["it ended"])]);
  assert.match(String(line), /listening/);
});

after(async () => {
  app?.kill();
  await server?.stop();
});

test("the quick start signs in, protects, gives a role and signs out everywhere", { skip, timeout: 60_000 }, async () => {
  const [browser, other] = [new Browser({ origin }), new Browser({ origin })];
  const call = async (who, method, path, body) => (await who.call(method, path, { body })).status;
  assert.equal(await call(browser, "GET", "/me"), 401);
  for (const who of [browser, other]) assert.equal(await call(who, "POST", "/login", { user: "alice" }), 200);
  assert.deepEqual((await browser.call("GET", "/me")).body, { user: "alice" });

  assert.equal(await call(browser, "GET", "/drafts"), 403);
  assert.equal(await call(browser, "POST", "/become-editor"), 200);
  assert.equal(await call(browser, "GET", "/drafts"), 200);
  assert.equal((await browser.refresh()).status, 200);
  assert.equal(await call(browser, "GET", "/drafts"), 200);

  assert.equal(await call(browser, "POST", "/leave-everywhere"), 200);
  assert.equal(browser.accessToken, undefined);
  assert.equal((await other.refresh()).status, 401);
});

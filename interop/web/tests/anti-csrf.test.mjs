// Anti-CSRF tokens: a request that changes something must echo what only a script of the site can read.
import assert from "node:assert/strict";
import { browserTest } from "../harness/browser.mjs";
import { HOUR } from "../harness/app.mjs";
import { Thief } from "../harness/thief.mjs";

/** A call that bypasses the client. */
function bare(tab, method, path, headers = {}) {
  return tab.page.evaluate(
    async ({ method, path, headers }) => {
      const answer = await window.__supertokensOriginalFetch(path, { method, headers });
      return { status: answer.status, text: await answer.text() };
    },
    { method, path, headers },
  );
}

const tryRefresh = { status: 401, text: '{"message":"try refresh token"}' };

browserTest("a change needs the anti-CSRF token, and the client sends it", { modes: ["cookie"], antiCsrf: "VIA_TOKEN" }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  assert.deepEqual(await bare(tab, "POST", "/note"), tryRefresh);
  assert.deepEqual(await bare(tab, "POST", "/note", { "anti-csrf": "wrong" }), tryRefresh);
  assert.deepEqual(await bare(tab, "POST", "/auth/signout"), tryRefresh);
  assert.equal((await bare(tab, "GET", "/me")).status, 200, "reading needs none");

  const refreshes = await person.app.refreshes();
  assert.equal((await tab.call("POST", "/note", { body: "hello" })).status, 200);
  assert.deepEqual(await person.app.refreshes(), refreshes, "the client's call went through at once");
});

browserTest("a refresh needs the anti-CSRF token, and one without it does no harm", { modes: ["cookie"], antiCsrf: "VIA_TOKEN" }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const forged = await new Thief(person.app, await person.tokens()).refresh();
  assert.deepEqual(forged, { status: 401, body: { message: "unauthorised" }, frontToken: "remove" });

  await person.app.advance(HOUR);
  const before = await tab.page.evaluate(() => document.cookie.match(/sAntiCsrf=([^;]+)/)[1]);
  assert.equal((await tab.call("POST", "/note", { body: "after an hour" })).status, 200);
  const after = await tab.page.evaluate(() => document.cookie.match(/sAntiCsrf=([^;]+)/)[1]);
  assert.notEqual(after, before, "a refresh brings a new one");
  assert.deepEqual(await bare(tab, "POST", "/note", { "anti-csrf": before }), tryRefresh);
});

browserTest("another tab uses the anti-CSRF token that the first one got", { modes: ["cookie"], antiCsrf: "VIA_TOKEN" }, async (person) => {
  const [one, two] = [await person.openTab(), await person.openTab()];
  await one.signIn("alice");
  assert.equal((await two.call("POST", "/note", { body: "from two" })).status, 200);
  await person.app.advance(HOUR);
  assert.equal((await one.call("POST", "/note", { body: "from one" })).status, 200);
  assert.equal((await two.call("POST", "/note", { body: "from two" })).status, 200);
  await two.signOut();
  assert.equal(await one.signedIn(), false);
});

browserTest("header mode has no need of anti-CSRF tokens", { modes: ["header"], antiCsrf: "VIA_TOKEN" }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  assert.doesNotMatch(await tab.page.evaluate(() => document.cookie), /sAntiCsrf/);
  assert.equal((await tab.call("POST", "/note", { body: "hello" })).status, 200);
  await person.app.advance(HOUR);
  assert.equal((await tab.call("POST", "/note", { body: "after an hour" })).status, 200);
});

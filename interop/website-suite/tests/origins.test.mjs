// A website and an API that are not of one origin, and calls that are none of the client's business.
import assert from "node:assert/strict";
import { SHORT, expiry, story, topic } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";

/** Runs `tell` with an API of another origin than the website, which is the person's own server. */
async function across(person, settings, tell) {
  const website = person.server;
  const api = await Server.start({ mode: person.mode, website: website.origin, ...settings });
  try {
    person.server = api;
    await tell(await person.openTab({ server: website, apiDomain: api.origin }), api, website);
  } finally {
    person.server = website;
    await api.stop();
  }
}

topic("origins", () => {
  story("a session works across origins: signing in, refreshing, changing, leaving", {}, (person) =>
    across(person, { validity: SHORT, antiCsrf: true }, async (tab, api, website) => {
      await tab.signIn("alice");
      let refreshes = 0;
      for (const by of ["fetch", "xhr", "axios"]) {
        assert.deepEqual(await tab.call("GET", "/", { by }), { status: 200, text: "alice" }, by);
        await expiry();
        assert.deepEqual(await tab.call("GET", "/", { by }), { status: 200, text: "alice" }, by);
        assert.equal(await api.refreshes(), ++refreshes, by);
        const changed = await tab.call("POST", "/update-jwt", { by, json: { by } });
        assert.equal(JSON.parse(changed.text).by, by);
      }
      await tab.signOut();
      assert.equal(await tab.signedIn(), false);
      assert.deepEqual([await website.attempts(), await website.visits()], [0, 0], "the website's own server is left out of it");
    }),
  );

  story("what is refused can be read across origins, and so is acted upon", {}, (person) =>
    across(person, {}, async (tab) => {
      assert.equal((await tab.call("GET", "/")).status, 401);
      await tab.signIn("alice");
      assert.equal(JSON.parse((await tab.call("POST", "/session-claims-error")).text).claimValidationErrors[0].id, "test-claim-failing");
      assert.equal((await tab.events()).at(-1), "API_INVALID_CLAIM");
      assert.equal((await tab.call("GET", "/nowhere")).status, 404);
    }),
  );

  story("calls of other hosts, and those that the page keeps from the client, carry nothing of the session", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    const [here, there] = [person.server.origin, person.server.origin.replace("localhost", "127.0.0.1")];
    for (const by of ["fetch", "xhr", "axios"]) {
      assert.equal((await tab.call("GET", `${here}/check-rid-no-session`, { by })).text, "success", by);
      for (const url of [`${there}/check-rid-no-session`, `${here}/check-rid-no-session#superTokensDoNotDoInterception`]) {
        const [request] = await Promise.all([
          tab.page.waitForRequest((request) => request.url().startsWith(url.split("#")[0])),
          tab.call("GET", url, { by }).then(({ text }) => assert.equal(text, "fail", `${by} ${url}`)),
        ]);
        const sent = await request.allHeaders();
        for (const name of ["rid", "st-auth-mode", "authorization", "anti-csrf"]) assert.equal(sent[name], undefined, `${by} ${url}: ${name}`);
      }
    }
  });

  story("pages of an origin that the server does not know read nothing", { modes: ["header"] }, async (person) => {
    const tab = await person.openTab();
    const stranger = await Server.start();
    try {
      for (const path of ["/ping", "/login", "/auth/session/refresh"]) {
        const read = tab.page.evaluate((url) => window.__supertokensOriginalFetch(url).then(() => "read", () => "refused"), stranger.origin + path);
        assert.equal(await read, "refused", path);
      }
    } finally {
      await stranger.stop();
    }
  });

  story("errors and headers of the app's own pass through", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    for (const by of ["fetch", "xhr", "axios"]) {
      for (const status of [400, 404, 405, 500, 503]) {
        const answer = await tab.call("GET", `/testError?code=${status}`, { by });
        assert.deepEqual(answer, { status, text: '{"error":"test error message"}' }, by);
      }
      assert.equal((await tab.call("GET", "/testHeader", { by, headers: { "st-custom-header": "x" } })).text, '{"success":true}', by);
      assert.equal((await tab.call("GET", "/check-rid", { by })).text, "success", by);
    }
    const echoed = await tab.page.evaluate(async () => (await fetch("/testing", { headers: { testing: "héllo" } })).headers.get("testing"));
    assert.equal(echoed, "héllo");
    assert.equal(await person.server.attempts(), 1, "before the sign-in");
  });
});

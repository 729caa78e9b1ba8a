// The SDKs that stand on `supertokens-website`: an app with each signs in, comes back after the token has expired, signs out.
import assert from "node:assert/strict";
import { browserTest } from "../harness/browser.mjs";
import { HOUR } from "../harness/app.mjs";

for (const name of ["web-js", "auth-react"]) {
  browserTest(`a user of an app with supertokens-${name} signs in, works, and signs out`, { page: name }, async (person) => {
    const tab = await person.openTab();
    assert.equal(await tab.signedIn(), false);
    assert.equal((await tab.call("GET", "/me")).status, 401);
    await tab.signIn("alice");
    assert.equal(await tab.userId(), "alice");
    const { user, claims } = await tab.me();
    assert.equal(user, "alice");
    assert.deepEqual(await tab.payload(), claims);

    const refreshes = await person.app.refreshes();
    await person.app.advance(HOUR);
    assert.deepEqual(await tab.many(10), Array(10).fill(200));
    assert.deepEqual(await person.app.refreshes(), [...refreshes, 200]);
    assert.equal(await tab.signedIn(), true);

    const denied = await tab.page.evaluate(async () => {
      const response = await fetch("/staff");
      return (await window.client.getInvalidClaimsFromResponse({ response })).map(({ id }) => id);
    });
    assert.deepEqual(denied, ["staff"]);
    await tab.signOut();
    assert.equal(await tab.signedIn(), false);
    assert.equal((await tab.call("GET", "/me")).status, 401);
    const events = (await tab.events()).filter((event) => /SESSION_CREATED|REFRESH_SESSION|API_INVALID_CLAIM|SIGN_OUT/.test(event));
    assert.deepEqual(events, ["SESSION_CREATED", "REFRESH_SESSION", "API_INVALID_CLAIM", "SIGN_OUT"]);
    assert.deepEqual(await person.app.events("alice"), ["session.created", "session.revoked"]);
  });
}

browserTest("a page of supertokens-auth-react shows who is signed in, and what is theirs", { page: "auth-react" }, async (person) => {
  const tab = await person.openTab();
  const shows = (who, greeting) =>
    tab.page.waitForFunction(
      ([who, greeting]) =>
        document.querySelector("#who")?.textContent === who && document.querySelector("#greeting")?.textContent === greeting,
      [who, greeting],
      { timeout: 10_000 },
    );
  await shows("nobody");
  await tab.signIn("alice");
  await shows("alice", "Grüß Gott 👋");
  await person.app.advance(HOUR);
  await tab.page.reload();
  await shows("alice", "Grüß Gott 👋");
  await tab.me();
  await shows("alice", "Grüß Gott 👋");

  // The end of the session as the server tells it.
  await person.app.advance(200 * 24 * HOUR);
  assert.equal((await tab.call("GET", "/me")).status, 401);
  await shows("nobody");
  assert.ok((await tab.events()).includes("onSessionExpired"));
});

// When access tokens expire, get lost or are damaged: what the client asks for, and how often.
import assert from "node:assert/strict";
import { SHORT, expiry, story, topic } from "../harness/browser.mjs";

const UNAUTHORISED = { status: 401, text: "{}" };

/** Ends all of the user's sessions by a call that the browser does not see. */
async function endElsewhere(person) {
  const { access } = await person.tokens();
  const headers = person.mode === "cookie" ? { cookie: `sAccessToken=${access}` } : { authorization: `Bearer ${access}` };
  const ended = await fetch(`${person.server.origin}/revokeAll`, { method: "POST", headers });
  assert.equal(await ended.text(), "success");
}

topic("refreshing", () => {
  story("whatever way a call is made, an expired access token is refreshed and the call made again", { validity: SHORT }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    let refreshes = 0;
    for (const by of ["fetch", "xhr", "axios"]) {
      assert.deepEqual(await tab.call("GET", "/", { by }), { status: 200, text: "alice" }, by);
      assert.equal(await person.server.refreshes(), refreshes, by);
      await expiry();
      assert.deepEqual(await tab.call("GET", "/", { by }), { status: 200, text: "alice" }, by);
      assert.equal(await person.server.refreshes(), ++refreshes, by);
    }
    assert.equal(await person.server.attempts(), 4, "three refreshes, and one call of a page that nobody had signed in on");
    assert.equal(await person.server.visits(), 6);
  });

  story("calls at the same time wait for one refresh", { validity: SHORT, antiCsrf: true }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    await expiry();
    const ways = ["fetch", "xhr", "axios", "fetch", "xhr", "axios", "fetch", "xhr", "axios", "fetch"];
    const answers = await Promise.all(ways.map((by) => tab.call("POST", "/update-jwt", { by, json: { by } })));
    assert.deepEqual(answers.map((answer) => answer.status), ways.map(() => 200));
    assert.equal(await person.server.refreshes(), 1);
  });

  story("a page that was never signed in on asks once", {}, async (person) => {
    const tab = await person.openTab();
    assert.equal(await tab.signedIn(), false);
    assert.equal(await person.server.attempts(), 1);
    const again = await person.openTab();
    assert.equal(await again.signedIn(), false);
    assert.deepEqual(await again.call("GET", "/"), UNAUTHORISED);
    assert.equal(await person.server.attempts(), 1, "it remembers the answer");
  });

  story("a client that forgot that there is a session finds it again", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    const before = await person.server.refreshes();
    for (const name of ["sFrontToken", "st-last-access-token-update"]) await person.context.clearCookies({ name });
    assert.equal(await tab.signedIn(), true);
    assert.equal(await person.server.refreshes(), before + 1);
    assert.equal((await tab.payload()).sub, "alice");
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), before + 1);
  });

  story("a call that stays refused is given up after the agreed number of refreshes", {}, async (person) => {
    const tab = await person.openTab({ maxRetryAttemptsForSessionRefresh: 3 });
    await tab.signIn("alice");
    for (const by of ["fetch", "xhr", "axios"]) {
      const before = await person.server.refreshes();
      const given = tab.call("GET", "/testError?code=401", { by }).then(({ status }) => status, () => "failed");
      assert.notEqual(await given, 200, by);
      assert.equal((await person.server.refreshes()) - before, 3, by);
    }
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" }, "the session is as good as before");
  });

  story("a session that was ended elsewhere ends here with the next refresh", { validity: SHORT }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    await endElsewhere(person);
    await expiry();
    const attempts = await person.server.attempts();
    const answers = await Promise.all(Array.from({ length: 5 }, () => tab.call("GET", "/")));
    for (const { status } of answers) assert.equal(status, 401);
    assert.equal(await person.server.attempts(), attempts + 1, "one refresh tells all of them");
    assert.equal(await tab.signedIn(), false);
    assert.deepEqual(await person.tokens(), { access: undefined, refresh: undefined, front: undefined });
    assert.deepEqual((await tab.events()).slice(-1), ["UNAUTHORISED"]);
  });

  story("a session that was ended elsewhere, where that is felt at once, ends here with the next call", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    await endElsewhere(person);
    const attempts = await person.server.attempts();
    assert.deepEqual(await tab.call("GET", "/"), UNAUTHORISED);
    assert.equal(await person.server.attempts(), attempts + 1, "the refresh tells that the session is over");
    assert.equal(await tab.signedIn(), false);
    assert.deepEqual(await person.tokens(), { access: undefined, refresh: undefined, front: undefined });
  });

  story("damaged tokens are replaced if a refresh token is left, and forgotten if not", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    const [access, refresh] = person.mode === "cookie" ? ["sAccessToken", "sRefreshToken"] : ["st-access-token", "st-refresh-token"];
    await person.spoil(access, "nonsense");
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), 1);

    await person.spoil(access, "nonsense");
    await person.spoil(refresh, "nonsense");
    assert.equal((await tab.call("GET", "/")).status, 401);
    assert.deepEqual(await person.tokens(), { access: undefined, refresh: undefined, front: undefined });
    assert.equal(await tab.signedIn(), false);
  });
});

// What the client tells the page of, and in which order.
import assert from "node:assert/strict";
import { SHORT, expiry, story, topic } from "../harness/browser.mjs";

topic("events", () => {
  story("a session's life, in order", { validity: SHORT }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    await tab.call("GET", "/");
    assert.deepEqual(await tab.events(), ["SESSION_CREATED"]);

    await expiry();
    await tab.call("GET", "/");
    const refreshed = await tab.events();
    // the refresh brings another token, and the first call with it a confirmed one
    assert.deepEqual(refreshed.slice(1), ["ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION", "ACCESS_TOKEN_PAYLOAD_UPDATED"]);
    assert.equal((await tab.payload()).parentRefreshTokenHash1, null, "confirmed");

    await tab.call("GET", "/");
    assert.deepEqual(await tab.events(), refreshed, "only the first call after a refresh changes the token");
    await tab.signOut();
    assert.deepEqual((await tab.events()).slice(refreshed.length), ["SIGN_OUT"]);
  });

  story("a changed payload is there at once, and told of", { antiCsrf: true }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    const before = await tab.payload();
    const answer = await tab.call("POST", "/update-jwt", { json: { plan: "pro", seats: { a: [1, null] } } });
    assert.equal(answer.status, 200);
    const after = await tab.payload();
    assert.deepEqual(JSON.parse(answer.text), after);
    assert.deepEqual([after.plan, after.seats], ["pro", { a: [1, null] }]);
    assert.deepEqual([after.sub, after.sessionHandle, after.exp], [before.sub, before.sessionHandle, before.exp]);
    assert.deepEqual((await tab.events()).slice(-1), ["ACCESS_TOKEN_PAYLOAD_UPDATED"]);

    await tab.call("POST", "/update-jwt", { json: { other: 1 } });
    const replaced = await tab.payload();
    assert.deepEqual([replaced.plan, replaced.other], [undefined, 1]);
    assert.deepEqual(JSON.parse((await tab.call("GET", "/update-jwt")).text), replaced);
  });

  story("a payload that was changed by the session's handle arrives with the next refresh", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    const before = await tab.payload();
    const events = await tab.events();
    const answer = await tab.call("POST", "/update-jwt-with-handle", { json: { plan: "pro" } });
    assert.deepEqual(JSON.parse(answer.text), before);
    assert.deepEqual(await tab.payload(), before);
    assert.deepEqual(await tab.events(), events, "nothing reached the client");

    assert.equal(await tab.page.evaluate(() => window.client.attemptRefreshingSession()), true);
    assert.equal((await tab.payload()).plan, "pro");
    const told = (await tab.events()).slice(events.length);
    assert.deepEqual(told.sort(), ["ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]);
  });

  story("who signs out holds nothing any more, whichever way it is asked for", { antiCsrf: true }, async (person) => {
    const tab = await person.openTab();
    for (const leave of [() => tab.signOut(), () => tab.call("POST", "/logout"), () => tab.call("POST", "/revokeAll")]) {
      await tab.signIn("alice");
      await leave();
      assert.equal(await tab.signedIn(), false);
      assert.deepEqual(await person.tokens(), { access: undefined, refresh: undefined, front: undefined });
      assert.equal(await person.cookie("sAntiCsrf"), undefined);
      assert.deepEqual((await tab.events()).slice(-1), ["SIGN_OUT"]);
      assert.equal((await tab.call("GET", "/")).status, 401);
    }
  });

  story("a claim that fails is told of with its reason, another 403 is not", { antiCsrf: true }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    const failing = [{ id: "test-claim-failing", reason: { message: "testReason" } }];
    for (const by of ["fetch", "xhr", "axios"]) {
      const before = (await tab.events()).length;
      const answer = await tab.call("POST", "/session-claims-error", { by });
      assert.equal(answer.status, 403, by);
      assert.deepEqual(JSON.parse(answer.text).claimValidationErrors, failing, by);
      assert.deepEqual(await tab.page.evaluate((from) => window.events.slice(from), before), [
        { action: "API_INVALID_CLAIM", claimValidationErrors: failing },
      ], by);
      assert.deepEqual(await tab.call("POST", "/403-without-body", { by }), { status: 403, text: "" });
      assert.equal((await tab.events()).length, before + 1, by);
    }
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
  });
});

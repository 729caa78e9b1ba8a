// The same server with its sessions in a core: what depends on where they are kept.
import assert from "node:assert/strict";
import { SHORT, expiry, story, topic } from "../harness/browser.mjs";

topic("sessions in a core", () => {
  story("a session's life", { core: true, validity: SHORT, antiCsrf: true }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice", "/login", { plan: "pro" });
    await tab.call("GET", "/");
    await expiry();
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), 1);
    assert.equal((await tab.payload()).parentRefreshTokenHash1, null, "confirmed by the core");
    const changed = await tab.call("POST", "/update-jwt", { json: { plan: "free" } });
    assert.equal(JSON.parse(changed.text).plan, "free");
    await tab.call("POST", "/update-jwt-with-handle", { json: { plan: "none" } });
    assert.equal((await tab.payload()).plan, "free");

    await expiry();
    const leave = await tab.call("POST", "/logout");
    assert.deepEqual(leave, { status: 200, text: "success" });
    assert.equal(await person.server.refreshes(), 2);
    assert.equal(await tab.signedIn(), false);
    assert.deepEqual(await tab.events(), [
      "SESSION_CREATED",
      "ACCESS_TOKEN_PAYLOAD_UPDATED", // a refresh, and what follows its first use
      "REFRESH_SESSION",
      "ACCESS_TOKEN_PAYLOAD_UPDATED",
      "ACCESS_TOKEN_PAYLOAD_UPDATED", // the change
      "ACCESS_TOKEN_PAYLOAD_UPDATED", // another refresh; the first use of its token ends the session
      "REFRESH_SESSION",
      "SIGN_OUT",
    ]);
  });

  story("a session whose token is of the second version", { core: true, modes: ["any"], validity: SHORT }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice", "/login-2.18", { plan: "pro" });
    assert.deepEqual(await tab.payload(), { plan: "pro" });
    await expiry();
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    const { sub, plan, iss } = await tab.payload();
    assert.deepEqual([sub, plan, iss], ["alice", "pro", undefined]);
  });
});

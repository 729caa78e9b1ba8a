// Cookies that get lost, and anti-CSRF tokens.
import assert from "node:assert/strict";
import { BOTH, scenario } from "../harness/scenario.mjs";

const ends = async (tab) => (await tab.eventList()).filter(({ type }) => /SIGN_OUT|UNAUTHORISED/.test(type));
const gone = (sessionExpiredOrRevoked) => [{ type: "UNAUTHORISED", sessionExpiredOrRevoked, origin: "local" }];

scenario(
  "E34 with anti-CSRF tokens only the client can post, and every tab has the newest",
  { backends: BOTH, modes: ["cookie"], antiCsrf: "VIA_TOKEN" },
  async ({ gate }, person) => {
    const one = await person.signedIn();
    const two = await person.open();
    const bare = () =>
      one.run(async () => (await fetch("/note", { method: "POST", body: "x", headers: { rid: "session" } })).status);
    assert.equal(await bare(), 401);
    assert.equal(await one.status("POST", "/note", { body: "x" }), 200);
    assert.equal(await two.status("POST", "/note", { body: "x" }), 200);
    const token = (await person.cookies()).get("sAntiCsrf").value;
    assert.equal(gate.to("POST /note").at(-1).headers["anti-csrf"], token);

    await person.backend.expire();
    assert.equal(await one.status("POST", "/note", { body: "x" }), 200);
    const next = (await person.cookies()).get("sAntiCsrf").value;
    assert.notEqual(next, token);
    assert.equal(await two.status("POST", "/note", { body: "x" }), 200);
    assert.equal(gate.to("POST /note").at(-1).headers["anti-csrf"], next);
    assert.equal(await bare(), 401);
    assert.deepEqual(person.refreshes(), [200]);
    await two.signOut();
    assert.ok(!(await person.cookies()).has("sAntiCsrf"));
  },
);

scenario(
  "E35 with anti-CSRF tokens, whoever loses the script's cookies is signed out cleanly",
  { modes: ["cookie"], antiCsrf: "VIA_TOKEN" },
  async (_, person) => {
    const tab = await person.signedIn();
    await person.forgetScriptCookies();
    await tab.reload();
    assert.equal(await tab.exists(), false);
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.deepEqual(person.refreshes(), [401]);
    assert.deepEqual(await person.tokens(), { mode: "cookie", accessToken: undefined, refreshToken: undefined });
  },
);

scenario(
  "E36 without anti-CSRF tokens, whoever loses the script's cookies refreshes once and stays signed in",
  { backends: BOTH, modes: ["cookie"] },
  async (_, person) => {
    const tab = await person.signedIn();
    await person.forgetScriptCookies();
    await tab.reload();
    assert.equal(await tab.exists(), true);
    assert.equal((await tab.me()).user, "alice");
    assert.equal(await tab.ask("userId"), "alice");
    assert.deepEqual(person.refreshes(), [200]);
  },
);

scenario(
  "E37 a page whose cookies and storage are all deleted learns that there is no session",
  {},
  async ({ context }, person) => {
    const tab = await person.signedIn();
    await context.clearCookies();
    await tab.run(() => localStorage.clear());
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.equal(await tab.shows(), "unauthenticated");
    assert.deepEqual(person.refreshes(), [401]);
    assert.deepEqual(await ends(tab), gone(false));
  },
);

scenario(
  "E38 a browser that has lost the server's cookies alone is signed out",
  { modes: ["cookie"] },
  async ({ context }, person) => {
    const tab = await person.signedIn();
    await context.clearCookies({ name: "sAccessToken" });
    await context.clearCookies({ name: "sRefreshToken" });
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.deepEqual(person.refreshes(), [401]);
    assert.ok(!(await person.cookies()).has("sFrontToken"));
    assert.deepEqual(await ends(tab), gone(true));
    assert.equal(await tab.status("GET", "/me"), 401);
    assert.deepEqual(person.refreshes(), [401]);
  },
);

scenario(
  "E42 a cookie of an SDK from long ago costs one refresh, and is gone",
  { modes: ["cookie"] },
  async ({ context }, person) => {
    const tab = await person.signedIn();
    await context.addCookies([{ name: "sIdRefreshToken", value: "old", url: `${person.origin}/`, httpOnly: true }]);
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200]);
    assert.ok(!(await person.cookies()).has("sIdRefreshToken"));
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), [200]);
  },
);

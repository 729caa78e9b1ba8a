// Tokens of other times, other ways and other hands.
import assert from "node:assert/strict";
import { SHORT, expiry, story, topic } from "../harness/browser.mjs";

const FOREIGN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJzb21lYm9keSBlbHNlIn0.c2lnbmF0dXJl";
const STANDARD = "antiCsrfToken exp iat parentRefreshTokenHash1 refreshTokenHash1 rsub sessionHandle sub tId".split(" ");

topic("tokens", () => {
  story("a fresh token holds ten standard claims and the app's", {}, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice", "/login", { plan: "pro" });
    const payload = await tab.payload();
    assert.deepEqual(Object.keys(payload).sort(), [...STANDARD, "iss", "plan"].sort());
    assert.deepEqual([payload.parentRefreshTokenHash1, payload.antiCsrfToken], [null, null]);
    assert.deepEqual([payload.sub, payload.rsub, payload.tId, payload.iss], ["alice", "alice", "public", person.server.issuer]);
  });

  story("the marker of an old client costs one refresh, and is gone", { modes: ["cookie"] }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    await person.context.addCookies([{ name: "sIdRefreshToken", value: "of-an-old-client", url: person.server.origin, httpOnly: true }]);
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), 1);
    assert.equal(await person.cookie("sIdRefreshToken"), undefined);
    await tab.call("GET", "/");
    assert.equal(await person.server.refreshes(), 1);
  });

  story("a session in cookies stays there until the next sign-in, though the website changed to headers", { modes: ["any"], validity: SHORT }, async (person) => {
    const old = await person.openTab({ tokenTransferMethod: "cookie" });
    await old.signIn("alice");
    assert.ok(await person.cookie("sAccessToken"));
    await old.page.close();

    const tab = await person.openTab({ tokenTransferMethod: "header" });
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    const before = await person.server.refreshes(); // opening a page may take as long as a token lives
    await expiry();
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), before + 1);
    assert.ok(await person.cookie("sAccessToken"));
    assert.equal(await person.cookie("st-access-token"), undefined);

    await tab.signIn("alice");
    assert.equal(await person.cookie("sAccessToken"), undefined);
    assert.ok(await person.cookie("st-access-token"));
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
  });

  story("a session whose token is of the second version gets one of the fifth", { modes: ["any"], validity: SHORT }, async (person) => {
    const tab = await person.openTab();
    const claims = { plan: "pro", iss: "somebody" };
    await tab.signIn("alice", "/login-2.18", claims);
    const header = JSON.parse(atob((await person.cookie("st-access-token")).split(".")[0]));
    assert.deepEqual([header.version, header.kid], ["2", undefined]);
    assert.deepEqual(await tab.payload(), claims, "the app's claims stood apart");
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), 0);

    await expiry();
    assert.deepEqual(await tab.call("GET", "/"), { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), 1);
    const payload = await tab.payload();
    assert.deepEqual(Object.keys(payload).sort(), [...STANDARD, ...Object.keys(claims)].sort());
    assert.deepEqual([payload.sub, payload.plan, payload.iss, payload.tId], ["alice", "pro", "somebody", "public"]);
    assert.equal(JSON.parse(atob((await person.cookie("st-access-token")).split(".")[0])).version, "5");
  });

  story("an access token that the page may read verifies by the published keys", { jwt: true }, async (person) => {
    const tab = await person.openTab();
    const [answer] = await Promise.all([
      tab.page.waitForResponse((answer) => answer.url().endsWith("/login")),
      tab.signIn("alice"),
    ]);
    const token = (await answer.allHeaders())["st-access-token"];
    const parts = token.split(".");
    const [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
    assert.deepEqual([payload.sub, payload.customClaim, payload.iss], ["alice", "customValue", person.server.issuer]);

    const discovered = await (await fetch(`${payload.iss}/.well-known/openid-configuration`)).json();
    assert.deepEqual(discovered, { issuer: payload.iss, jwks_uri: `${payload.iss}/jwt/jwks.json` });
    const { keys } = await (await fetch(discovered.jwks_uri)).json();
    const jwk = keys.find(({ kid }) => kid === header.kid);
    assert.deepEqual([jwk.kty, jwk.alg, jwk.use], ["RSA", "RS256", "sig"]);
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("jwk", jwk, rsa, false, ["verify"]);
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    assert.equal(await crypto.subtle.verify(rsa, key, Buffer.from(parts[2], "base64url"), signed), true);
    assert.equal((await person.tokens()).access, token, "it is the very token that the session goes by");
  });

  story("a page may name its access token by itself, and it is still refreshed", { modes: ["header"], validity: SHORT }, async (person) => {
    const tab = await person.openTab();
    await tab.signIn("alice");
    let refreshes = 0;
    for (const by of ["fetch", "xhr", "axios"]) {
      const { access } = await person.tokens();
      const headers = { authorization: `Bearer ${access}` };
      assert.deepEqual(await tab.call("GET", "/", { by, headers }), { status: 200, text: "alice" }, by);
      await expiry();
      assert.deepEqual(await tab.call("GET", "/", { by, headers: { authorization: `Bearer ${(await person.tokens()).access}` } }), { status: 200, text: "alice" }, by);
      assert.equal(await person.server.refreshes(), ++refreshes, by);
    }
  });

  story("somebody else's bearer token beside a session in cookies does no harm", { modes: ["cookie", "any"] }, async (person) => {
    const tab = await person.openTab({ tokenTransferMethod: "cookie" });
    await tab.signIn("alice");
    const answer = await tab.call("GET", "/", { headers: { authorization: `Bearer ${FOREIGN}` } });
    assert.deepEqual(answer, { status: 200, text: "alice" });
    assert.equal(await person.server.refreshes(), 0);
    assert.ok(await person.cookie("sAccessToken"));
  });
});

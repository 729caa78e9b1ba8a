// What travels in cookies and headers.
import assert from "node:assert/strict";
import { REFUSED, topic } from "./sdk.mjs";

const cookies = (headers) => headers.getSetCookie().map((line) => line.split(";")[0]);
const refused = ({ status, body }) => ({ status, body });

topic("requests", (story) => {
  story("a session in cookies", {}, async (sdk) => {
    const created = await sdk.call("POST", "/create", { json: { recipeUserId: "alice" }, headers: { "st-auth-mode": "cookie" } });
    assert.equal(created.body.userId, "alice");
    const [access, refresh] = cookies(created.headers);
    assert.match(access, /^sAccessToken=e/);
    assert.match(refresh, /^sRefreshToken=/);
    assert.equal((await sdk.call("GET", "/verify", { headers: { cookie: access } })).body.sessionHandle, created.body.sessionHandle);
    assert.equal((await sdk.call("POST", "/getsession", { headers: { cookie: access } })).body.userId, "alice");
    const refreshed = await sdk.call("POST", "/refreshsession", { headers: { cookie: refresh } });
    assert.equal(refreshed.body.sessionHandle, created.body.sessionHandle);
    assert.notDeepEqual(cookies(refreshed.headers), [access, refresh]);
    const out = await sdk.call("POST", "/auth/signout", { headers: { cookie: cookies(refreshed.headers)[0] } });
    assert.deepEqual([out.status, out.body, out.headers.get("front-token")], [200, { status: "OK" }, "remove"]);
    assert.deepEqual(refused(await sdk.call("GET", "/verify")), REFUSED.unauthorised);
  });

  story("a session in headers", { session: { getTokenTransferMethod: "header" } }, async (sdk) => {
    const created = await sdk.call("POST", "/create", { json: { userId: "alice" }, headers: { "st-auth-mode": "cookie" } });
    const token = (kind) => ({ authorization: `Bearer ${created.headers.get(`st-${kind}-token`)}` });
    assert.deepEqual(cookies(created.headers), []);
    assert.equal((await sdk.call("GET", "/verify", { headers: token("access") })).body.userId, "alice");
    const refreshed = await sdk.call("POST", "/auth/session/refresh", { headers: token("refresh") });
    assert.deepEqual(refused(refreshed), { status: 200, body: {} });
    assert.deepEqual(refused(await sdk.call("POST", "/refreshsession", { headers: token("access") })), REFUSED.unauthorised);
  });

  story("statuses and cookies are as they were configured", { session: { sessionExpiredStatusCode: 440, invalidClaimStatusCode: 418, cookieDomain: "example.com", cookieSecure: true, cookieSameSite: "strict" } }, async (sdk) => {
    assert.equal((await sdk.call("GET", "/verify")).status, 440);
    const created = await sdk.call("POST", "/create", { json: { recipeUserId: "alice" }, headers: { "st-auth-mode": "cookie" } });
    for (const line of created.headers.getSetCookie()) assert.match(line, /; Domain=example\.com; .*; Secure; SameSite=Strict$/);
  });
});

// What the browser's cookie jar and a page's script get to see.
import assert from "node:assert/strict";
import { browserTest } from "../harness/browser.mjs";

const DAY_S = 24 * 60 * 60;

/** Everything that a script in the page can get hold of, as one text. */
function readable(tab) {
  return tab.page.evaluate(async () => {
    const raw = window.__supertokensOriginalFetch;
    const rid = { rid: "session", "st-auth-mode": new URLSearchParams(location.search).get("mode") };
    const bearer = (name) => document.cookie.match(`${name}=([^;]+)`)?.[1];
    const as = (name) => ({ ...rid, ...(bearer(name) && { authorization: `Bearer ${bearer(name)}` }) });
    const seen = [];
    for (const [method, path, init] of [
      ["POST", "/login", { body: new URLSearchParams({ user: "alice" }), headers: rid }],
      ["GET", "/me", { headers: as("st-access-token") }],
      ["POST", "/auth/session/refresh", { headers: as("st-refresh-token") }],
      ["GET", "/", {}],
    ]) {
      const answer = await raw(path, { method, ...init });
      seen.push(`${method} ${path} ${answer.status}`, JSON.stringify([...answer.headers]), await answer.text());
    }
    const xhr = new XMLHttpRequest();
    xhr.open("POST", "/auth/session/refresh", false);
    for (const [name, value] of Object.entries(as("st-refresh-token"))) xhr.setRequestHeader(name, value);
    xhr.send();
    seen.push(xhr.getAllResponseHeaders(), xhr.responseText);
    seen.push(document.cookie, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }));
    seen.push(JSON.stringify(await cookieStore.getAll()), JSON.stringify(await indexedDB.databases()));
    seen.push(JSON.stringify(await caches.keys()), document.documentElement.outerHTML);
    return seen.join("\n");
  });
}

browserTest("a script in the page can read neither token", { modes: ["cookie"] }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  await tab.me();
  const text = await readable(tab);
  for (const call of ["POST /login 200", "GET /me 200", "POST /auth/session/refresh 200"]) assert.ok(text.includes(call), text);
  assert.match(text, /front-token/);
  assert.ok(person.app.network.issued.size >= 6, "sign-ins and refreshes issued tokens");
  for (const token of person.app.network.issued) {
    assert.ok(!text.includes(token), "a token is in reach of a script");
    // The payload is meant for the page; the signature is what makes it a token.
    assert.ok(!text.includes(token.split(".").at(-1)), "a token's signature is in reach of a script");
  }
});

browserTest("what is looked for in the page is found when the page holds the tokens itself", { modes: ["header"] }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const held = await person.tokens();
  const text = await readable(tab);
  assert.ok(text.includes(held.accessToken) && text.includes(held.refreshToken));
  assert.ok((await person.context.cookies()).every(({ name }) => !["sAccessToken", "sRefreshToken"].includes(name)));
});

browserTest("the browser stores the cookies with the attributes that protect them", { modes: ["cookie"] }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const now = Date.now() / 1000;
  const jar = await person.context.cookies();
  const stored = (wanted) => {
    const { value, expires, ...rest } = jar.find(({ name }) => name === wanted);
    assert.ok(value);
    return { ...rest, days: Math.round((expires - now) / DAY_S) };
  };
  const common = { domain: "localhost", httpOnly: true, secure: false, sameSite: "Lax" };
  assert.deepEqual(stored("sAccessToken"), { name: "sAccessToken", path: "/", days: 365, ...common });
  assert.deepEqual(stored("sRefreshToken"), { name: "sRefreshToken", path: "/auth/session/refresh", days: 100, ...common });
  assert.ok(!jar.some(({ name }) => name.startsWith("st-") && name !== "st-last-access-token-update"));
});

browserTest("the refresh token travels to the refresh route only", { modes: ["cookie"] }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");
  const sent = async (path, act) => {
    const request = tab.page.waitForRequest((request) => new URL(request.url()).pathname === path);
    await act();
    return (await (await request).allHeaders()).cookie ?? "";
  };
  const me = await sent("/me", () => tab.me());
  assert.match(me, /sAccessToken=/);
  assert.doesNotMatch(me, /sRefreshToken=/);
  const refresh = await sent("/auth/session/refresh", () => tab.page.evaluate(() => window.client.attemptRefreshingSession()));
  assert.match(refresh, /sRefreshToken=/);
});

browserTest("a page of another site cannot act with the user's cookies", { modes: ["cookie"] }, async (person) => {
  const tab = await person.openTab();
  await tab.signIn("alice");

  const attacker = await person.context.newPage();
  await attacker.goto(`http://127.0.0.1:${person.app.network.port}/test/`); // the same machine, another site
  for (const path of ["/note", "/auth/signout", "/auth/session/refresh"]) {
    const answer = attacker.waitForResponse((answer) => answer.url() === person.app.origin + path);
    await attacker.evaluate((url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include" }), person.app.origin + path);
    assert.equal((await answer).status(), 401, path);
    assert.doesNotMatch((await (await answer).request().allHeaders()).cookie ?? "", /sAccessToken|sRefreshToken/, path);
  }
  for (const path of ["/auth/signout", "/auth/session/refresh"]) {
    // a form may make the browser go anywhere, and what comes back may set cookies
    const lure = await person.context.newPage();
    await lure.goto(`http://127.0.0.1:${person.app.network.port}/test/`);
    const form = lure.waitForResponse((answer) => answer.url() === person.app.origin + path);
    await lure.evaluate((action) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      document.documentElement.append(form);
      setTimeout(() => form.submit()); // not before this script has answered
    }, person.app.origin + path);
    assert.equal((await form).status(), 401, path);
    await lure.waitForURL(person.app.origin + path);
    await lure.close();
    assert.equal((await tab.me()).user, "alice", path);
  }
});

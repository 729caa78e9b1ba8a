// A website and an API on different hosts, in a browser that blocks cookies of other sites, and the ways out.
import assert from "node:assert/strict";
import { HOUR } from "../harness/app.mjs";
import { siteTest } from "../harness/sites.mjs";

const ACROSS = { website: "shop.example", api: "api.other.example" };
const BESIDE = { website: "shop.example", api: "api.shop.example" };
const BEHIND = { website: "shop.example", api: "shop.example", gateway: true };

const signIn = (visitor, tab) => tab.call("POST", `${visitor.api}/login`, { form: { user: "alice" } });
const me = async (visitor, tab) => (await tab.call("GET", `${visitor.api}/me`)).status;

/** The statuses of the refresh calls after the sign-in. Before it, the client asks once whether there is a session. */
const refreshes = async (visitor) => {
  const [before, ...after] = await visitor.app.refreshes();
  assert.equal(before, 401);
  return after;
};

/** Signs in, and is still signed in after a reload and after a refresh. */
async function staysSignedIn(visitor, options) {
  const tab = await visitor.open(options);
  assert.deepEqual(await signIn(visitor, tab), { status: 200, text: "alice" });
  assert.equal(await me(visitor, tab), 200);
  await tab.page.reload();
  await tab.page.waitForFunction(() => window.client);
  assert.equal(await me(visitor, tab), 200);
  assert.deepEqual(await refreshes(visitor), []);
  await visitor.app.advance(HOUR);
  assert.equal(await me(visitor, tab), 200);
  assert.deepEqual(await refreshes(visitor), [200]);
  assert.equal(await tab.userId(), "alice");
  return tab;
}

siteTest("across sites, cookies work in a browser that allows those of others", { ...ACROSS, blocks: false }, async (visitor) => {
  await staysSignedIn(visitor);
  const { sameSite, secure } = (await visitor.cookies()).get("sAccessToken");
  assert.deepEqual({ sameSite, secure }, { sameSite: "None", secure: true });
});

siteTest("across sites, a browser that blocks cookies of others does not stay signed in", ACROSS, async (visitor) => {
  const tab = await visitor.open();
  assert.equal((await signIn(visitor, tab)).status, 200);
  assert.equal((await visitor.cookies()).size, 0);
  assert.equal(await me(visitor, tab), 401);
  assert.deepEqual(await refreshes(visitor), [401]);
  assert.equal(await tab.signedIn(), false);
});

siteTest("a way out: tokens in headers", ACROSS, async (visitor) => {
  const tab = await staysSignedIn(visitor, { mode: "header" });
  assert.equal((await visitor.cookies()).size, 0);
  await tab.signOut();
  assert.equal(await me(visitor, tab), 401);
});

siteTest("a way out: a path of the website that leads to the API", BEHIND, async (visitor) => {
  const tab = await staysSignedIn(visitor);
  const cookies = await visitor.cookies();
  assert.equal(cookies.get("sRefreshToken").path, "/api/auth/session/refresh");
  assert.equal(cookies.get("sRefreshToken").sameSite, "Lax");
  await tab.signOut();
  assert.equal((await visitor.cookies()).size, 0);
});

siteTest("a way out: a sub-domain of the website for the API", BESIDE, async (visitor) => {
  const tab = await staysSignedIn(visitor);
  const { domain, sameSite } = (await visitor.cookies()).get("sAccessToken");
  assert.deepEqual({ domain, sameSite }, { domain: "api.shop.example", sameSite: "Lax" });
  assert.equal(await visitor.status(tab, "GET", `${visitor.front.at("files.shop.example")}/me`), 401, "its cookies are its own");
});

const SHARED = { ...BESIDE, settings: ["--cookie-domain", ".shop.example"] };

siteTest("sub-domains share a session by the cookies' domain", SHARED, async (visitor) => {
  const pages = ".shop.example";
  const tab = await staysSignedIn(visitor, { pages });
  assert.equal(await visitor.status(tab, "GET", `${visitor.front.at("files.shop.example")}/me`), 200);

  visitor.front.website = visitor.front.at("www.shop.example");
  const other = await visitor.open({ pages });
  assert.equal(await other.userId(), "alice");
  assert.equal(await me(visitor, other), 200);
  await other.signOut();
  assert.equal((await visitor.cookies()).size, 0);
  assert.equal(await tab.signedIn(), false, "signed out on every sub-domain");
});

/** The statuses of a sign-in, a call, a refresh, and a sign-out without an SDK. */
async function plainly(visitor, tab) {
  const calls = [
    ["POST", "/login", { user: "alice" }],
    ["GET", "/me"],
    ["POST", "/auth/session/refresh"],
    ["POST", "/auth/signout"],
  ];
  const statuses = [];
  for (const [method, path, form] of calls) statuses.push(await visitor.status(tab, method, `${visitor.api}${path}`, form));
  return statuses;
}

const PARTITIONED = { settings: ["--partitioned"] };

siteTest("in a frame of another site, cookies of the framed site are those of another", BEHIND, async (visitor) => {
  const frame = await visitor.openFramed("news.example");
  assert.deepEqual(await plainly(visitor, frame), [200, 401, 401, 401]);
});

siteTest("a way out for frames: partitioned cookies", { ...BEHIND, ...PARTITIONED }, async (visitor) => {
  const frame = await visitor.openFramed("news.example");
  assert.deepEqual(await plainly(visitor, frame), [200, 200, 200, 200]);
  assert.equal((await visitor.cookies()).size, 0);

  assert.equal(await visitor.status(frame, "POST", `${visitor.api}/login`, { user: "alice" }), 200);
  const alone = await visitor.open();
  assert.equal(await visitor.status(alone, "GET", `${visitor.api}/me`), 401, "the website by itself is another partition");
});

siteTest("partitioned cookies across sites, in a browser that knows them", { ...ACROSS, ...PARTITIONED }, (visitor) => staysSignedIn(visitor));

// Pages that are asked for with each kind of token: what the server makes of it, and where it ends.
import assert from "node:assert/strict";
import { foreign, tampered } from "../tokens.mjs";
import { HOP, SESSION } from "../visitor.mjs";

const LOGIN = "/login?redirectToPath=%2Faccount";

/** What the server has rendered, without what frameworks put between a page's texts. */
const rendered = async (answer) => (await answer.text()).replaceAll("<!-- -->", "");

const access = async (visitor) => (await visitor.cookies()).get("sAccessToken").value;

/** With a token that proves nothing, beside a session that lives: the page is the session's, whatever the token says. */
const beside = (make) => async (visitor) => {
  await visitor.signIn();
  await visitor.plant(make(await access(visitor), { sub: "mallory", staff: true }));
  await visitor.open("/account");
  await visitor.sees(`Account of ${visitor.user}`);
  assert.deepEqual(visitor.way, ["/account", HOP, "/account"]);
  assert.deepEqual(visitor.refreshes(), [200]);
};

/** The same token, and nothing else in the browser. */
const alone = (make) => async (visitor) => {
  await visitor.signIn();
  const token = make(await access(visitor), { sub: "mallory", staff: true });
  await visitor.context.clearCookies();
  await visitor.plant(token);
  await visitor.open("/account");
  await visitor.sees("Sign in");
  assert.equal(decodeURIComponent(visitor.at()), decodeURIComponent(LOGIN));
  assert(visitor.hops() <= 1, `${visitor.way}`);
  assert.deepEqual(await visitor.session(), []);
};

export const stories = {
  "E72 valid: the page comes signed in, and nobody refreshes": async (visitor) => {
    await visitor.signIn();
    const answer = await visitor.open("/account");
    const html = await rendered(answer);
    assert(html.includes(`Account of ${visitor.user}`), "the server has rendered it");
    assert.match(answer.headers()["cache-control"], /private/);
    assert.match(answer.headers()["cache-control"], /no-store/);
    const secrets = visitor.site.api.network.secrets();
    assert(secrets.length > 3);
    for (const secret of secrets) assert(!html.includes(secret), "the page holds a secret");
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(visitor.way, ["/account"]);
    assert.deepEqual(visitor.refreshes(), []);
  },

  "E72 expired: the page comes signed in, after one refresh on the way": async (visitor) => {
    await visitor.signIn();
    await visitor.expire();
    const answer = await visitor.open("/account");
    assert((await rendered(answer)).includes(`Account of ${visitor.user}`), "the server has rendered it");
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(visitor.way, ["/account", HOP, "/account"]);
    assert.deepEqual(visitor.refreshes(), [200]);
    await visitor.note();
    assert.deepEqual(visitor.refreshes(), [200]);
    assert.deepEqual(await visitor.site.api.events(visitor.user), ["session.created"]);
  },

  "E72 expired and opened from another site: the page comes unsigned, and the client refreshes once": async (visitor) => {
    await visitor.signIn();
    await visitor.expire();
    const elsewhere = visitor.site.origin.replace("localhost", "127.0.0.1");
    await visitor.context.route(`${elsewhere}/**`, (route) =>
      route.fulfill({ contentType: "text/html", body: `<a href="${visitor.site.origin}/account">there</a>` }),
    );
    await visitor.page.goto(`${elsewhere}/`);
    visitor.way = [];
    await visitor.page.getByRole("link").click();
    await visitor.sees(`Account of ${visitor.user}`);
    await visitor.quiet();
    assert.equal(visitor.hops(), 0);
    assert.deepEqual(visitor.refreshes(), [200]);
  },

  "E72 absent: to sign in, without asking anybody": async (visitor) => {
    await visitor.open("/account");
    await visitor.sees("Sign in");
    assert.equal(decodeURIComponent(visitor.at()), decodeURIComponent(LOGIN));
    assert.equal(visitor.hops(), 0);
    assert.deepEqual(visitor.refreshes(), []);
  },

  "E72 tampered beside a session: it proves nothing, and the session does": beside(tampered),
  "E72 tampered alone: to sign in": alone(tampered),
  "E72 of another issuer beside a session: the same": beside(foreign),
  "E72 of another issuer alone: to sign in": alone(foreign),

  "E72 a tampered token opens no page for staff": async (visitor, { denied }) => {
    await visitor.signIn();
    await visitor.plant(tampered(await access(visitor), { staff: true }));
    const answer = await visitor.open("/staff");
    assert.equal(answer.status(), denied.status);
    await visitor.sees(denied.heading);
    assert(visitor.hops() <= 1, `${visitor.way}`);
  },

  "E72 revoked: one hop, then to sign in, with nothing left in the browser": async (visitor) => {
    await visitor.signIn();
    const { name, value, ...where } = (await visitor.cookies()).get("sRefreshToken");
    await visitor.context.addCookies([{ name, value: `${value.slice(0, -4)}AAAA`, ...where }]);
    await visitor.expire();
    await visitor.open("/account");
    await visitor.sees("Sign in");
    assert.equal(decodeURIComponent(visitor.at()), decodeURIComponent(LOGIN));
    assert.equal(visitor.hops(), 1);
    assert.deepEqual(visitor.refreshes(), [401]);
    assert.deepEqual(await visitor.session(), []);
  },

  "E72 without a refresh token: at most one hop, then to sign in": async (visitor) => {
    await visitor.signIn();
    await visitor.context.clearCookies({ name: "sRefreshToken" });
    await visitor.expire();
    await visitor.open("/account");
    await visitor.sees("Sign in");
    assert(visitor.hops() <= 1, `${visitor.way}`);
    assert.deepEqual(await visitor.session(), []);
  },

  "E72 with all that scripts keep gone: the page comes signed in, and nobody refreshes": async (visitor) => {
    await visitor.signIn();
    for (const name of ["sFrontToken", "st-last-access-token-update"]) await visitor.context.clearCookies({ name });
    await visitor.open("/account");
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(visitor.refreshes(), []);
    assert.deepEqual(await visitor.session(), SESSION.filter((name) => name !== "sFrontToken"));
  },
};

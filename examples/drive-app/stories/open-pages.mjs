// What happens to pages that are open while something changes.
import assert from "node:assert/strict";
import { SESSION } from "../visitor.mjs";

export const stories = {
  "E75 one refresh for a page, whatever in it asks": async (visitor) => {
    await visitor.signIn();
    await visitor.expire();
    visitor.way = [];
    await visitor.page.evaluate(() => Promise.all(Array.from({ length: 10 }, () => fetch("/auth/sessions"))));
    await visitor.note();
    assert.deepEqual(visitor.refreshes(), [200]);
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(visitor.way, []);
  },

  "E76 signed out in another tab, the page leaves": async (visitor) => {
    await visitor.signIn();
    const other = await visitor.tab();
    await visitor.open("/account", other);
    await other.getByRole("button", { name: "Sign out" }).click();
    await visitor.sees("Hello, stranger", other);
    await visitor.sees("Sign in");
    assert.match(visitor.at(), /^\/login/);
    assert.deepEqual(visitor.refreshes(), []);
  },

  "E76 signed in in another tab as somebody else, the page is theirs": async (visitor) => {
    await visitor.signIn();
    const first = visitor.user;
    const other = await visitor.tab();
    visitor.user = `other-${first}`;
    await visitor.open("/login?redirectToPath=/account", other);
    await visitor.fillIn(other);
    await visitor.sees(`Account of ${visitor.user}`, other);
    await visitor.sees(`Account of ${visitor.user}`);
    assert.equal(await visitor.page.getByText(`Account of ${first}`, { exact: true }).count(), 0);
  },

  "E76 whoever is staff no more loses the page for staff while it is open": async (visitor, { denied }) => {
    visitor.user = `staff-${visitor.user}`;
    await visitor.signIn();
    const other = await visitor.tab();
    await visitor.open("/account", other);
    await visitor.open("/staff");
    await visitor.sees(`Staff: ${visitor.user}`);
    await visitor.site.api.change(visitor.user, { staff: false });
    await visitor.expire();
    await visitor.note(other);
    assert.deepEqual(visitor.refreshes(), [200]);
    await visitor.sees(denied.heading);
    assert.equal((await visitor.open("/staff")).status(), denied.status);
    await visitor.open("/account");
    await visitor.sees(`Account of ${visitor.user}`);
  },

  "E76 revoked while a page is open: the next call sends it to sign in": async (visitor) => {
    await visitor.signIn();
    const { name, value, ...where } = (await visitor.cookies()).get("sRefreshToken");
    await visitor.context.addCookies([{ name, value: `${value.slice(0, -4)}AAAA`, ...where }]);
    await visitor.expire();
    await visitor.page.evaluate(() => fetch("/auth/sessions"));
    await visitor.sees("Sign in");
    assert.deepEqual(visitor.refreshes(), [401]);
    assert.deepEqual(await visitor.session(), []);
  },

  "E76 offline, an open page stays, and so does its session": async (visitor) => {
    await visitor.signIn();
    await visitor.expire();
    const call = () => visitor.page.evaluate(() => fetch("/auth/sessions").then(({ status }) => status, () => "unreachable"));
    await visitor.context.setOffline(true);
    assert.equal(await call(), "unreachable");
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(await visitor.session(), SESSION);
    await visitor.context.setOffline(false);
    assert.equal(await call(), 200);
    await visitor.note();
    assert.deepEqual(visitor.refreshes(), [200]);
    assert.equal(visitor.at(), "/account");
  },
};

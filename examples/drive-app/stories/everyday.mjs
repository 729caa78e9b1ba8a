// What a user does on a good day.
import assert from "node:assert/strict";

export const stories = {
  "a stranger is sent to sign in, and comes back": async (visitor) => {
    await visitor.open("/account");
    assert.equal(decodeURIComponent(visitor.at()), "/login?redirectToPath=/account");
    await visitor.fillIn();
    await visitor.sees(`Account of ${visitor.user}`);
    assert.equal(visitor.at(), "/account");
    await visitor.note();
    assert.deepEqual(visitor.refreshes(), []);
  },

  "a page that is gone to by a link with an expired token is there after one refresh by the client": async (visitor) => {
    await visitor.signIn();
    await visitor.open("/");
    await visitor.sees(`Hello, ${visitor.user}`);
    await visitor.context.clearCookies({ name: "sAccessToken" });
    visitor.way = [];
    await visitor.page.getByRole("link", { name: "Account" }).click();
    await visitor.sees(`Account of ${visitor.user}`);
    await visitor.note();
    assert.deepEqual(visitor.refreshes(), [200]);
    assert.deepEqual(visitor.way, [], "the page was not loaded anew");
  },

  "a page for staff is for staff": async (visitor, { denied }) => {
    await visitor.signIn();
    const answer = await visitor.open("/staff");
    assert.equal(answer.status(), denied.status);
    await visitor.sees(denied.heading);
    assert.deepEqual(visitor.refreshes(), []);
  },

  "whoever signs out is a stranger, and another can sign in": async (visitor) => {
    await visitor.signIn();
    await visitor.page.getByRole("button", { name: "Sign out" }).click();
    await visitor.sees("Hello, stranger");
    assert.deepEqual(await visitor.session(), []);
    assert.deepEqual(await visitor.site.api.events(visitor.user), ["session.created", "session.revoked"]);
    visitor.user = `staff-${visitor.user}`;
    await visitor.open("/staff");
    await visitor.fillIn();
    await visitor.sees(`Staff: ${visitor.user}`);
  },
};

// Access tokens that the app handles by itself, and the way that they travel.
import assert from "node:assert/strict";
import { answer } from "../harness/gate.mjs";
import { scenario } from "../harness/scenario.mjs";

for (const [name, scheme] of [
  ["Authorization", "Bearer"],
  ["authorization", "bearer"],
  ["AUTHORIZATION", "BEARER"],
]) {
  scenario(
    `E39 an app that sets \`${name}: ${scheme} …\` to our token gets the new one in the second try`,
    { modes: ["header"] },
    async ({ gate }, person) => {
      const tab = await person.signedIn();
      const { accessToken } = await person.tokens();
      await person.backend.expire();
      assert.equal(await tab.status("GET", "/me", { headers: { [name]: `${scheme} ${accessToken}` } }), 200);
      const [first, second] = gate.to("GET /me").map(({ headers }) => headers.authorization);
      assert.equal(first.split(" ")[1], accessToken);
      assert.equal(second, `Bearer ${(await person.tokens()).accessToken}`);
      assert.notEqual(second, first);
      assert.deepEqual(person.refreshes(), [200]);
      // An app that goes on with the old one, because it does not know of a new one, is served as well.
      assert.equal(await tab.status("GET", "/me", { headers: { [name]: `${scheme} ${accessToken}` } }), 200);
      assert.deepEqual(person.refreshes(), [200]);
    },
  );
}

scenario("E39 a token of somebody else's is left alone", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  gate.when("GET /other", () => answer(200, {}, "fine"));
  assert.equal(await tab.status("GET", "/other", { headers: { Authorization: "Bearer of-another-service" } }), 200);
  assert.equal(await tab.status("GET", "/other", { headers: { Authorization: "Basic dXNlcjpwYXNz" } }), 200);
  assert.deepEqual(
    gate.to("GET /other").map(({ headers }) => headers.authorization),
    ["Bearer of-another-service", "Basic dXNlcjpwYXNz"],
  );
  assert.deepEqual(person.refreshes(), []);
});

scenario(
  "E40 a token of somebody else's that is refused gives the API's own 401, after few tries",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    gate.when("GET /other", () => answer(401, {}, "who are you?"));
    const headers = { Authorization: "Bearer of-another-service" };
    assert.deepEqual(await tab.call("GET", "/other", { headers }), { status: 401, text: "who are you?" });
    assert.ok(person.refreshes().length <= 3);
    const before = person.refreshes().length;
    assert.equal(await tab.status("GET", "/other", { headers }), 401);
    assert.equal(person.refreshes().length, before);
    assert.equal((await tab.me()).user, "alice");
  },
);

scenario(
  "E41 an app that goes over to tokens in headers keeps the sessions that it has in cookies",
  { modes: ["cookie"] },
  async ({ gate }, person) => {
    await person.signedIn();
    const tab = await person.open({ mode: "header" });
    assert.equal((await tab.me()).user, "alice");
    assert.equal(await tab.ask("accessToken"), undefined);
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    assert.equal(await tab.ask("accessToken"), undefined);
    assert.equal(gate.to("GET /me").at(-1).headers.authorization, undefined);
    assert.deepEqual(person.refreshes(), [200]);

    await tab.signIn("alice");
    assert.match(await tab.ask("accessToken"), /^eyJ/);
    assert.equal((await tab.me()).user, "alice");
    const jar = await person.cookies();
    assert.ok(!jar.has("sAccessToken") && !jar.has("sRefreshToken"), "the cookies are gone");
  },
);

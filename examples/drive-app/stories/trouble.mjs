// The API is away, or a part of it: nobody is signed out by that, nothing goes round in circles, and it passes.
import assert from "node:assert/strict";
import { answer, REFRESH } from "../../../web/e2e/harness/gate.mjs";
import { SESSION } from "../visitor.mjs";

const KEYS = "GET /auth/jwt/jwks.json";

/** Opens a page while something is wrong, and again when it is not. */
const duringIt = (wrong) => async (visitor) => {
  await visitor.signIn();
  await visitor.expire();
  const before = await visitor.cookies();
  const heal = wrong(visitor.site.gate);
  try {
    await visitor.open("/account");
    assert.equal(visitor.at(), "/account");
    assert(visitor.hops() <= 1, `${visitor.way}`);
    assert(visitor.way.length <= 3, `${visitor.way}`);
    assert(visitor.refreshes().length <= 4, `${visitor.refreshes()}`);
    for (const name of SESSION) assert.equal((await visitor.cookies()).get(name)?.value, before.get(name).value, name);
    await visitor.open("/");
    assert.equal(visitor.at(), "/");
  } finally {
    heal();
  }
  await visitor.forgetHop();
  await visitor.open("/account");
  await visitor.sees(`Account of ${visitor.user}`);
  await visitor.note();
  assert.deepEqual(await visitor.site.api.events(visitor.user), ["session.created"]);
};

export const stories = {
  "E72 the API is down: the page waits, the session stays": duringIt((gate) => gate.when("*", () => undefined)),
  "E72 refreshes are answered 503: the same": duringIt((gate) => gate.when(REFRESH, () => answer(503))),
  "E72 refreshes are answered 500 with a page of a proxy: the same": duringIt((gate) =>
    gate.when(REFRESH, () => answer(500, { "content-type": "text/html" }, "<h1>Oops</h1>")),
  ),
  "E72 refreshes are answered 429: the same": duringIt((gate) => gate.when(REFRESH, () => answer(429, { "retry-after": "1" }))),

  "E72 the keys are away: nobody can tell, and nobody is sent to sign in": async (visitor) => {
    const { site } = visitor;
    await site.advance(7_200_000); // the keys that the app has are too old to be used
    await visitor.setClock();
    const heal = site.gate.when(KEYS, () => answer(503, {}, "{}"));
    try {
      await visitor.open("/login?redirectToPath=/account");
      await visitor.fillIn();
      await visitor.page.waitForURL(`${site.origin}/account`);
      await visitor.open("/account");
      assert.equal(visitor.at(), "/account");
      assert.deepEqual(await visitor.session(), SESSION);
      assert.equal(visitor.hops(), 0);
      assert(visitor.refreshes().length <= 2, `${visitor.refreshes()}`);
    } finally {
      heal();
    }
    await site.advance(1000);
    await visitor.open("/account");
    await visitor.sees(`Account of ${visitor.user}`);
  },

  "E72 the API's keys are others than the tokens': one hop, then to sign in, with the session intact": async (visitor) => {
    const { site } = visitor;
    await visitor.signIn();
    await site.advance(7_200_000);
    await visitor.setClock();
    const heal = site.gate.when(KEYS, () => answer(200, { "content-type": "application/json" }, '{"keys":[]}'));
    try {
      await visitor.open("/account");
      await visitor.sees("Sign in");
      assert.equal(visitor.hops(), 1);
      assert(visitor.refreshes().length <= 2, `${visitor.refreshes()}`);
      assert.deepEqual(await visitor.session(), SESSION);
    } finally {
      heal();
    }
    await site.advance(1000);
    await visitor.forgetHop();
    await visitor.open("/account");
    await visitor.sees(`Account of ${visitor.user}`);
    assert.deepEqual(await site.api.events(visitor.user), ["session.created"]);
  },
};

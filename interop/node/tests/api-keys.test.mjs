// The shared secret between backends and the server.
import assert from "node:assert/strict";
import { journeys } from "../harness/journey.mjs";
import { CDI, Session, sessions } from "../harness/sdk.mjs";

const journey = journeys();
const KEY = "shfo3h98308hOIHoei309saiho";
const REFUSED = /with status code: 401 and message: Invalid API key\n$/;

journey(
  "G3: without the key every call is refused, with a text that ends in a newline",
  { core: { api_keys: KEY } },
  async (world) => {
    await assert.rejects(sessions.create("alice"), REFUSED);
    const [call, ...more] = world.wire.calls;
    assert.deepEqual([call.path, call.status, call.answer, more], ["/apiversion", 401, "Invalid API key\n", []]);
    assert.match(call.type, /^text\//);
  },
);

journey("H35: a wrong key is no key", { core: { api_keys: KEY }, apiKey: `${KEY}x` }, async () => {
  await assert.rejects(sessions.create("alice"), REFUSED);
});

journey(
  "with the key everything works, and G16: the signing keys are fetched without it",
  { core: { api_keys: KEY }, apiKey: KEY },
  async (world) => {
    const browser = world.browser();
    await browser.signIn("alice");
    assert.equal(await browser.me(), 200);
    assert.equal((await browser.refresh()).status, 200);
    assert.equal(await browser.me(), 200);
    assert.equal((await browser.signOut()).status, 200);
    const fetched = world.wire.to("/.well-known/jwks.json");
    assert(fetched.length > 0);
    for (const { path, headers } of world.wire.calls) {
      assert.equal(headers["api-key"], path === "/.well-known/jwks.json" ? undefined : KEY, path);
    }
  },
);

journey(
  "H33: an app may have several keys",
  { core: { api_keys: `another-key-of-the-same-app, ${KEY}` }, apiKey: KEY },
  async (world) => {
    await sessions.create("alice");
    await world.restartBackend({ apiKey: "another-key-of-the-same-app" });
    await sessions.create("alice");
    await world.restartBackend({ apiKey: "another-key-of-the-same" });
    await assert.rejects(sessions.create("alice"), REFUSED);
  },
);

journey("H34: an app without a key takes every key", { apiKey: KEY }, async () => {
  await sessions.create("alice");
});

journey(
  "G23: the key of one app is not asked for elsewhere, and can be lifted",
  { core: { api_keys: KEY } },
  async (world) => {
    const elsewhere = await world.core("GET", "/apiversion", { app: "" });
    assert.equal(elsewhere.status, 200);
    const lift = { body: { appId: world.appId, coreConfig: { api_keys: null } } };
    const lifted = await world.core("PUT", "/recipe/multitenancy/app/v2", { app: "", ...lift });
    assert.deepEqual([lifted.status, lifted.body], [200, { status: "OK", createdNew: false }]);
    await sessions.create("alice");
  },
);

journey(
  "H36, H37: what is open is open, and a key may come as a bearer token",
  { core: { api_keys: KEY } },
  async (world) => {
    const status = async (path, headers) => (await world.core("GET", path, { headers })).status;
    assert.deepEqual(
      [await status("/hello"), await status("/"), await status("/.well-known/jwks.json")],
      [200, 200, 200],
    );
    assert.deepEqual(
      [await status("/apiversion"), await status("/recipe/roles"), await status("/public/users/count")],
      [401, 401, 401],
    );
    assert.equal(await status("/recipe/roles", { authorization: `Bearer ${KEY}`, "cdi-version": CDI }), 200);
    assert.equal(await status("/recipe/roles", { "api-key": ` ${KEY} `, "cdi-version": CDI }), 200);
    await assert.rejects(Session.getSessionInformation("x"), REFUSED);
  },
);

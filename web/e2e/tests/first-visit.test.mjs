// Before anybody has signed in, and the moment when somebody does.
import assert from "node:assert/strict";
import { answer, REFRESH } from "../harness/gate.mjs";
import { BOTH, scenario } from "../harness/scenario.mjs";

scenario(
  "E01 a fresh browser asks the server once whether there is a session, and remembers the answer",
  { backends: BOTH },
  async ({ gate, context }, person) => {
    const tab = await person.open();
    assert.equal(await tab.exists(), false);
    assert.equal(await tab.exists(), false);
    await tab.reload();
    assert.equal(await tab.exists(), false);
    assert.deepEqual(person.refreshes(), [401]);
    assert.ok((await person.cookies()).has("st-last-access-token-update"));
    assert.equal((await context.cookies()).length, 1);
    assert.deepEqual(await tab.events(), []);
    assert.equal(await tab.shows(), "unauthenticated");
    assert.equal(gate.requests.length, 1);
  },
);

for (const [what, act] of [
  ["answers 500", () => answer(500)],
  ["breaks the connection", () => undefined],
]) {
  scenario(
    `E02 a fresh browser whose server ${what} learns nothing, keeps nothing, and asks again`,
    {},
    async ({ gate }, person) => {
      const undo = gate.when(REFRESH, act);
      const tab = await person.open();
      assert.equal(await tab.exists({ onNetworkError: "false" }), false);
      assert.deepEqual(await person.context.cookies(), []);
      const told = await tab.events();
      assert.deepEqual(told, ["REFRESH_FAILED"]);
      const asked = gate.to(REFRESH).length;
      assert.ok(asked >= 1 && asked <= 10, `asked ${asked} times`); // Chromium itself repeats requests whose connection broke

      undo();
      assert.equal(await tab.exists(), false);
      assert.deepEqual(person.refreshes().slice(asked), [401]);
      assert.ok((await person.cookies()).has("st-last-access-token-update"));
      assert.deepEqual(await tab.events(), told);
    },
  );
}

scenario(
  "E03 signing in makes a session that looks the same in the browser and on the server",
  { backends: BOTH },
  async ({ gate, mode }, person) => {
    gate.when("POST /auth/signin", (_, pass) => pass("/login"));
    const tab = await person.open();
    assert.equal(await tab.status("POST", "/auth/signin", { form: { user: "alice" } }), 200);
    assert.deepEqual(person.refreshes(), [], "signing in waits for no question about a session");
    assert.deepEqual(await tab.events(), ["SESSION_CREATED"]);
    assert.equal(await tab.ask("userId"), "alice");
    const { user, claims } = await tab.me();
    assert.equal(user, "alice");
    assert.deepEqual(await tab.ask("payload"), claims);

    const jar = await person.cookies();
    const scripts = [...jar.values()].filter(({ httpOnly }) => !httpOnly).map(({ name }) => name);
    assert.deepEqual(scripts.sort(), ["sFrontToken", "st-last-access-token-update"]);
    assert.deepEqual(jar.has("sAccessToken"), mode === "cookie");
    const { accessToken, refreshToken } = await person.tokens();
    assert.ok(accessToken && refreshToken);
    assert.equal(await tab.ask("accessToken"), mode === "header" ? accessToken : undefined);
    const { status, userId, payload, expiresAt } = await tab.snapshot();
    assert.deepEqual(
      { status, userId, payload, expiresAt },
      { status: "authenticated", userId: "alice", payload: claims, expiresAt: claims.exp * 1000 },
    );
  },
);

scenario(
  "E04 a call with a valid token is one request that says how tokens travel",
  { backends: BOTH },
  async ({ gate, mode }, person) => {
    const tab = await person.signedIn();
    const before = gate.requests.length;
    await tab.me();
    assert.equal(await tab.status("POST", "/note", { body: "hello" }), 200);
    const sent = gate.requests.slice(before);
    assert.deepEqual(
      sent.map(({ route }) => route),
      ["GET /me", "POST /note"],
    );
    const { accessToken } = await person.tokens();
    for (const { headers } of sent) {
      assert.equal(headers.rid, "anti-csrf");
      assert.equal(headers["st-auth-mode"], mode);
      assert.equal(headers["fdi-version"], undefined);
      assert.equal(headers.authorization, mode === "header" ? `Bearer ${accessToken}` : undefined);
    }
    assert.deepEqual(person.refreshes(), []);
  },
);

for (const way of ["client", "patched"]) {
  scenario(
    `E05 what the caller says arrives however it is said, also the second time (${way} fetch)`,
    { way },
    async ({ gate }, person) => {
      const tab = await person.signedIn();
      for (const kind of [
        "an object",
        "of class Headers",
        "an array",
        "a Request",
        "a Request and more",
        "for a URL",
      ]) {
        await person.backend.expire();
        const before = gate.to("POST /note").length;
        const text = await tab.run(async (kind) => {
          const fields = { rid: "mine", "X-Own": "1" };
          const init = { method: "POST", body: "hello", headers: fields };
          const send = {
            "an object": () => window.send("/note", init),
            "of class Headers": () => window.send("/note", { ...init, headers: new Headers(fields) }),
            "an array": () => window.send("/note", { ...init, headers: Object.entries(fields) }),
            "a Request": () => window.send(new Request("/note", init)),
            "a Request and more": () => window.send(new Request("/note", { method: "PUT" }), init),
            "for a URL": () => window.send(new URL("/note", location), init),
          }[kind];
          return (await send()).text();
        }, kind);
        assert.match(text, /alice notes: hello/, kind);
        const sent = gate.to("POST /note").slice(before);
        assert.deepEqual(
          sent.map(({ status }) => status),
          [401, 200],
          kind,
        );
        for (const { headers, body } of sent) {
          assert.equal(headers.rid, "mine", kind);
          assert.equal(headers["x-own"], "1", kind);
          assert.equal(body.toString(), "hello", kind);
        }
      }
    },
  );
}

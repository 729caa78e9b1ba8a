// What a request is made of comes through, also when it is sent twice; and callers may leave.
import assert from "node:assert/strict";
import { answer, REFRESH } from "../harness/gate.mjs";
import { BOTH, scenario } from "../harness/scenario.mjs";

const BODIES = {
  json: {
    make: () => JSON.stringify({ a: "ä" }),
    type: "application/json",
    init: { headers: { "content-type": "application/json" } },
  },
  text: { make: () => "grüß dich", type: "text/plain;charset=UTF-8" },
  form: { make: () => new URLSearchParams({ a: "1 & 2" }), type: "application/x-www-form-urlencoded;charset=UTF-8" },
  multipart: {
    make: () => {
      const form = new FormData();
      form.set("name", "ä");
      form.set("file", new Blob([new Uint8Array([0, 255, 10, 13])]), "bytes.bin");
      return form;
    },
    type: /^multipart\/form-data; boundary=/,
  },
  blob: { make: () => new Blob([new Uint8Array([0, 255, 1, 254])], { type: "image/png" }), type: "image/png" },
  buffer: { make: () => new Uint8Array(100_000).fill(7).buffer, type: undefined },
  view: { make: () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3), type: undefined },
  request: {
    make: () => new Request("/echo", { method: "POST", body: "in a request" }),
    type: "text/plain;charset=UTF-8",
  },
};

for (const way of ["client", "patched"]) {
  for (const [kind, { make, type, init }] of Object.entries(BODIES)) {
    scenario(
      `E54 a body of kind ${kind} arrives twice alike (${way} fetch)`,
      { way, modes: way === "client" ? ["cookie", "header"] : ["cookie"] },
      async ({ gate }, person) => {
        const tab = await person.signedIn();
        const bare = gate.to("POST /bare");
        for (const route of ["POST /echo", "POST /bare"])
          gate.when(route, () => answer(gate.to("POST /echo").length === 1 ? 401 : 200));
        const status = await tab.run(
          async ([make, init]) => {
            const body = new Function(`return (${make})()`)();
            return (
              body instanceof Request
                ? await window.send(body)
                : await window.send("/echo", { ...init, method: "POST", body })
            ).status;
          },
          [make.toString(), init],
        );
        assert.equal(status, 200);
        assert.deepEqual(bare, []);
        const [first, second] = gate.to("POST /echo");
        assert.deepEqual([first.status, second.status], [401, 200]);
        assert.ok(first.body.length > 0);
        assert.deepEqual(second.body, first.body);
        assert.equal(second.headers["content-type"], first.headers["content-type"]);
        if (type instanceof RegExp) assert.match(first.headers["content-type"], type);
        else assert.equal(first.headers["content-type"], type);
        assert.deepEqual(person.refreshes(), [200]);
      },
    );
  }
}

scenario(
  "E56 a caller who leaves during a refresh is let go at once, and the others get their answers",
  {},
  async ({ gate }, person) => {
    const tab = await person.signedIn();
    await person.backend.expire();
    const held = gate.hold(REFRESH);
    const all = tab.run(async () => {
      window.leave = new AbortController();
      const call = async (signal) => {
        try {
          return (await window.send("/me", { signal })).status;
        } catch (error) {
          return error.name;
        }
      };
      const leaving = call(window.leave.signal);
      window.gone = leaving;
      return Promise.all([leaving, call(), call(AbortSignal.any([new AbortController().signal])), call()]);
    });
    await held.arrived;
    await tab.run(() => window.leave.abort());
    assert.equal(await tab.run(() => window.gone), "AbortError");
    held.release();
    assert.deepEqual(await all, ["AbortError", 200, 200, 200]);
    assert.deepEqual(person.refreshes(), [200]);
    assert.equal((await tab.me()).user, "alice");
  },
);

scenario("E56 a caller who left before it began sends nothing", {}, async ({ gate }, person) => {
  const tab = await person.signedIn();
  const before = gate.requests.length;
  assert.equal(
    await tab.run(() => window.send("/me", { signal: AbortSignal.abort() }).catch((error) => error.name)),
    "AbortError",
  );
  assert.equal(gate.requests.length, before);
});

scenario(
  "E57 a 403 that names claims is told once, and the app can still read it",
  { backends: BOTH },
  async (_, person) => {
    const tab = await person.signedIn();
    const { status, text } = await tab.call("GET", "/staff");
    assert.equal(status, 403);
    const { claimValidationErrors } = JSON.parse(text);
    assert.deepEqual(
      claimValidationErrors.map(({ id }) => id),
      ["staff"],
    );
    const told = (await tab.eventList()).filter(({ type }) => type === "API_INVALID_CLAIM");
    assert.deepEqual(told, [{ type: "API_INVALID_CLAIM", claimValidationErrors, origin: "local" }]);
    assert.deepEqual(
      await tab.run((text) => window.client.claims.invalidFrom({ data: text }), text),
      claimValidationErrors,
    );
    assert.deepEqual(
      await tab.run((text) => window.client.claims.invalidFrom(new Response(text)), text),
      claimValidationErrors,
    );
  },
);

for (const [what, body] of [
  ["plain text", "forbidden"],
  ["nothing", ""],
  ["other JSON", "[1]"],
  ["null", "null"],
  ["wrong types", '{"claimValidationErrors":"all"}'],
  ["64 KiB", "x".repeat(65536)],
]) {
  scenario(`E57 a 403 with ${what} is the app's own affair`, { modes: ["cookie"] }, async ({ gate }, person) => {
    const tab = await person.signedIn();
    gate.when("GET /no", () => answer(403, {}, body));
    assert.deepEqual(await tab.call("GET", "/no"), { status: 403, text: body });
    assert.deepEqual(await tab.events(), ["SESSION_CREATED"]);
    assert.equal((await tab.me()).user, "alice");
  });
}

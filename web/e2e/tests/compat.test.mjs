// An app of `supertokens-website` that has exchanged the import, and nothing else.
import assert from "node:assert/strict";
import { answer, REFRESH } from "../harness/gate.mjs";
import { scenario } from "../harness/scenario.mjs";

const open = (person, config, functions) =>
  person.open({ page: "compat.html", more: { config: JSON.stringify(config ?? {}) }, functions });

async function signedIn(person, config, functions) {
  const tab = await open(person, config, functions);
  await tab.signIn("alice");
  person.since = person.gate.refreshes().length;
  return tab;
}

scenario("an app that has exchanged the import works as before", {}, async ({ mode }, person) => {
  const tab = await open(person);
  assert.equal(await tab.ask("doesSessionExist"), false);
  await tab.signIn("alice");
  assert.equal(await tab.ask("doesSessionExist"), true);
  assert.equal(await tab.ask("getUserId"), "alice");
  const { claims } = await tab.me();
  assert.deepEqual(await tab.ask("getAccessTokenPayloadSecurely"), claims);
  assert.equal(typeof (await tab.ask("getAccessToken")), mode === "header" ? "string" : "undefined");
  await person.backend.expire();
  assert.deepEqual(await tab.many(10), Array(10).fill(200));
  assert.equal(await tab.ask("attemptRefreshingSession"), true);
  const failed = await tab.run(async () => {
    const claim = new window.BooleanClaim({ id: "staff2", refresh: async () => {} });
    return window.client.validateClaims(() => [claim.validators.isTrue()]);
  });
  assert.deepEqual(
    failed.map(({ id }) => id),
    ["staff2"],
  );
  const response = await tab.run(async () =>
    window.client.getInvalidClaimsFromResponse({ response: await fetch("/staff") }),
  );
  assert.deepEqual(
    response.map(({ id }) => id),
    ["staff"],
  );
  await tab.ask("signOut");
  assert.equal(await tab.ask("doesSessionExist"), false);
  const events = await tab.events();
  assert.equal(events.filter((type) => type === "SIGN_OUT").length, 1);
  assert.equal(events.filter((type) => type === "SESSION_CREATED").length, 1);
});

for (const retries of [undefined, 2, 0]) {
  const wanted = retries ?? 10;
  scenario(
    `E09 for such an app an API that always answers 401 is an error after ${wanted} refreshes`,
    { modes: ["cookie"] },
    async ({ gate }, person) => {
      const tab = await signedIn(person, { maxRetryAttemptsForSessionRefresh: retries });
      gate.when("GET /closed", () => answer(401, {}, "no"));
      assert.deepEqual(await tab.call("GET", "/closed"), { error: "Error" });
      assert.equal(person.refreshes().length, wanted);
      assert.equal((await tab.me()).user, "alice");
    },
  );
}

scenario(
  "E11 for such an app a call whose refresh is refused yields the refresh's answer",
  {},
  async ({ gate }, person) => {
    const tab = await signedIn(person);
    await person.backend.expire();
    gate.when(REFRESH, () => answer(401, { "front-token": "remove" }, "refused"));
    assert.deepEqual(await tab.call("GET", "/me"), { status: 401, text: "refused" });
    assert.equal(await tab.ask("doesSessionExist"), false);
  },
);

scenario(
  "E13 for such an app a call whose refresh fails yields the refresh's answer, and there seems to be no session",
  {},
  async ({ gate, context }, person) => {
    await context.clock.install();
    const tab = await signedIn(person);
    await person.backend.expire();
    await context.clock.fastForward(3_600_000);
    const undo = gate.when(REFRESH, () => answer(500, {}, "down"));
    assert.deepEqual(await tab.call("GET", "/me"), { status: 500, text: "down" });
    assert.equal(await tab.ask("doesSessionExist"), false);
    undo();
    assert.equal(await tab.ask("doesSessionExist"), true);
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(
      (await tab.events()).filter((type) => /SIGN_OUT|UNAUTHORISED/.test(type)),
      [],
    );
  },
);

scenario("E62 a request whose address says so is left alone", { modes: ["header"] }, async ({ gate }, person) => {
  const tab = await signedIn(person);
  for (const url of ["/me?superTokensDoNotDoInterception", "/me#superTokensDoNotDoInterception"]) {
    assert.equal(await tab.status("GET", url), 401);
    const { headers } = gate.to("GET /me").at(-1);
    assert.deepEqual([headers.rid, headers.authorization], [undefined, undefined]);
  }
  assert.deepEqual(person.refreshes(), []);
});

scenario(
  "E67 hooks may change address and headers of the client's own calls, and read what is answered",
  {},
  async ({ gate }, person) => {
    const tab = await signedIn(
      person,
      {},
      `preAPIHook: async ({ action, url, requestInit }) => {
       (window.hooked ??= []).push(action);
       const headers = new Headers(requestInit.headers);
       headers.set("x-own", "hook");
       return { url: action === "REFRESH_SESSION" && window.moved ? url + "?moved" : url, requestInit: { ...requestInit, headers } };
     },
     postAPIHook: async ({ action, fetchResponse }) => { (window.read ??= []).push([action, fetchResponse.status, (await fetchResponse.text()).length > 0]); }`,
    );
    await tab.run(() => (window.moved = true));
    await person.backend.expire();
    assert.equal((await tab.me()).user, "alice");
    const moved = gate.to(REFRESH).at(-1);
    assert.deepEqual([moved.status, moved.url.search, moved.headers["x-own"]], [200, "?moved", "hook"]);
    await tab.ask("signOut");
    assert.equal(gate.to("POST /auth/signout").at(-1).headers["x-own"], "hook");
    const hooked = await tab.run(() => window.hooked);
    assert.deepEqual(hooked.slice(-2), ["REFRESH_SESSION", "SIGN_OUT"]);
    assert.deepEqual((await tab.run(() => window.read)).slice(-2), [
      ["REFRESH_SESSION", 200, true],
      ["SIGN_OUT", 200, true],
    ]);
  },
);

for (const on of [true, false]) {
  scenario(
    `E80 with debug logging ${on ? "on" : "off"} the console ${on ? "tells what happens" : "is silent"}, and never a token`,
    {},
    async (_, person) => {
      const tab = await signedIn(person, { enableDebugLogs: on });
      await person.backend.expire();
      await tab.me();
      await tab.ask("signOut");
      assert.equal(
        person.lines.some(({ text }) => text.includes("REFRESH_SESSION")),
        on,
      );
      if (!on) assert.deepEqual(person.lines, []);
    },
  );
}

/** Cookies in a value of localStorage, storage under names of its own, locks in a variable: as apps in web views have them. */
const HANDLERS = `
  cookieHandler: () => ({
    getCookie: async () => Object.values(JSON.parse(localStorage.getItem("jar") ?? "{}")).join("; "),
    async setCookie(cookie) {
      const jar = JSON.parse(localStorage.getItem("jar") ?? "{}");
      const [pair] = cookie.split(";");
      const [name] = pair.split("=");
      if (/max-age=0|01 Jan 1970/i.test(cookie)) delete jar[name];
      else jar[name] = pair;
      localStorage.setItem("jar", JSON.stringify(jar));
    },
  }),
  windowHandler: (original) => ({
    ...original,
    localStorage: {
      ...original.localStorage,
      getItem: (key) => original.localStorage.getItem("own:" + key),
      setItem: (key, value) => original.localStorage.setItem("own:" + key, value),
      removeItem: (key) => original.localStorage.removeItem("own:" + key),
    },
  }),
  lockFactory: async () => ({
    async acquireLock(key) {
      window.taken ??= [];
      if (window.held) return false;
      window.held = true;
      window.taken.push(key);
      return true;
    },
    async releaseLock() {
      window.held = false;
    },
  }),
`;

scenario(
  "an app that keeps cookies, storage and locks by itself goes on where it was before it exchanged the import",
  {},
  async ({ mode }, person) => {
    const before = await person.open({ page: "upstream.html", functions: HANDLERS });
    await before.signIn("alice");
    assert.equal((await before.me()).user, "alice");
    await before.page.close();
    person.since = person.gate.refreshes().length;

    const tab = await open(person, {}, HANDLERS);
    assert.equal(await tab.ask("doesSessionExist"), true);
    assert.equal(await tab.ask("getUserId"), "alice");
    assert.equal((await tab.me()).user, "alice");
    assert.deepEqual(person.refreshes(), []);
    await person.backend.expire();
    assert.deepEqual(await tab.many(10), Array(10).fill(200));
    assert.deepEqual(person.refreshes(), [200]);
    assert.deepEqual([...new Set(await tab.run(() => window.taken))], ["REFRESH_TOKEN_USE"]);
    await tab.reload();
    assert.equal((await tab.me()).user, "alice");
    assert.equal(typeof (await tab.ask("getAccessToken")), mode === "header" ? "string" : "undefined");
    assert.deepEqual(person.refreshes(), [200]);

    const [cookies, own, elsewhere] = await tab.run(() => [
      document.cookie,
      localStorage.getItem("own:hallpass"),
      localStorage.getItem("hallpass"),
    ]);
    assert.deepEqual([cookies, typeof own, elsewhere], ["", "string", null]);
    await tab.ask("signOut");
    assert.equal(await tab.ask("doesSessionExist"), false);
    assert.ok(!(await tab.run(() => localStorage.getItem("jar"))).includes("sFrontToken"));
  },
);

scenario("a function that cannot be overridden is an error at the start", { modes: ["cookie"] }, async (_, person) => {
  const tab = await open(person);
  const message = await tab.run(() => {
    try {
      const functions = (original) => ({ ...original, calculateClockSkewInMillis: () => 0 });
      window.client.init({ apiDomain: location.origin, override: { functions } });
    } catch (error) {
      return error.message;
    }
  });
  assert.match(message, /calculateClockSkewInMillis cannot be overridden: give init a dateProvider/);
});

// The SDK behind the server: each of its functions as a call, with sessions in the server's process and in a core.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Program } from "../../program.mjs";

/** What a server's answer to a refused request says. */
export const REFUSED = {
  unauthorised: { status: 401, body: { message: "unauthorised" } },
  tryRefresh: { status: 401, body: { message: "try refresh token" } },
};

/** Tests of one topic, in both places. Each test gets an SDK that was just initialised on an app of its own. */
export function topic(name, tell) {
  for (const place of ["this process", "a core"]) {
    describe(`${name}, sessions in ${place}`, () => {
      let core, server;
      before(async () => {
        if (place === "a core") core = await Program.core();
        server = await Program.start("sdk-server", ["--port", "0", ...(core ? ["--core", core.url] : [])]);
      });
      after(async () => {
        await server?.stop();
        await core?.stop();
      });
      const story = (what, settings, run) =>
        test(what, async () => {
          const sdk = new Sdk(`http://127.0.0.1:${server.said}`, await newApp(core));
          await sdk.init(settings);
          await run(sdk);
        });
      tell(story);
    });
  }
}

/** The address of a new app. */
async function newApp(core) {
  if (!core) return `http://${randomUUID()}.localhost`;
  const init = { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ appId: randomUUID() }) };
  const answer = await fetch(`${core.url}/recipe/multitenancy/app/v2`, init);
  assert.equal(answer.status, 200);
  return `${core.url}/appid-${JSON.parse(init.body).appId}`;
}

export class Sdk {
  constructor(origin, connectionURI) {
    Object.assign(this, { origin, connectionURI });
  }

  /** `session` and `userroles` are the settings of those recipes. */
  async init({ session = {}, userroles } = {}) {
    const recipeList = [
      { recipeId: "emailpassword", config: "{}" },
      { recipeId: "session", config: JSON.stringify(session) },
      ...(userroles ? [{ recipeId: "userroles", config: JSON.stringify(userroles) }] : []),
    ];
    const config = {
      appInfo: { appName: "suite", apiDomain: this.origin, websiteDomain: "http://localhost:3000" },
      supertokens: { connectionURI: this.connectionURI },
      recipeList,
    };
    const answer = await this.post("/test/init", { config: JSON.stringify(config) });
    assert.deepEqual(answer, { status: 200, body: { ok: true } });
  }

  async call(method, path, { json, headers } = {}) {
    const answer = await fetch(this.origin + path, {
      method,
      headers: { ...(json && { "content-type": "application/json" }), ...headers },
      body: json && JSON.stringify(json),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text };
  }

  /** Status and body. */
  async post(path, json) {
    const { status, body } = await this.call("POST", path, { json });
    return { status, body };
  }

  /** What a function of the SDK returns. */
  async does(name, json) {
    const { status, body } = await this.post(`/test/${name}`, json);
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
    return body === "null" ? null : body === "true" ? true : body === "false" ? false : body;
  }

  create(given) {
    return this.does("session/createnewsessionwithoutrequestresponse", { recipeUserId: "alice", tenantId: "public", ...given });
  }

  refresh(session, given) {
    return this.post("/test/session/refreshsessionwithoutrequestresponse", { ...tokens(session), ...given });
  }

  /** Whether the session is still good, as the database says. */
  async lives(session) {
    const options = { checkDatabase: true, antiCsrfCheck: false };
    const { status } = await this.post("/test/session/getsessionwithoutrequestresponse", { accessToken: session.accessToken, options });
    return status === 200;
  }

  /** A method of a session: what it returns, and the session afterwards. */
  on(session, method, given) {
    return this.does(`session/sessionobject/${method}`, { session: tokens(session), ...given });
  }

  /** The same, where it fails. */
  failsOn(session, method, given) {
    return this.post(`/test/session/sessionobject/${method}`, { session: tokens(session), ...given });
  }
}

function tokens({ accessToken, frontToken, refreshToken, antiCsrfToken }) {
  return { accessToken, frontToken, refreshToken, antiCsrfToken };
}

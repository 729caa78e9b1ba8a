// A test on the real thing: one server per file, and per test an app on it and a backend that uses it through the SDK.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { App } from "./app.mjs";
import { Browser } from "./browser.mjs";
import { Server } from "./server.mjs";
import { Wire } from "./wire.mjs";

/** Starts a server for this file's tests, and is the function that declares them. */
export function journeys(options) {
  let server, wire;
  before(async () => {
    server = await Server.start(options);
    wire = await Wire.open(server.port);
  });
  after(async () => {
    await wire?.close();
    await server?.stop(wire?.issued);
  });

  return function journey(name, options, story) {
    test(name, { timeout: 60_000, skip: options.skip || false }, async () => {
      const world = new World(server, wire);
      try {
        await world.createApp(options.core);
        if (options.backend !== false) await world.startBackend(options);
        await story(world);
      } catch (error) {
        const calls = wire.calls.map(
          ({ method, path, status, answer }) => `${method} ${path} ${status} ${answer?.status ?? ""}`,
        );
        error.stack += `\n\ncalls:\n${calls.join("\n")}\n\nthe end of the server's log:\n${await server.log()}`;
        throw error;
      } finally {
        await world.stopBackend();
        wire.forget();
      }
    });
  };
}

export class World {
  appId = randomUUID();

  constructor(server, wire) {
    Object.assign(this, { server, wire });
  }

  /** What the SDK is given as the address of the core. */
  get connectionURI() {
    return `${this.wire.origin}/appid-${this.appId}`;
  }

  async createApp(coreConfig = {}) {
    const answer = await this.#fetch("PUT", "/recipe/multitenancy/app/v2", { body: { appId: this.appId, coreConfig } });
    assert.deepEqual(
      { status: answer.status, body: answer.body },
      { status: 200, body: { status: "OK", createdNew: true } },
    );
    // The first reader waits for the app's RSA keys. On a busy machine that is longer than the SDK's JOSE library waits.
    assert.equal((await this.core("GET", "/.well-known/jwks.json")).status, 200);
  }

  async startBackend({ connectionURI = this.connectionURI, ...options } = {}) {
    this.backend = await App.start({ connectionURI, ...options });
  }

  async stopBackend() {
    if (this.backend) await this.backend.stop();
    this.backend = undefined;
  }

  /** The same app behind a backend with other settings. Browsers keep what they hold. */
  async restartBackend(options, ...browsers) {
    await this.stopBackend();
    await this.startBackend(options);
    for (const browser of browsers) browser.app = this.backend;
  }

  /** Ends the server; `beginServer` begins it again on what it has kept. */
  async endServer() {
    assert(await this.server.end(), "the server ends when it is asked to");
    this.wire.hangUp();
  }

  beginServer(flags = []) {
    return this.server.begin(flags);
  }

  browser(mode) {
    return new Browser(this.backend, mode);
  }

  /** A call of the core without the SDK, in this app or (`app: ""`) in the one that always exists. */
  core(method, path, { app = this.appId, ...options } = {}) {
    return this.#fetch(method, app ? `/appid-${app}${path}` : path, options);
  }

  async #fetch(method, path, { version, body, headers = {} } = {}) {
    const answer = await fetch(this.server.origin + path, {
      method,
      headers: {
        ...(body && { "content-type": "application/json" }),
        ...(version && { "cdi-version": version }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    const type = answer.headers.get("content-type");
    return {
      status: answer.status,
      type,
      headers: answer.headers,
      body: type?.startsWith("application/json") ? JSON.parse(text) : text,
    };
  }
}

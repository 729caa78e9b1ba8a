// A website and its API on hosts of their own, over TLS, and a browser that blocks cookies of other sites or allows them.
import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { App } from "./app.mjs";
import { Tab, args, executablePath } from "./browser.mjs";

/** The headers that frontend SDKs ask leave for, and the app's own. */
const ALLOWED_HEADERS = "anti-csrf, authorization, content-type, fdi-version, rid, st-auth-mode";
const GATEWAY = "/api";

/** Everything that stands before the app: TLS for all hosts, CORS for the website's pages, a gateway, a page with a frame. */
class Front {
  #server = https.createServer((request, answer) => this.#serve(request, answer));

  static async open() {
    const front = new Front();
    front.folder = await mkdtemp(join(tmpdir(), "hallpass-front-"));
    await new Promise((done) => front.#server.listen(0, "127.0.0.1", done));
    front.port = front.#server.address().port;
    return front;
  }

  at(host) {
    return `https://${host}:${this.port}`;
  }

  /** Serves the app, which has left a certificate in the folder. */
  async serve(app) {
    this.app = app;
    const [cert, key] = await Promise.all(["certificate.pem", "key.pem"].map((name) => readFile(join(this.folder, name))));
    this.#server.setSecureContext({ cert, key });
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    await rm(this.folder, { recursive: true });
  }

  #serve(request, answer) {
    const url = new URL(request.url, this.at("any"));
    if (url.pathname === "/frame") {
      answer.writeHead(200, { "content-type": "text/html" });
      return answer.end(`<!doctype html><title>frame</title><iframe src="${url.searchParams.get("of")}"></iframe>`);
    }
    const cors = this.#cors(request.headers.origin);
    if (request.method === "OPTIONS") return answer.writeHead(204, cors).end();
    const path = request.url.startsWith(`${GATEWAY}/`) ? request.url.slice(GATEWAY.length) : request.url;
    const { method, headers } = request;
    const forwarded = http.request({ host: "127.0.0.1", port: this.app.network.port, method, path, headers, agent: false });
    forwarded.on("error", () => answer.destroy());
    forwarded.on("response", (from) => {
      answer.writeHead(from.statusCode, [...from.rawHeaders, ...cors]);
      from.pipe(answer);
    });
    request.pipe(forwarded);
  }

  #cors(origin) {
    if (origin !== this.website) return [];
    return Object.entries({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-allow-methods": "GET, POST",
      vary: "origin",
    }).flat();
  }
}

/**
 * A test with a website and an API of these hosts, and with a user's empty browser that `blocks` cookies of other sites.
 * `settings` are further arguments of the server; `gateway`: the API is behind a path.
 */
export function siteTest(name, { website, api, blocks = true, gateway = false, settings = [] }, story) {
  test(name, { timeout: 60_000 }, async () => {
    const front = await Front.open();
    try {
      front.website = front.at(website);
      const more = ["--website", front.website, "--certificate", front.folder, ...settings];
      if (gateway) more.push("--gateway-path", GATEWAY);
      await App.with({ antiCsrf: null, origin: front.at(api), more }, async (app) => {
        await front.serve(app);
        await withBrowser(blocks, (context) => story(new Visitor(front, app, context, gateway ? GATEWAY : "")));
      });
    } finally {
      await front.close();
    }
  });
}

/** A profile of its own: whether it blocks is a preference, and contexts of one browser share those. */
async function withBrowser(blocks, story) {
  const profile = await mkdtemp(join(tmpdir(), "hallpass-profile-"));
  try {
    await mkdir(join(profile, "Default"));
    const preferences = { profile: { block_third_party_cookies: blocks, cookie_controls_mode: blocks ? 1 : 0 } };
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      ignoreHTTPSErrors: true,
      args: [...args, "--host-resolver-rules=MAP *.example 127.0.0.1"],
    });
    try {
      await story(context);
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, maxRetries: 5 });
  }
}

/** Somebody who visits the website. */
class Visitor {
  constructor(front, app, context, gateway) {
    Object.assign(this, { front, app, context, gateway, api: `${app.origin}${gateway}` });
  }

  /** A page of the website with the frontend SDK. */
  async open({ mode = "cookie", host, pages } = {}) {
    const page = await this.context.newPage();
    const asked = new URLSearchParams({ api: this.app.origin, base: `${this.gateway}/auth`, mode, ...(pages && { pages }) });
    await page.goto(`${host ? this.front.at(host) : this.front.website}/test/?${asked}`);
    await page.waitForFunction(() => window.client);
    return new Tab(page);
  }

  /** A page of the website that another site shows in a frame. It has no frontend SDK. */
  async openFramed(host) {
    const page = await this.context.newPage();
    await page.goto(`${this.front.at(host)}/frame?of=${encodeURIComponent(`${this.front.website}/`)}`);
    const frame = page.frames().find((frame) => frame.url().startsWith(this.front.website));
    assert.ok(frame, "the frame is there");
    return new Tab(frame);
  }

  /** The status of a call that a page makes without the help of an SDK, with cookies. */
  async status(tab, method, url, form) {
    const headers = { rid: "session", "st-auth-mode": "cookie" };
    return (await tab.call(method, url, { form, headers, credentials: "include" })).status;
  }

  /** The session's cookies in the browser, by name. */
  async cookies() {
    const jar = await this.context.cookies();
    return new Map(jar.filter(({ name }) => /^s(Access|Refresh)Token$/.test(name)).map((cookie) => [cookie.name, cookie]));
  }
}

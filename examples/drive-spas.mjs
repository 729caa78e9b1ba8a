// Drives the built apps of one page in a real Chromium, each with a real API behind it. Before it: what `drive` in this folder does.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { test } from "node:test";
import { App } from "../interop/web/harness/app.mjs";

const here = import.meta.dirname;
const { chromium } = createRequire(new URL("../interop/web/package.json", import.meta.url))("playwright-core");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const apps = ["react-spa", "vue-spa", "svelte-spa", "solid-spa", "angular-spa"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Serves an app's files as any web server would, and passes on what is the API's. */
class Site {
  #server = http.createServer((request, answer) => this.#serve(request, answer));

  static async with(folder, story) {
    const site = Object.assign(new Site(), { folder });
    await new Promise((done) => site.#server.listen(0, "127.0.0.1", done));
    site.origin = `http://localhost:${site.#server.address().port}`;
    try {
      await App.with({ antiCsrf: null, origin: site.origin }, (api) => {
        site.api = api.network.port;
        return story(site.origin, api);
      });
    } finally {
      site.#server.closeAllConnections();
      site.#server.close();
    }
  }

  async #serve(request, answer) {
    const { pathname } = new URL(request.url, this.origin);
    if (/^\/(auth|api)\//.test(pathname)) {
      const { method, headers } = request;
      const path = request.url.replace(/^\/api/, "");
      const forwarded = http.request({ host: "127.0.0.1", port: this.api, method, path, headers, agent: false });
      forwarded.on("error", () => answer.destroy());
      forwarded.on("response", (from) => from.pipe(answer.writeHead(from.statusCode, from.rawHeaders)));
      return request.pipe(forwarded);
    }
    const name = extname(pathname) ? pathname : "/index.html";
    const file = await readFile(join(here, this.folder, "dist", name)).catch(() => undefined);
    return answer.writeHead(file ? 200 : 404, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(file);
  }
}

async function story(origin, context, api) {
  const errors = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  const heading = (name) => page.getByRole("heading", { name }).waitFor({ timeout: 20_000 });
  const link = (name) => page.getByRole("link", { name }).click();
  const signIn = async (user) => {
    await page.getByRole("textbox").fill(user);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  // A stranger is sent to sign in, and comes back.
  await page.goto(`${origin}/devices`);
  await heading("Sign in");
  assert.equal(new URL(page.url()).searchParams.get("redirectToPath"), "/devices");
  await signIn("ada");
  await heading("Your devices");
  assert.equal(page.url(), `${origin}/devices`);
  await page.getByRole("listitem").waitFor();

  // A page of one's own; one for staff.
  await link("Home");
  await heading("Grüß Gott 👋, ada");
  await page.getByText('"user":"ada"').waitFor();
  await link("Staff");
  await page.getByText("This page is for staff.").waitFor();

  // The access token is lost: the next call has the session refreshed, and nobody notices.
  await context.clearCookies({ name: "sAccessToken" });
  await link("Home");
  await page.getByText('"user":"ada"').waitFor();
  assert.deepEqual(await api.refreshes(), [401, 200], "the stranger was asked for a session, too");

  // Signed out in another tab, signed out here.
  const other = await context.newPage();
  await other.goto(origin);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  await heading("Sign in");
  await signIn("staff-ada");
  await heading("Grüß Gott 👋, staff-ada");
  await link("Staff");
  await page.getByText("hello, staff-ada").waitFor();
  assert.deepEqual(errors, []);
}

const browser = await chromium.launch({ executablePath, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
for (const app of apps)
  await test(`${app}: signed in, let in, kept out, refreshed and signed out`, { timeout: 120_000 }, () =>
    Site.with(app, async (origin, api) => {
      const context = await browser.newContext();
      try {
        await story(origin, context, api);
      } finally {
        await context.close();
      }
    }),
  );
await browser.close();

// Drives one of the apps in a real Chromium, with a real API behind it: what a user does, and what expires meanwhile. Before it:
// `cargo build -p hallpass-interop-web`, `interop/web/setup`, `npm ci && npm run build` in `web`, `npm install` in the app's folder.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import net from "node:net";
import { App } from "../interop/web/harness/app.mjs";

const { chromium } = createRequire(new URL("../interop/web/package.json", import.meta.url))("playwright-core");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a command to its end. */
async function run(command, args, options) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  const [code] = await new Promise((done) => child.once("exit", (...how) => done(how)));
  assert.equal(code, 0, `${command} ${args.join(" ")}`);
}

/**
 * @param folder of the app.
 * @param build the command that builds it, with its arguments.
 * @param serve the one that serves it, with its arguments.
 */
export async function drive({ folder, build, serve }) {
  const port = await freePort();
  const site = `http://localhost:${port}`;
  await App.with({ antiCsrf: "NONE", origin: site }, async (api) => {
    const env = { ...process.env, API: `http://127.0.0.1:${api.network.port}`, PORT: `${port}`, HOST: "localhost" };
    env.NUXT_API = env.API;
    env.NEXT_TELEMETRY_DISABLED = env.NUXT_TELEMETRY_DISABLED = "1";
    const [command, ...args] = build;
    await run(command, args, { cwd: folder, env });
    const [server, ...how] = serve(port);
    const app = spawn(server, how, { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
    const ended = new Promise((done) => app.once("exit", done));
    const browser = await chromium.launch({ executablePath, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      await reachable(site);
      await story(site, api, await browser.newContext());
    } finally {
      await browser.close();
      app.kill();
      await ended;
    }
  });
  console.log(`${folder}: signed in, refreshed, let in, kept out and signed out`);
}

async function reachable(site) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await new Promise((done) => setTimeout(done, 100))) {
    if (await fetch(site).then(({ ok }) => ok, () => false)) return;
  }
  throw new Error(`${site} does not answer`);
}

async function story(site, api, context) {
  const errors = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => /hydrat/i.test(message.text()) && errors.push(message.text()));
  const heading = (text) => page.getByRole("heading", { name: text }).waitFor({ timeout: 20_000 });
  const cookies = async () => new Set((await context.cookies(`${site}/auth/session/refresh`)).map(({ name }) => name));
  const signIn = async (user) => {
    await page.waitForLoadState("networkidle");
    await page.getByRole("textbox").fill(user);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  const note = async () => {
    await page.getByRole("button", { name: "Note" }).click();
    await page.getByText(/"note": ?"hello"/).waitFor();
  };

  // A stranger is sent to sign in, and comes back.
  await page.goto(`${site}/account`);
  assert.equal(decodeURIComponent(page.url()), `${site}/login?redirectToPath=/account`);
  await signIn("ada");
  await heading("Account of ada");
  assert.equal(page.url(), `${site}/account`);
  await note();
  assert.deepEqual(await api.refreshes(), []);

  // Without an access token the page is opened signed in, after one refresh on the way.
  await context.clearCookies({ name: "sAccessToken" });
  await page.goto(`${site}/account`);
  await heading("Account of ada");
  assert.deepEqual(await api.refreshes(), [200]);
  const html = await (await context.request.get(`${site}/account`)).text();
  for (const secret of api.network.secrets()) assert(!html.includes(secret), "the page holds a secret");

  // Gone to by a link, the client refreshes: for the page, or for what the page calls.
  await page.goto(site);
  await heading("Hello, ada");
  await page.waitForLoadState("networkidle");
  await context.clearCookies({ name: /^(sAccessToken|st-hop)$/ });
  await page.getByRole("link", { name: "Account" }).click();
  await heading("Account of ada");
  await note();
  assert.deepEqual(await api.refreshes(), [200, 200]);

  // Staff only.
  const answer = await page.goto(`${site}/staff`);
  assert([403, 404].includes(answer.status()), `${answer.status()}`);
  await page.goto(`${site}/account`);
  await page.waitForLoadState("networkidle");
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading("Hello, stranger");
  for (const name of ["sAccessToken", "sRefreshToken", "sFrontToken"]) assert(!(await cookies()).has(name), name);
  await page.goto(`${site}/staff`);
  await signIn("staff-ada");
  await heading("Staff: staff-ada");

  assert.deepEqual(await api.events("ada"), ["session.created", "session.revoked"]);
  assert.deepEqual(errors, []);
}

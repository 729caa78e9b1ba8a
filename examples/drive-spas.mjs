// Drives the built apps of one page in a real Chromium, each with `axum-embedded` behind it. Before it:
// `cargo build -p axum-embedded`, `examples/run`, and Chromium as `interop/web/setup` installs it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

const here = new URL(".", import.meta.url).pathname;
const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const binary = process.env.HALLPASS_EXAMPLE_API ?? join(process.env.CARGO_TARGET_DIR ?? join(here, "../target"), "debug/axum-embedded");
const apps = process.argv.slice(2);
const API = 3000;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const answers = (port) =>
  new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1", () => done(true) ?? socket.destroy());
    socket.on("error", () => done(false));
  });

/** Serves an app's files as any web server would, and passes on what is the API's. */
function site(folder) {
  const server = http.createServer(async (request, answer) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (/^\/(auth|api)\//.test(pathname)) {
      const { method, headers } = request;
      const path = request.url.replace(/^\/api/, "");
      const forwarded = http.request({ host: "127.0.0.1", port: API, method, path, headers, agent: false });
      forwarded.on("error", () => answer.destroy());
      forwarded.on("response", (from) => from.pipe(answer.writeHead(from.statusCode, from.rawHeaders)));
      return request.pipe(forwarded);
    }
    const name = extname(pathname) ? pathname : "/index.html";
    const file = await readFile(join(here, folder, "dist", name)).catch(() => undefined);
    answer.writeHead(file ? 200 : 404, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(file);
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

async function story(origin, context) {
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

if (await answers(API)) throw new Error(`something listens at port ${API} already`);
const folder = await mkdtemp(join(tmpdir(), "hallpass-example-"));
const api = spawn(binary, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
const ended = new Promise((done) => api.once("exit", done).once("error", done));
const browser = await chromium.launch({ executablePath, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
try {
  for (const until = Date.now() + 20_000; !(await answers(API)); await new Promise((done) => setTimeout(done, 50)))
    if (Date.now() > until) throw new Error(`${binary} does not start`);
  for (const app of apps) {
    const server = await site(app);
    await story(`http://localhost:${server.address().port}`, await browser.newContext());
    server.closeAllConnections();
    server.close();
    console.log(`${app}: signed in, let in, kept out, refreshed and signed out`);
  }
} finally {
  await browser.close();
  api.kill();
  await ended;
  await rm(folder, { recursive: true });
}

// What `hallpass demo` serves, in a real browser: its pages, its script, and the client that it has built in.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { args, eventually, executablePath } from "../harness/scenario.mjs";

const root = new URL("../../..", import.meta.url).pathname;
const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/hallpass");

let demo;
let origin;
let browser;

/** A port that nobody listens at. */
const freePort = () =>
  new Promise((done) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

before(async () => {
  assert.ok(existsSync(binary), `there is no ${binary}: cargo build --bin hallpass`);
  demo = spawn(binary, ["demo", "--port", String(await freePort())], { stdio: ["ignore", "pipe", "inherit"] });
  origin = await new Promise((done, fail) => {
    demo.once("error", fail).once("exit", (code) => fail(new Error(`the demo ended with ${code}`)));
    createInterface({ input: demo.stdout }).on("line", (line) => {
      const [address] = line.match(/http:\/\/localhost:\d+/) ?? [];
      if (address) done(address);
    });
  });
  browser = await chromium.launch({ executablePath, headless: true, args });
});

after(async () => {
  await browser?.close();
  if (!demo || demo.exitCode !== null) return;
  const ended = new Promise((done) => demo.once("exit", done));
  demo.kill();
  await ended;
});

/** A browser of somebody who signs in, and what its scripts threw. */
async function person(name, userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") {
  const context = await browser.newContext({ userAgent });
  const errors = [];
  context.on("weberror", (error) => errors.push(error.error()));
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${origin}/account`);
  return { context, page, errors };
}

/** A story of the demo, with as many browsers as it takes. */
const story = (name, tell) =>
  test(name, { timeout: 60_000 }, async () => {
    const people = [];
    try {
      await tell(async (...who) => {
        const somebody = await person(...who);
        people.push(somebody);
        return somebody;
      });
      assert.deepEqual(
        people.flatMap(({ errors }) => errors),
        [],
      );
    } finally {
      for (const { context } of people) await context.close();
    }
  });

/** Those that are shown: under the element lies what a page without script shows. */
const devices = (page) => page.locator("hallpass-devices li:visible");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const isAtSignIn = (page) => page.getByLabel("Your name").waitFor();

story("who signs in sees their token, and has it refreshed in all tabs", async (signIn) => {
  const { context, page } = await signIn("ada");
  await page.getByText("You signed in: a session with its first access token.").waitFor();
  const other = await context.newPage();
  await other.goto(`${origin}/account`);
  assert.equal(await other.locator("#pass").getAttribute("data-generation"), "0");
  await press(page, "Refresh now");
  await page.getByText("Refreshed on demand: generation 0 became 1").waitFor();
  await other.getByText("Another tab refreshed, for this one too.").waitFor();
  assert.equal(await other.locator("#pass").getAttribute("data-generation"), "1");
});

story("who is signed in twice ends the one from the other", async (signIn) => {
  const here = await signIn("bea");
  const there = await signIn(
    "bea",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_5) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
  );
  await here.page.reload();
  await eventually("both are listed", () => devices(here.page).count(), 2);
  const other = devices(here.page).filter({ hasText: "Safari" });
  assert.match(await devices(here.page).filter({ hasText: "Firefox" }).textContent(), /this device/i);
  await other.getByRole("button", { name: "Sign out" }).click();
  await here.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await eventually("one is left", () => devices(here.page).count(), 1);
  // The other one has a token that has not expired: it is over all the same.
  await press(there.page, "Refresh now");
  await isAtSignIn(there.page);
  await press(here.page, "Refresh now");
  await here.page.getByText("Refreshed on demand").waitFor();
});

story("what an operator does is felt in another window at once", async (signIn) => {
  const admin = await signIn("root");
  const { page } = await signIn("cleo");
  await page.goto(`${origin}/newsroom`);
  const shut = await page.locator("main").textContent();

  await admin.page.goto(`${origin}/admin`);
  const card = admin.page.locator(".person", { has: admin.page.getByRole("heading", { name: "cleo" }) });
  await card.getByRole("button", { name: "editor" }).click();
  await eventually(
    "cleo is an editor",
    () => card.getByRole("button", { name: "editor" }).getAttribute("aria-pressed"),
    "true",
  );
  await page.reload();
  assert.notEqual(await page.locator("main").textContent(), shut);

  await card.locator("summary").click();
  await card.getByLabel("Reason").fill("spam");
  await card.getByRole("button", { name: "Ban cleo" }).click();
  await card.getByText("banned").first().waitFor();
  await page.goto(`${origin}/account`);
  await isAtSignIn(page);
  await page.getByLabel("Your name").fill("cleo");
  await press(page, "Sign in");
  await page.getByText("banned").first().waitFor();
  assert.ok(!(await page.locator("main").textContent()).includes("spam"), "the reason is for operators");
});

story("who signs out in one tab has in all", async (signIn) => {
  const { context, page } = await signIn("dora");
  const other = await context.newPage();
  await other.goto(`${origin}/account`);
  await press(other, "Sign out");
  await isAtSignIn(other);
  await isAtSignIn(page);
  const cookies = (await context.cookies()).map(({ name }) => name);
  assert.ok(!cookies.includes("sAccessToken") && !cookies.includes("sRefreshToken"), cookies.join());
});

story("the thief of a token that its owner has used up is found out, and both have to go", async (signIn) => {
  const { page } = await signIn("eve");
  const tells = (headline) => page.locator("#story h3").first().filter({ hasText: headline }).waitFor();
  await press(page, "Steal my refresh token");
  await page.waitForURL(`${origin}/theft`);
  await tells("The thief copies refresh token A");
  await press(page, "Owner refreshes");
  await press(page, "Skip 10 seconds");
  await tells("10 seconds pass");
  await press(page, "Thief refreshes");
  await tells("The thief presents A, which is used up: theft detected");
  await page.goto(`${origin}/account`);
  await isAtSignIn(page);
});

// Somebody with a browser who visits an app: what they do, what they see, what their browser keeps.
import assert from "node:assert/strict";

export const HOUR = 3_600_000;
export const HOP = "/auth/session/refresh/hop";
/** What makes a session of a browser. */
export const SESSION = ["sAccessToken", "sRefreshToken", "sFrontToken"];

export class Visitor {
  /** What scripts threw and nobody caught, and what they said of pages that were not what the server had rendered. */
  errors = [];
  /** The addresses of the documents that the browser has asked for since it was last sent somewhere. */
  way = [];
  #traffic = new WeakMap();

  static async with(site, browser, user, story) {
    const context = await browser.newContext();
    try {
      const visitor = Object.assign(new Visitor(), { site, context, user });
      visitor.since = site.gate.refreshes().length;
      await visitor.setClock();
      visitor.page = await visitor.tab();
      await story(visitor);
      assert.deepEqual(visitor.errors, []);
    } finally {
      await context.close();
    }
  }

  async tab() {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => /hydrat|mismatch|Minified React error/i.test(message.text()) && this.errors.push(message.text()));
    const traffic = { open: new Set(), last: performance.now() };
    this.#traffic.set(page, traffic);
    const answered = (request) => {
      traffic.open.delete(request);
      traffic.last = performance.now();
    };
    page.on("response", (response) => answered(response.request()));
    page.on("requestfailed", answered);
    page.on("request", (request) => {
      traffic.open.add(request);
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) this.way.push(new URL(request.url()).pathname);
    });
    return page;
  }

  /** Opens an address as one types it, and waits until there is quiet: what goes round in circles never gets there. */
  async open(path, page = this.page) {
    this.way = [];
    const answer = await page.goto(this.site.origin + path);
    await this.quiet(page);
    return answer;
  }

  /** Until a page has been answered all that it has asked for, has nothing more to ask, and is alive: before that it takes no clicks. */
  async quiet(page = this.page) {
    const traffic = this.#traffic.get(page);
    const busy = () => traffic.open.size > 0 || performance.now() - traffic.last < 300;
    traffic.last = performance.now();
    while (busy()) {
      while (busy()) await new Promise((done) => setTimeout(done, 50));
      await page.waitForLoadState();
      const idle = page.evaluate(() => new Promise((done) => requestIdleCallback(() => done())));
      await idle.catch(() => {}); // it has gone to another page
    }
  }

  /** Where the browser is: path and query. */
  at(page = this.page) {
    const { origin, pathname, search } = new URL(page.url());
    assert.equal(origin, this.site.origin);
    return pathname + search;
  }

  async sees(heading, page = this.page) {
    await page.getByRole("heading", { name: heading, exact: true }).waitFor({ timeout: 15_000 });
  }

  /** Fills in the sign-in page that is open. */
  async fillIn(page = this.page) {
    await this.quiet(page);
    await page.getByRole("textbox").fill(this.user);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  async signIn() {
    await this.open("/login?redirectToPath=/account");
    await this.fillIn();
    await this.sees(`Account of ${this.user}`);
    await this.quiet();
  }

  /** Calls something that wants a session, as the page does it. */
  async note(page = this.page) {
    await this.quiet(page);
    await page.getByRole("button", { name: "Note" }).click();
    await page.getByText(/"note": ?"hello"/).waitFor();
  }

  /** Everybody's clock, so that the access token has expired. */
  async expire() {
    await this.site.advance(HOUR);
    await this.setClock();
  }

  setClock() {
    return this.context.clock.setFixedTime(this.site.now());
  }

  async cookies() {
    return new Map((await this.context.cookies(this.site.origin + HOP)).map((cookie) => [cookie.name, cookie]));
  }

  /** Which cookies of a session there are. */
  async session() {
    const cookies = await this.cookies();
    return SESSION.filter((name) => cookies.has(name));
  }

  /** Puts another access token in place of the browser's own, or where it would be. */
  async plant(token) {
    const { site, context } = this;
    const own = (await this.cookies()).get("sAccessToken");
    await context.addCookies([{ ...(own ?? { name: "sAccessToken", url: site.origin, httpOnly: true }), value: token }]);
  }

  /** The mark of the last refresh on the way lives for ten seconds. */
  async forgetHop() {
    await this.context.clearCookies({ name: "st-hop" });
  }

  /** The statuses of the refreshes of this visit, on the way or by the client. */
  refreshes() {
    return this.site.gate.refreshes().slice(this.since);
  }

  hops() {
    return this.way.filter((path) => path === HOP).length;
  }
}

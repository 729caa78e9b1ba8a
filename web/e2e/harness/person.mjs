// Somebody with a browser: a cookie jar and tabs, and what the tabs said.
import assert from "node:assert/strict";

const NAMES = {
  cookie: { access: "sAccessToken", refresh: "sRefreshToken" },
  header: { access: "st-access-token", refresh: "st-refresh-token" },
};

export class Person {
  /** What scripts threw and nobody caught. */
  errors = [];
  /** What scripts wrote to the console. */
  lines = [];
  /** How many refreshes there were before the story began. */
  since = 0;

  constructor(parts) {
    Object.assign(this, parts);
    this.origin ??= this.gate.at("localhost");
  }

  get app() {
    return this.backend.app;
  }

  /** Another browser of the same person, or somebody else's. */
  other(context) {
    return new Person({ ...this, context, errors: this.errors, lines: this.lines });
  }

  /** A tab with the client. `page`: another page of the suite; `functions` are options that are functions, as text; `more` goes into the address. */
  async open({ mode = this.mode, options = {}, way = this.way, origin = this.origin, page = "", functions, init, more = {} } = {}) {
    const tab = await this.context.newPage();
    tab.on("pageerror", (error) => this.errors.push(error));
    tab.on("console", (message) => {
      // That a request failed is the browser's own remark.
      if (!message.text().startsWith("Failed to load resource")) this.lines.push({ type: message.type(), text: message.text() });
    });
    if (init) await tab.addInitScript(init);
    if (functions) await tab.addInitScript(`window.clientFunctions = {${functions}}`);
    const asked = new URLSearchParams({ mode, options: JSON.stringify({ mode, ...this.options, ...options }), ...(way && { way }), ...more });
    await tab.goto(`${origin}/test/${page}?${asked}`);
    await tab.waitForFunction(() => window.ready);
    return new Tab(tab, this);
  }

  /** A tab of another site that shows a page with the client in a frame. */
  async openFramed(host, { options = {}, init } = {}) {
    const tab = await this.context.newPage();
    tab.on("pageerror", (error) => this.errors.push(error));
    if (init) await tab.addInitScript(init);
    const asked = new URLSearchParams({ options: JSON.stringify({ mode: this.mode, ...this.options, ...options }) });
    const of = `${this.origin}/test/?${asked}`;
    await tab.goto(`${this.gate.at(host)}/test/frame.html?of=${encodeURIComponent(of)}`);
    const framed = new Tab(tab, this);
    framed.find = async () => {
      await tab.waitForFunction(() => document.querySelector("iframe"));
      framed.frame = tab.frames().find((frame) => frame.url().startsWith(this.origin));
      await framed.frame.waitForFunction(() => window.ready);
      return framed;
    };
    return framed.find();
  }

  /** A signed-in tab. */
  async signedIn(user = "alice", how) {
    const tab = await this.open(how);
    await tab.signIn(user);
    this.since = this.gate.refreshes().length;
    return tab;
  }

  /** The statuses of the refreshes since somebody was signed in; `lost` are those whose answers never came. */
  refreshes() {
    return this.gate.refreshes().slice(this.since);
  }

  /** The value of every cookie that scripts or servers have set, by name. */
  async cookies() {
    return new Map((await this.context.cookies()).map((cookie) => [cookie.name, cookie]));
  }

  /** What malware on the machine could copy. */
  async tokens() {
    const jar = await this.cookies();
    const names = NAMES[this.mode];
    if (this.mode === "cookie") return { mode: "cookie", accessToken: jar.get(names.access)?.value, refreshToken: jar.get(names.refresh)?.value };
    const tab = this.context.pages().find((page) => page.url().startsWith(this.gate.scheme));
    const kept = await tab.evaluate(() => JSON.parse(localStorage.getItem("hallpass") ?? "{}"));
    return {
      mode: "header",
      accessToken: kept.access || jar.get(names.access)?.value,
      refreshToken: kept.refresh || jar.get(names.refresh)?.value,
    };
  }

  /** Deletes cookies that scripts can see. */
  async forgetScriptCookies() {
    for (const name of ["sFrontToken", "sAntiCsrf", "st-last-access-token-update", "st-access-token", "st-refresh-token"])
      await this.context.clearCookies({ name });
  }

  /** What must be true of every story: nothing was thrown at the page, no token was written to the console. */
  async check() {
    assert.deepEqual((await this.backend.refreshes()).sort(), this.gate.passedRefreshes().sort(), "the server has counted other refreshes");
    assert.deepEqual(this.errors, [], "the page's script failed");
    for (const token of this.gate.issued)
      assert(!this.lines.some(({ text }) => text.includes(token)), "a line of the console holds a token");
  }
}

/** A tab with a client in it. */
export class Tab {
  constructor(page, person) {
    Object.assign(this, { page, person });
  }

  run(script, argument) {
    return (this.frame ?? this.page).evaluate(script, argument);
  }

  /** A call as the app's script makes it: its status and text; or the name of the error. */
  call(method, path, { form, ...init } = {}) {
    return this.run(
      async ({ path, form, init }) => {
        try {
          const answer = await window.send(new URL(path, window.apiBase), { ...init, ...(form && { body: new URLSearchParams(form) }) });
          return { status: answer.status, text: await answer.text() };
        } catch (error) {
          return { error: error.name };
        }
      },
      { path, form, init: { method, ...init } },
    );
  }

  async status(method, path, init) {
    const { status, error } = await this.call(method, path, init);
    return status ?? error;
  }

  async signIn(user) {
    assert.deepEqual(await this.call("POST", "/login", { form: { user } }), { status: 200, text: user });
  }

  /** What the server says about the session, which there must be. */
  async me() {
    const { status, text } = await this.call("GET", "/me");
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  /** The statuses of `times` calls that start together. */
  many(times) {
    return this.run((times) => Promise.all(Array.from({ length: times }, async () => (await window.send(new URL("/me", window.apiBase))).status)), times);
  }

  exists(options) {
    return this.run((options) => window.client.exists(options), options);
  }

  snapshot() {
    return this.run(() => window.client.snapshot());
  }

  async shows() {
    return (await this.snapshot()).status;
  }

  /** The client's method: what it returns, or `{code}` of the error. */
  ask(method, ...options) {
    return this.run(
      async ([method, options]) => {
        try {
          return await window.client[method](...options);
        } catch (error) {
          return { code: error.code ?? error.name, status: error.response?.status };
        }
      },
      [method, options],
    );
  }

  signOut(options) {
    return this.ask("signOut", options);
  }

  /** The types of all events so far. */
  async events() {
    return (await this.eventList()).map(({ type }) => type);
  }

  eventList() {
    return this.run(() => window.events);
  }

  async reload() {
    await this.page.reload();
    await this.page.waitForFunction(() => window.ready);
  }
}

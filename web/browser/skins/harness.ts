// Debian's Chromium, and a page for each framework with the same things in it. The server is in this process; nothing leaves
// the browser.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build, type Plugin } from "esbuild";
import { type Browser, type BrowserContext, chromium, type Page, type Route } from "playwright-core";
import { compile } from "svelte/compiler";
import { FakeServer, type Script } from "../../src/testing/index.js";

export const ORIGIN = "https://app.example.com";

// Its types would be taken for those of its successor.
const { compile: compile4 } = createRequire(import.meta.url)("svelte4/compiler") as {
  compile(source: string, options: { filename: string }): { js: { code: string } };
};

/** Components as an app's bundler compiles them. */
const svelte = (version: 4 | 5): Plugin => ({
  name: "svelte",
  setup: ({ onLoad, onResolve, resolve }) => {
    // Sources are imported by the names of what they become, by components too.
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, importer, resolveDir }) => {
      const source = new URL(path.replace(/\.js$/, ".ts"), `file://${resolveDir}/`).pathname;
      return importer.endsWith(".svelte") && existsSync(source) ? { path: source } : undefined;
    });
    if (version === 4)
      onResolve({ filter: /^svelte(\/|$)/ }, ({ path, kind, resolveDir }) =>
        resolve(path.replace("svelte", "svelte4"), { kind, resolveDir }),
      );
    onLoad({ filter: /\.svelte$/ }, ({ path: filename }) => {
      const source = readFileSync(filename, "utf8");
      const { js } = version === 4 ? compile4(source, { filename }) : compile(source, { generate: "client", filename });
      return { contents: js.code, loader: "js" };
    });
  },
});

/** A page's script, as an app would bundle it. */
export async function bundle(name: string, target = "es2022"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(`pages/${name}.ts`, import.meta.url).pathname],
    bundle: true,
    format: "esm",
    target,
    conditions: ["svelte", "browser"],
    define: {
      "process.env.NODE_ENV": '"development"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    plugins: [svelte(name === "svelte4" ? 4 : 5)],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

export function launch(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}: run interop/web/setup`);
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  return chromium.launch({ executablePath, headless: true, args: [...args, "--no-first-run"] });
}

/** One user's browser, and the server. */
export class Person {
  readonly script: Script = { origin: ORIGIN };
  readonly server = new FakeServer(this.script);
  /** What pages complained of. */
  readonly errors: string[] = [];
  /** What a server has rendered of the page. */
  html = "";
  reachable = true;

  private constructor(
    private readonly context: BrowserContext,
    private readonly pageScript: string,
  ) {}

  static async with(browser: Browser, pageScript: string, story: (person: Person) => Promise<void>): Promise<void> {
    const context = await browser.newContext();
    try {
      const person = new Person(context, pageScript);
      await context.route("**", (route) => person.answer(route));
      await story(person);
      if (person.errors.length) throw new Error(`the page complained: ${person.errors.join("; ")}`);
    } finally {
      await context.close();
    }
  }

  private async answer(route: Route) {
    const request = route.request();
    const { pathname } = new URL(request.url());
    if (pathname === "/page.js") return route.fulfill({ contentType: "text/javascript", body: this.pageScript });
    if (pathname === "/favicon.ico") return route.fulfill({ status: 404 });
    if (request.isNavigationRequest()) {
      const body = `<!doctype html><title>page</title><div id="app">${this.html}</div><script type="module" src="/page.js"></script>`;
      return route.fulfill({ contentType: "text/html", body });
    }
    if (!this.reachable) return route.abort();
    const body = request.postData();
    const answer = await this.server.fetch(request.url(), {
      method: request.method(),
      headers: await request.allHeaders().then((all) => Object.entries(all).filter(([name]) => !name.startsWith(":"))),
      ...(body && { body }),
    });
    const headers = Object.fromEntries(answer.headers);
    return route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) });
  }

  /** Opens a page in a new tab. */
  async open(view: string): Promise<Tab> {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      const meant = /Failed to load resource|unauthorised after/.test(text);
      if ((message.type() === "error" || message.type() === "warning") && !meant) this.errors.push(text);
    });
    await page.goto(`${ORIGIN}/${view}`);
    await page
      .waitForFunction(() => Reflect.get(window.app, "client"), undefined, { timeout: 10_000 })
      .catch((error) =>
        Promise.reject(new Error(`the page does not start: ${this.errors.join("; ")}`, { cause: error })),
      );
    return new Tab(page);
  }

  /** Signs in, in a tab of its own. */
  async signIn(user: string, payload: Record<string, unknown> = {}): Promise<void> {
    this.server.payload = payload;
    const tab = await this.open("open");
    await tab.call("POST", "/auth/signin", user);
    await tab.page.close();
    this.server.log.length = 0;
  }

  /** What the browser notices of a network that is there again. */
  async reconnect(): Promise<void> {
    this.reachable = true;
    await this.context.setOffline(true);
    await this.context.setOffline(false);
  }
}

/** What pages let a test have. */
export interface App {
  client: {
    fetch: typeof fetch;
    refresh(): Promise<boolean>;
    signOut(): Promise<void>;
    ready(): Promise<unknown>;
  };
  /** Where the guards sent whoever looked. */
  moves: string[];
  /** Another view in place of the one that is there. */
  go(view: string): unknown;
}

declare global {
  interface Window {
    app: App;
  }
}

export class Tab {
  constructor(readonly page: Page) {}

  call(method: string, path: string, body?: string): Promise<number> {
    return this.page.evaluate(
      async ({ method, path, body }) => (await window.app.client.fetch(path, { method, ...(body && { body }) })).status,
      { method, path, body },
    );
  }

  /** Waits until this is all there is to read. */
  async reads(text: string): Promise<void> {
    const read = () => this.page.evaluate(() => document.body.innerText.replace(/\s+/g, " ").trim());
    for (const until = Date.now() + 10_000; Date.now() < until; await this.page.waitForTimeout(20))
      if ((await read()) === text) return;
    throw new Error(`the page reads "${await read()}", not "${text}"`);
  }

  moves(): Promise<string[]> {
    return this.page.evaluate(() => window.app.moves);
  }

  go(view: string): Promise<void> {
    return this.page.evaluate(async (view) => void (await window.app.go(view)), view);
  }

  refresh(): Promise<boolean> {
    return this.page.evaluate(() => window.app.client.refresh());
  }

  signOut(): Promise<void> {
    return this.page.evaluate(() => window.app.client.signOut());
  }
}

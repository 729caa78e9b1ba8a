// Debian's Chromium, a page under a strict policy, and an API as a script says. Nothing leaves the browser.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Route,
} from "playwright-core";

const ORIGIN = "https://app.example.com";
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";
const NOW = Date.UTC(2026, 4, 20, 9, 30);
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

const file = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");

/** The page's script, as an app would bundle it. */
export async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("page/page.ts", import.meta.url).pathname],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}: run interop/web/setup`);
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
  ];
  return chromium.launch({ executablePath, headless: true, args });
}

const UA = {
  firefox: "Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0",
  iphone:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
  windows:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
};

/** What the API knows. Tests change it. */
export class Api {
  user: string | undefined = "ada";
  roles: string[] = ["admin", "editor"];
  /** Every call: method and path. */
  readonly log: string[] = [];
  /** Answers to calls of a path, in place of what it would say; the last one stays. */
  readonly instead = new Map<string, { status: number; body: string; contentType?: string } | "hang up">();
  sessions = [
    session("here", true, 0, 12 * DAY, UA.firefox),
    session("phone", false, 42 * MINUTE, 31 * DAY, UA.iphone),
    session("office", false, 3 * DAY, 90 * DAY, UA.windows),
    session("other", false, undefined, 5 * DAY, null),
  ];

  async answer(route: Route, script: string): Promise<void> {
    const request = route.request();
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === "/") return this.page(route, "text/html", file("index.html"));
    if (pathname === "/page.css") return this.page(route, "text/css", file("page.css"));
    if (pathname === "/page.js") return this.page(route, "text/javascript", script);
    this.log.push(`${request.method()} ${pathname}`);
    const instead = this.instead.get(pathname);
    if (instead === "hang up") return route.abort();
    if (instead) return route.fulfill(instead);
    if (pathname === "/auth/session/refresh") return this.user ? this.signedIn(route) : this.signedOut(route, 401);
    if (!this.user) return this.signedOut(route, 401);
    if (pathname === "/auth/signout") {
      this.user = undefined;
      return this.signedOut(route, 200);
    }
    if (pathname === "/auth/sessions/revoke") {
      const before = this.sessions.length;
      this.sessions = this.sessions.filter(({ handle }) => handle !== searchParams.get("handle"));
      return route.fulfill({ json: { status: "OK", revoked: before - this.sessions.length } });
    }
    if (pathname === "/auth/sessions/revoke-others") {
      const before = this.sessions.length;
      this.sessions = this.sessions.filter(({ isCurrent }) => isCurrent);
      return route.fulfill({ json: { status: "OK", revoked: before - this.sessions.length } });
    }
    if (pathname === "/auth/sessions") return route.fulfill({ json: { status: "OK", sessions: this.sessions } });
    return route.fulfill({ status: 404, body: "" });
  }

  private page(route: Route, contentType: string, body: string) {
    return route.fulfill({ contentType, body, headers: { "content-security-policy": POLICY } });
  }

  private signedIn(route: Route) {
    const up = { sub: this.user, iat: NOW / 1000, "st-role": { v: this.roles, t: NOW } };
    const token = { uid: this.user, ate: NOW + 60 * MINUTE, up };
    return route.fulfill({
      json: { status: "OK" },
      headers: { "front-token": Buffer.from(JSON.stringify(token)).toString("base64") },
    });
  }

  private signedOut(route: Route, status: number) {
    return route.fulfill({ status, json: { status: "OK" }, headers: { "front-token": "remove" } });
  }
}

function session(
  handle: string,
  isCurrent: boolean,
  used: number | undefined,
  created: number,
  userAgent: string | null,
) {
  const timeRefreshed = used === undefined ? null : NOW - used;
  return { handle, isCurrent, timeCreated: NOW - created, timeRefreshed, expiry: NOW + 100 * DAY, userAgent };
}

/** A browser's window with a page. Its clock stands still. */
export class Window {
  readonly errors: string[] = [];
  private constructor(
    readonly api: Api,
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  static async open(
    browser: Browser,
    script: string,
    options: BrowserContextOptions = {},
    api = new Api(),
  ): Promise<Window> {
    const context = await browser.newContext({
      reducedMotion: "reduce",
      timezoneId: "UTC",
      locale: "en-GB",
      ...options,
    });
    await context.route("**", (route) => api.answer(route, script));
    const page = await context.newPage();
    await page.clock.setFixedTime(NOW);
    const window = new Window(api, page, context);
    page.on("pageerror", (error) => window.errors.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) window.errors.push(message.text());
    });
    return window;
  }

  /** Shows elements, and waits until it is known who looks at them. */
  async show(elements: string[], more: Record<string, string> = {}): Promise<void> {
    const query = new URLSearchParams([...elements.map((name) => ["show", name]), ...Object.entries(more)]);
    await this.page.goto(`${ORIGIN}/?${query}`);
    await this.page.waitForFunction(() => Reflect.get(window, "client")?.snapshot().status !== "loading");
    await this.page.waitForLoadState("networkidle");
  }

  /** What axe has against the page. */
  async faults(): Promise<string[]> {
    await this.page.evaluate(axe);
    return this.page.evaluate(async () => {
      const { violations } = await Reflect.get(window, "axe").run(document, { resultTypes: ["violations"] });
      return violations.map(
        ({ id, nodes }: { id: string; nodes: { target: string[]; failureSummary: string }[] }) =>
          `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} ${failureSummary}`).join("; ")}`,
      );
    });
  }

  moves(): Promise<string[]> {
    return this.page.evaluate(() => Reflect.get(window, "moves"));
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A backend in memory: what the routes of a session answer, as a script says.
import type { Platform } from "../src/index.js";

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

export interface Script {
  /** How tokens travel. */
  mode?: "cookie" | "header";
  /** How long access tokens live, in milliseconds. */
  validity?: number;
  antiCsrf?: boolean;
}

export class Backend {
  readonly origin = "https://api.example.com";
  /** Every request that arrived: method and path. */
  readonly log: string[] = [];
  readonly requests: Request[] = [];
  /** Answers instead of the routes, the first first. */
  readonly instead: ((request: Request) => Response | Promise<Response> | undefined)[] = [];
  user: string | undefined;
  payload: Record<string, unknown> = {};
  generation = 0;
  current = "";
  /** The HttpOnly cookie. */
  jar: string | undefined;

  constructor(readonly script: Script = {}) {}

  get refreshes(): number {
    return this.log.filter((line) => line === "POST /auth/session/refresh").length;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const { pathname } = new URL(request.url);
    this.log.push(`${request.method} ${pathname}`);
    this.requests.push(request.clone());
    const answer = this.instead.shift()?.(request) ?? this.route(request, pathname);
    return await answer;
  };

  private async route(request: Request, path: string): Promise<Response> {
    if (path === "/login") {
      this.user = await request.text();
      return this.issue();
    }
    if (path === "/auth/session/refresh") {
      const presented = this.script.mode === "header" ? request.headers.get("authorization")?.slice(7) : this.jar;
      return this.user && presented === `refresh-${this.current}` ? this.issue("{}") : this.gone(401);
    }
    const access =
      this.script.mode === "header" ? request.headers.get("authorization")?.slice(7) : this.jar && "cookie";
    const valid =
      this.user &&
      (this.script.mode === "header" ? access === `access-${this.current}` : access) &&
      this.expires > Date.now();
    if (path === "/open") return new Response("open");
    if (!valid) return new Response("{}", { status: 401 });
    if (path === "/auth/signout") {
      this.user = undefined;
      return this.gone(200, '{"status":"OK"}');
    }
    return new Response(`${this.user}:${await request.text()}`);
  }

  expires = 0;

  issue(body = this.user ?? ""): Response {
    this.generation++;
    this.current = `${this.user}-${this.generation}`;
    this.expires = Date.now() + (this.script.validity ?? 3_600_000);
    const iat = Math.floor(Date.now() / 1000);
    const up = { sub: this.user, iat, sessionHandle: `handle-${this.user}`, ...this.payload };
    const headers = new Headers({ "front-token": base64({ uid: this.user, ate: this.expires, up }) });
    if (this.script.mode === "header") {
      headers.set("st-access-token", `access-${this.current}`);
      headers.set("st-refresh-token", `refresh-${this.current}`);
    } else this.jar = `refresh-${this.current}`;
    if (this.script.antiCsrf) headers.set("anti-csrf", `csrf-${this.current}`);
    return new Response(body, { headers });
  }

  gone(status: number, body = "{}"): Response {
    this.jar = undefined;
    return new Response(body, { status, headers: { "front-token": "remove" } });
  }
}

/** A jar of cookies as `document.cookie` is one. Those of a domain lie beside those of the host. */
export function cookieDocument(baseURI: string) {
  const jar = new Map<string, string>();
  return {
    baseURI,
    jar,
    written: [] as string[],
    get cookie() {
      return [...jar].map(([key, value]) => `${key.split("@")[0]}=${value}`).join("; ");
    },
    set cookie(text: string) {
      this.written.push(text);
      const [pair = "", ...attributes] = text.split(";");
      const [name = "", ...rest] = pair.split("=");
      const domain = attributes.find((attribute) => attribute.startsWith("domain="))?.slice(7) ?? "";
      const value = rest.join("=");
      if (pair.length > 4096) return;
      jar.delete(`${name}@${domain}`);
      if (!attributes.includes("max-age=0")) jar.set(`${name}@${domain}`, value);
    },
  };
}

export function values() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** A browser with one user: its tabs share cookies, storage, locks and channels. */
export class Browser {
  readonly document = cookieDocument("https://www.example.com/app/");
  readonly localStorage = values();
  private readonly tabs = new Set<EventTarget>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(readonly backend: Backend) {}

  /** A tab's window. */
  tab(changes: Partial<Platform> = {}) {
    const target = new EventTarget();
    this.tabs.add(target);
    const { queues, tabs } = this;
    const platform: Platform = {
      fetch: this.backend.fetch,
      document: this.document,
      location: { href: this.document.baseURI, protocol: "https:" },
      localStorage: {
        ...this.localStorage,
        setItem: (key, value) => {
          this.localStorage.setItem(key, value);
          for (const other of tabs) if (other !== target) queueMicrotask(() => other.dispatchEvent(new Event("storage")));
        },
      },
      sessionStorage: values(),
      navigator: {
        onLine: true,
        locks: {
          request: (async (name: string, _: unknown, critical: () => Promise<unknown>) => {
            const next = (queues.get(name) ?? Promise.resolve()).then(critical);
            queues.set(
              name,
              next.catch(() => undefined),
            );
            return await next;
          }) as LockManager["request"],
        },
      },
      addEventListener: (type, listener, options) => target.addEventListener(type, listener, options),
      ...changes,
    };
    return Object.assign(platform, { dispatch: (type: string) => target.dispatchEvent(new Event(type)) });
  }
}


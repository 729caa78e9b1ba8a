// A browser in memory.
import type { Platform } from "../src/index.js";
import type { FakeServer } from "../src/testing/index.js";

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
  /** Whether tabs hear nothing of each other, as frozen ones. */
  deaf = false;
  readonly document = cookieDocument("https://www.example.com/app/");
  readonly localStorage = values();
  private readonly tabs = new Set<EventTarget>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(readonly backend: FakeServer) {}

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
          if (this.deaf) return;
          for (const other of tabs)
            if (other !== target) queueMicrotask(() => other.dispatchEvent(new Event("storage")));
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

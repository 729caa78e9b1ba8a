// What most tests begin with: a server, a browser, tabs in it.
import { createSession, type SessionClient, type SessionOptions } from "../src/index.js";
import { FakeServer, type Script } from "../src/testing/index.js";
import { Browser } from "./browser.js";

export interface Tab {
  client: SessionClient;
  /** What it was told, in order; `elsewhere`: of what another tab did. */
  events: string[];
  /** The tab's window. */
  window: ReturnType<Browser["tab"]>;
  call(path?: string, init?: RequestInit): Promise<Response>;
  signIn(user: string): Promise<Response>;
}

export function open(script: Script = {}, options: SessionOptions = {}) {
  const server = new FakeServer(script);
  const browser = new Browser(server);
  const tab = (more: SessionOptions = {}): Tab => {
    const window = browser.tab();
    const client = createSession({
      api: `${server.origin}/auth`,
      mode: script.mode ?? "cookie",
      platform: window,
      ...options,
      ...more,
    });
    const events: string[] = [];
    client.on("*", (event) => {
      const more = event.type === "UNAUTHORISED" ? `(${event.sessionExpiredOrRevoked})` : "";
      events.push(event.type + more + (event.origin === "local" ? "" : " elsewhere"));
    });
    const call = (path = "/me", init?: RequestInit) => client.fetch(server.origin + path, init);
    return { client, events, window, call, signIn: (user) => call("/auth/signin", { method: "POST", body: user }) };
  };
  return { server, browser, tab, ...tab() };
}

/** An answer that comes when it is told to. */
export function held() {
  let release = (_: Response) => {};
  const answer = new Promise<Response>((done) => {
    release = done;
  });
  return { answer: () => answer, release: (response: Response) => release(response) };
}

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    new Response("{}", { status: code, headers });

export const noNetwork = () => Promise.reject(new TypeError("Failed to fetch"));

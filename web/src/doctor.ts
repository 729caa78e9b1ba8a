// Looks for what is wrong between page, API and browser. Loaded only when it is asked.
import { attempt } from "./attempt.js";
import type { Finding, Platform, Report, SessionClient } from "./types.js";
import { SessionError } from "./types.js";

/** What is looked at: everything that can be known without asking the server. */
export interface Scene {
  page: URL | undefined;
  api: URL;
  secureContext: boolean;
  cookiesWork: boolean;
  storageWorks: boolean;
  locks: boolean;
  /** Milliseconds that the server's clock is ahead. */
  skewMs: number;
  /** How often each cookie of ours is there. */
  cookies: Record<string, number>;
}

const say = (code: string, severity: Finding["severity"], message: string): Finding => ({ code, severity, message });

/** What the scene says by itself. */
export function judgeScene({
  page,
  api,
  secureContext,
  cookiesWork,
  storageWorks,
  locks,
  skewMs,
  cookies,
}: Scene): Finding[] {
  const findings: Finding[] = [];
  if (page?.protocol === "https:" && api.protocol === "http:")
    findings.push(say("mixed-scheme", "error", "the page is https and the API http: browsers block such requests"));
  if (page?.protocol === "http:" && api.protocol === "https:")
    findings.push(
      say("mixed-scheme", "warning", "the page is http and the API https: their cookies count as of two sites"),
    );
  const site = (host: string) => host.split(".").slice(-2).join(".");
  if (page && site(page.hostname) !== site(api.hostname))
    findings.push(
      say(
        "two-sites",
        "warning",
        "page and API may be of two sites: cookies of the API then are third-party cookies, which browsers block",
      ),
    );
  if (page && /^(localhost|127\.0\.0\.1)$/.test(page.hostname) && page.hostname !== api.hostname)
    findings.push(say("host-mismatch", "warning", `the page is at ${page.hostname} and the API at ${api.hostname}`));
  if (!cookiesWork)
    findings.push(
      say("cookies-blocked", "warning", "scripts cannot write cookies: servers that render pages know no session"),
    );
  if (!storageWorks)
    findings.push(
      say("storage-blocked", "warning", "localStorage is blocked or full: tokens in headers do not survive a reload"),
    );
  if (!locks) {
    const why = secureContext ? "this browser has none" : "the page is no secure context";
    findings.push(say("no-locks", "info", `no Web Locks (${why}): tabs take turns by other means`));
  }
  if (Math.abs(skewMs) > 0)
    findings.push(
      say("clock", "info", `this machine's clock is ${Math.round(-skewMs / 1000)} seconds ahead of the server's`),
    );
  for (const [name, count] of Object.entries(cookies))
    if (count > 1)
      findings.push(
        say(
          "duplicate-cookie",
          "error",
          `the cookie ${name} is there ${count} times: it was set for several domains or paths`,
        ),
      );
  return findings;
}

/** What a failed refresh says. */
export function judgeFailure(error: unknown): Finding {
  const { code, response } = error instanceof SessionError ? error : { code: "network", response: undefined };
  const status = response?.status;
  if (code === "config")
    return say(
      "front-token-unreadable",
      "error",
      "the refresh succeeded, but its front-token header cannot be read: name it in Access-Control-Expose-Headers, and let proxies pass it",
    );
  if (status === 404) return say("not-found", "error", "there is no refresh route at this address: is `api` right?");
  if (status === 500)
    return say(
      "server-error",
      "error",
      "the refresh failed with 500: does the browser send session cookies of several domains?",
    );
  if (status) return say("http", "error", `the refresh failed with ${status}`);
  return say(
    "unreachable",
    "error",
    "the API did not answer: it is down, or CORS does not allow this page (origin, credentials, headers)",
  );
}

const OURS = ["sFrontToken", "st-last-access-token-update", "sAntiCsrf", "st-access-token", "st-refresh-token"];

const works = (write: () => void, read: () => string | null | undefined): boolean => {
  attempt(write);
  return !!attempt(read);
};

const writeCookie = (page: Platform["document"], cookie: string): void => {
  if (page) page.cookie = cookie;
};

function sceneOf<P extends object>(client: SessionClient<P>, world: Platform, api: URL): Scene {
  const { document, location } = world;
  const probe = "hallpass-doctor";
  const scene = {
    page: attempt(() => new URL(document?.baseURI ?? location?.href ?? "")),
    api,
    secureContext: !!(world as { isSecureContext?: boolean }).isSecureContext,
    cookiesWork: works(
      () => writeCookie(document, `${probe}=1;path=/`),
      () => document?.cookie.match(`${probe}=1`)?.[0],
    ),
    storageWorks: works(
      () => world.localStorage?.setItem(probe, "1"),
      () => world.localStorage?.getItem(probe),
    ),
    locks: !!world.navigator?.locks,
    skewMs: Math.abs(client.now() - Date.now()) < 1000 ? 0 : client.now() - Date.now(),
    cookies: Object.fromEntries(
      OURS.map((name) => [name, `; ${attempt(() => document?.cookie) ?? ""}`.split(`; ${name}=`).length - 1]),
    ),
  };
  attempt(() => writeCookie(document, `${probe}=;path=/;max-age=0`));
  attempt(() => world.localStorage?.removeItem(probe));
  return scene;
}

/** Looks, and refreshes the session if there is one: only so it shows whether that works. */
export async function examine<P extends object>(client: SessionClient<P>, world: Platform, api: URL): Promise<Report> {
  const findings = judgeScene(sceneOf(client, world, api));
  try {
    if (!(await client.refresh()))
      findings.push(say("no-session", "info", "nobody is signed in: whether refreshing works is not known"));
  } catch (error) {
    findings.push(judgeFailure(error));
  }
  return { ok: findings.every(({ severity }) => severity !== "error"), findings };
}

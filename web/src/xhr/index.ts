// The session for XMLHttpRequest: a subclass of the browser's own. What does not go to the API, and what is synchronous, is
// left to that; so is everything that is not said here.
import type { Answer, SessionClient } from "../types.js";

type Native = typeof XMLHttpRequest;
type Body = Document | XMLHttpRequestBodyInit | null | undefined;

/** Events that a page must not see before it is known whether the request is sent again. */
const HELD = ["loadstart", "readystatechange", "progress", "load", "error", "timeout", "loadend"];

const NO_BODY = [204, 205, 304];

/** An answer as others read it. */
function answerOf(xhr: XMLHttpRequest): Answer {
  const { status, responseType, response } = xhr;
  const headers = new Headers();
  for (const line of xhr
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const body = responseType === "json" ? JSON.stringify(response) : response;
  const readable = !NO_BODY.includes(status) && responseType !== "document";
  return { status, headers, clone: () => new Response(readable ? body : null, { status, headers }) };
}

/** An event that is still on its way cannot be sent again. */
const copyOf = (event: Event): Event =>
  event instanceof ProgressEvent ? new ProgressEvent(event.type, event) : new Event(event.type);

/**
 * The browser's `XMLHttpRequest` with the session.
 *
 * @param client asked for anew for each request.
 * @param expiredStatus the client's.
 */
export function sessionXhr(
  client: () => Pick<SessionClient, "exchange">,
  native: Native = XMLHttpRequest,
  expiredStatus = 401,
): Native {
  const plain = native.prototype;

  class SessionXhr extends native {
    #opened: { method: string; url: URL; again: () => void } | undefined;
    #headers = new Headers();
    #credentials: RequestCredentials | undefined;
    /** The request on its way, if it goes to the API. */
    #way: AbortController | undefined;
    /** Told when the browser has done its part. */
    #ended: (() => void) | undefined;
    #held: Event[] = [];
    /** Whether the page has been told that it loads. */
    #started = false;

    constructor() {
      super();
      // Before all other listeners: it decides what those see.
      for (const type of HELD) super.addEventListener(type, (event) => this.#hold(event));
    }

    #hold(event: Event) {
      if (!this.#way || !event.isTrusted) return;
      const loading = this.readyState === 2 || this.readyState === 3;
      if (loading && this.status !== expiredStatus) return;
      const starts = event.type === "loadstart";
      if (starts && !this.#started) {
        this.#started = true;
        return;
      }
      event.stopImmediatePropagation();
      if (!starts) this.#held.push(event);
      if (event.type === "loadend") this.#ended?.();
    }

    /** Shows what was held back. */
    #release(way: AbortController) {
      if (this.#way !== way) return;
      this.#way = undefined;
      for (const event of this.#held.splice(0)) this.dispatchEvent(copyOf(event));
    }

    #leave() {
      this.#way?.abort();
      this.#way = this.#ended = undefined;
    }

    #mustNotBeSent() {
      if (this.#way) throw new DOMException("The request has been sent.", "InvalidStateError");
    }

    override open(method: string, url: string | URL, ...rest: unknown[]): void {
      this.#leave();
      const again = () => Reflect.apply(plain.open, this, [method, url, ...rest]);
      again();
      this.#headers = new Headers();
      this.#opened = rest[0] === false ? undefined : { method, url: new URL(url, document.baseURI), again };
    }

    override setRequestHeader(name: string, value: string): void {
      this.#mustNotBeSent();
      super.setRequestHeader(name, value);
      this.#headers.append(name, value);
    }

    override send(body?: Body): void {
      this.#mustNotBeSent();
      const opened = this.readyState === 1 ? this.#opened : undefined;
      const way = new AbortController();
      const { signal } = way;
      const answer =
        opened &&
        client().exchange(opened.url, () => ({
          request: { method: opened.method, headers: this.#headers, signal },
          credentials: this.#credentials,
          send: (headers, credentials) => this.#attempt(signal, opened.again, headers, credentials, body),
        }));
      if (!answer) {
        super.send(body);
        return;
      }
      this.#way = way;
      this.#started = false;
      const release = () => this.#release(way);
      answer.then(release, release);
    }

    #attempt(
      signal: AbortSignal,
      again: () => void,
      headers: Headers,
      credentials: RequestCredentials | undefined,
      body: Body,
    ): Promise<Answer> {
      again(); // headers can be added only
      this.#held = [];
      for (const [name, value] of headers) super.setRequestHeader(name, value);
      if (credentials) Reflect.set(plain, "withCredentials", credentials === "include", this);
      return new Promise((done, fail) => {
        signal.addEventListener("abort", () => fail(signal.reason));
        this.#ended = () => {
          this.#ended = undefined;
          if (this.status) done(answerOf(this));
          else fail(new TypeError("XMLHttpRequest failed"));
        };
        super.send(body);
      });
    }

    override abort(): void {
      const waiting = this.#way && !this.#ended;
      this.#leave();
      super.abort();
      // The browser knows nothing of a request that waits for a refresh.
      if (waiting) for (const type of ["abort", "loadend"]) this.dispatchEvent(new ProgressEvent(type));
    }

    /** Told apart from the default, which is no wish. */
    wish(credentials: boolean) {
      this.#credentials = credentials ? "include" : "same-origin";
    }
  }

  Object.defineProperty(SessionXhr.prototype, "withCredentials", {
    configurable: true,
    enumerable: true,
    get(this: SessionXhr) {
      return Reflect.get(plain, "withCredentials", this);
    },
    set(this: SessionXhr, wish: boolean) {
      Reflect.set(plain, "withCredentials", wish, this);
      this.wish(wish);
    },
  });
  return SessionXhr;
}

const INSTALLED = Symbol.for("hallpass.xhr");

interface World {
  XMLHttpRequest: Native;
  [INSTALLED]?: { original: Native; client: Pick<SessionClient, "exchange"> };
}

/**
 * Makes a page's `XMLHttpRequest` the client's, once: a second call changes whose it is.
 *
 * @returns how to undo it.
 */
export function installXhr<P extends object>(
  client: SessionClient<P>,
  { expiredStatus, world = globalThis as World }: { expiredStatus?: number; world?: World } = {},
): () => void {
  const idle = { exchange: () => undefined };
  if (!world[INSTALLED]) {
    const installed = { original: world.XMLHttpRequest, client: idle as Pick<SessionClient, "exchange"> };
    world[INSTALLED] = installed;
    world.XMLHttpRequest = sessionXhr(() => installed.client, installed.original, expiredStatus);
  }
  const installed = world[INSTALLED];
  installed.client = client;
  return () => {
    if (installed.client === client) installed.client = idle;
  };
}

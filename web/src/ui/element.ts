// What all elements have in common: a client, texts, a shadow root that is drawn anew when something changes, and a voice.
import { decide } from "../decide.js";
import type { SessionClient } from "../types.js";
import { h } from "./dom.js";
import { styles } from "./styles.js";
import { defaultTexts, parseTexts, type Texts } from "./texts.js";

export interface UiOptions {
  /** Texts that differ from the defaults, for all elements. */
  texts?: Partial<Texts> | undefined;
  /** Where people sign in. */
  loginUrl?: string | undefined;
  /** The client's `api`: where the API's session routes are. Default `/auth`. */
  api?: string | undefined;
  /** Goes to another page, as a router does. Default: the browser loads it. */
  navigate?: ((to: string) => void) | undefined;
}

/** What {@link defineElements} was told. */
export const shared: { client?: SessionClient; options: UiOptions } = { options: {} };

// There are no elements on a server, and nothing is drawn there; importing this must work all the same.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** Properties that may have been set before the element was defined. */
const PROPERTIES = ["client", "texts", "api", "loginUrl"] as const;

export abstract class HallpassElement extends Base {
  static readonly observedAttributes = ["texts", "api", "login-url"];

  #client: SessionClient | undefined;
  #texts: Partial<Texts> | undefined;
  #stop: (() => void) | undefined;
  protected readonly root: ShadowRoot;
  readonly #content = h("div", {});
  readonly #status = h("div", { role: "status", part: "status" });

  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [styles()];
    this.root.append(this.#content, this.#status);
  }

  /** Default: the one that the elements were defined with. */
  get client(): SessionClient | undefined {
    return this.#client ?? shared.client;
  }
  set client(client: SessionClient | undefined) {
    if (client === this.#client) return;
    this.#client = client;
    if (this.isConnected) this.#start();
  }

  /** All texts; setting some replaces those alone. The attribute takes them as JSON. */
  get texts(): Texts {
    const attribute = this.getAttribute("texts");
    return { ...defaultTexts, ...shared.options.texts, ...(attribute && parseTexts(attribute)), ...this.#texts };
  }
  set texts(texts: Partial<Texts> | undefined) {
    this.#texts = texts;
    this.redraw();
  }

  get loginUrl(): string | undefined {
    return this.getAttribute("login-url") ?? shared.options.loginUrl;
  }
  set loginUrl(url: string | undefined) {
    this.#reflect("login-url", url);
  }

  get api(): string {
    return (this.getAttribute("api") ?? shared.options.api ?? "/auth").replace(/\/+$/, "");
  }
  set api(api: string | undefined) {
    this.#reflect("api", api);
  }

  connectedCallback(): void {
    // All are taken away first: each covers the accessor that the others may ask.
    const given = PROPERTIES.map((name) => [name, Object.getOwnPropertyDescriptor(this, name)] as const);
    for (const [name, own] of given) if (own) Reflect.deleteProperty(this, name);
    for (const [name, own] of given) if (own) Reflect.set(this, name, own.value);
    if (!this.#stop) this.#start();
  }

  disconnectedCallback(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  attributeChangedCallback(): void {
    this.redraw();
  }

  /** What there is to be seen. */
  protected abstract draw(client: SessionClient): (Node | string)[];

  /** Listens to the client; returns how to stop that. */
  protected start(client: SessionClient): () => void {
    return client.subscribe(() => this.redraw());
  }

  /** Whatever had the focus keeps it, if it is still there: it is found by its `data-key`. */
  protected redraw(): void {
    const { client } = this;
    if (!this.isConnected || !client) return;
    const key = (this.root.activeElement as HTMLElement | null)?.dataset.key;
    this.#content.replaceChildren(...this.draw(client));
    if (key) this.find(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }

  protected find(selector: string): HTMLElement | null {
    return this.#content.querySelector(selector);
  }

  /** Says it to those who listen instead of looking. */
  protected say(text: string): void {
    this.#status.textContent = text;
  }

  /** @returns false if somebody has taken care of it. */
  protected tell(type: string, detail: unknown = undefined): boolean {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  /** Goes to another page, unless a listener to `hallpass-navigate` does that itself. */
  protected go(to: string): void {
    if (this.tell("hallpass-navigate", { to })) (shared.options.navigate ?? ((url) => location.assign(url)))(to);
  }

  /** Where people sign in, with the way back to this page. */
  protected signInUrl(): string | undefined {
    const { loginUrl } = this;
    if (loginUrl === undefined) return undefined;
    const decision = decide({ status: "unauthenticated" }, { loginUrl, currentUrl: location.href });
    return decision.action === "redirect" ? decision.to : loginUrl;
  }

  #reflect(name: string, value: string | undefined): void {
    if (value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  #start(): void {
    this.#stop?.();
    this.#stop = undefined;
    const { client } = this;
    if (client) {
      this.#stop = this.start(client);
      this.redraw();
      void client.ready();
    } else queueMicrotask(() => this.#complain());
  }

  /** Whoever puts the element on the page may set its client right after. */
  #complain(): void {
    if (this.isConnected && !this.client)
      console.error(`<${this.localName}> has no client: defineElements(client), or set its property`);
  }
}

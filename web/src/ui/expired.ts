// `<hallpass-expired>`: says that the session has ended, over whatever is on the page.
import type { SessionClient } from "../types.js";
import { type Asked, ask } from "./dialog.js";
import { HallpassElement } from "./element.js";

/**
 * Opens by itself when the server says that the session is over, and closes when there is another one. "Sign in" goes to
 * `login-url` with the way back; without one the app listens to `hallpass-sign-in`.
 *
 * Events: `hallpass-sign-in`, `hallpass-navigate`.
 */
export class ExpiredElement extends HallpassElement {
  #asked: Asked | undefined;

  /** Opens the dialog; returns when it is closed. */
  async show(): Promise<void> {
    if (this.#asked || !this.isConnected) return;
    const { expiredTitle: title, expiredMessage: message, signIn: yes, notNow: no } = this.texts;
    this.#asked = ask(this.root, { title, message, yes, no });
    const signsIn = await this.#asked.answer;
    this.#asked = undefined;
    if (!signsIn || !this.tell("hallpass-sign-in")) return;
    const to = this.signInUrl();
    if (to !== undefined) this.go(to);
  }

  close(): void {
    this.#asked?.close();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.close();
  }

  protected override start(client: SessionClient): () => void {
    const stops = [
      client.on("UNAUTHORISED", ({ sessionExpiredOrRevoked }) => {
        if (sessionExpiredOrRevoked) void this.show();
      }),
      client.subscribe(() => {
        if (client.snapshot().userId !== undefined) this.close();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  protected override draw(): Node[] {
    return [];
  }
}

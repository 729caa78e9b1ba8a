// `<hallpass-sign-out>`: a button for whoever is signed in.
import type { SessionClient } from "../types.js";
import { button, h } from "./dom.js";
import { HallpassElement } from "./element.js";

/**
 * Ends the session at hand; without one it is not to be seen. Then it goes to `login-url`, if there is one.
 *
 * Events: `hallpass-signed-out`, `hallpass-navigate`.
 */
export class SignOutElement extends HallpassElement {
  #state: "idle" | "busy" | "failed" = "idle";

  protected override draw(client: SessionClient): Node[] {
    if (client.snapshot().userId === undefined) return [];
    const { texts } = this;
    const busy = this.#state === "busy";
    const text = busy ? texts.signingOut : texts.signOut;
    return [
      h(
        "div",
        { part: "stack" },
        button("", text, () => void this.#leave(client), { "data-key": "out", "aria-disabled": `${busy}` }),
        this.#state === "failed" && h("p", { part: "error", role: "alert" }, texts.signOutFailed),
      ),
    ];
  }

  async #leave(client: SessionClient): Promise<void> {
    if (this.#state === "busy") return;
    this.#turn("busy");
    try {
      await client.signOut();
    } catch (error) {
      console.error(error);
      return this.#turn("failed");
    }
    this.#turn("idle");
    this.tell("hallpass-signed-out");
    if (this.loginUrl !== undefined) this.go(this.loginUrl);
  }

  #turn(state: "idle" | "busy" | "failed"): void {
    this.#state = state;
    this.redraw();
  }
}

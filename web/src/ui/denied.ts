// `<hallpass-denied>`: the page of those who may not see a page.
import type { SessionClient } from "../types.js";
import { button, h, ICONS, icon } from "./dom.js";
import { HallpassElement } from "./element.js";

/**
 * Says that access is denied, with a way back and a way out. What is put into the element is shown instead of the message.
 * Its heading gets the focus. After signing out it goes to `login-url`, if there is one.
 *
 * Events: `hallpass-back` (to be prevented where a router goes back), `hallpass-signed-out`, `hallpass-navigate`.
 */
export class DeniedElement extends HallpassElement {
  #failed = false;

  /** Whether it has had the focus: it takes it once, as soon as there is something to be read. */
  #greeted = false;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#greeted = false;
  }

  protected override redraw(): void {
    super.redraw();
    const heading = this.#greeted ? null : this.find("h1");
    if (!heading) return;
    this.#greeted = true;
    heading.focus();
  }

  protected override draw(client: SessionClient): Node[] {
    const { texts } = this;
    return [
      h(
        "section",
        { part: "denied", role: "alert" },
        icon(ICONS.lock),
        h("h1", { part: "heading", tabindex: "-1", "data-key": "title" }, texts.deniedTitle),
        h("p", { part: "message" }, h("slot", {}, texts.deniedMessage)),
        this.#failed && h("p", { part: "error" }, texts.signOutFailed),
        h(
          "div",
          { part: "buttons" },
          button("primary", texts.back, () => void (this.tell("hallpass-back") && history.back()), {
            "data-key": "back",
          }),
          client.snapshot().userId !== undefined &&
            button("", texts.signOut, () => void this.#leave(client), { "data-key": "out" }),
        ),
      ),
    ];
  }

  async #leave(client: SessionClient): Promise<void> {
    this.#failed = false;
    try {
      await client.signOut();
    } catch (error) {
      console.error(error);
      this.#failed = true;
      return this.redraw();
    }
    this.tell("hallpass-signed-out");
    if (this.loginUrl !== undefined) this.go(this.loginUrl);
  }
}

// `<hallpass-devices>`: where a user is signed in, and how to end that.
import type { SessionClient } from "../types.js";
import { deviceName, deviceOf } from "./device.js";
import { type Asked, ask } from "./dialog.js";
import { button, h, ICONS, icon } from "./dom.js";
import { HallpassElement } from "./element.js";
import { type Answer, endOtherSessions, endSession, listSessions, type OwnSession } from "./own-sessions.js";
import { fill } from "./texts.js";
import { ago, inFull, usable } from "./time.js";

/** What the user is asked before it is done. */
interface Deed {
  title: string;
  message: string;
  yes: string;
  act: () => Promise<Answer<unknown>>;
  /** Says that it was done. */
  done: string;
  /** Which session it ends; undefined: all others. */
  handle?: string;
}

/**
 * Lists the user's sessions as devices, this one first, and ends them after asking. The API has to serve own sessions.
 *
 * Events: `hallpass-revoked` with the handle, or without one: all others.
 */
export class DevicesElement extends HallpassElement {
  /** Undefined: it is on the way. */
  #list: Answer<OwnSession[]> | undefined;
  /** Whose it is. */
  #of: { user: string | undefined } | undefined;
  /** How often it was asked for: only the last answer counts. */
  #turn = 0;
  /** Whether the last deed failed. */
  #failed = false;
  #asked: Asked | undefined;

  /** Asks the API anew. */
  async reload(): Promise<void> {
    const { client } = this;
    if (!client) return;
    const turn = ++this.#turn;
    const list = await listSessions(client, this.api);
    if (turn !== this.#turn) return;
    this.#list = list;
    this.redraw();
    if (list.status !== "ok") this.say(this.texts[list.status === "failed" ? "devicesFailed" : "devicesSignedOut"]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#forget();
    this.#of = undefined;
  }

  protected override start(client: SessionClient): () => void {
    this.#of = undefined;
    const look = () => {
      const { userId: user, status } = client.snapshot();
      if (status === "loading" || (this.#of && this.#of.user === user)) return;
      this.#forget();
      this.#of = { user };
      if (user === undefined) this.#list = { status: "signed-out" };
      else void this.reload();
      this.redraw();
    };
    look();
    return client.subscribe(look);
  }

  /** What is known or asked about one user is nothing for the next. */
  #forget(): void {
    this.#turn++;
    this.#list = undefined;
    this.#failed = false;
    this.#asked?.close();
  }

  protected override draw(client: SessionClient): Node[] {
    const { texts } = this;
    const list = this.#list;
    return [
      h(
        "section",
        { part: "devices", "aria-labelledby": "title", "aria-busy": `${!list}` },
        h("h2", { part: "heading", id: "title", tabindex: "-1", "data-key": "title" }, texts.devicesTitle),
        this.#failed && h("p", { part: "error", role: "alert" }, texts.endFailed),
        ...(list?.status === "ok" ? this.#drawList(client, list.value) : [this.#drawInstead(list?.status)]),
      ),
    ];
  }

  #drawInstead(status: "signed-out" | "failed" | undefined): Node {
    const { texts } = this;
    if (status === undefined) return h("p", { part: "message" }, texts.devicesLoading);
    if (status === "signed-out") return h("p", { part: "message" }, texts.devicesSignedOut);
    const again = () => {
      this.#list = undefined;
      this.redraw();
      this.find("h2")?.focus();
      void this.reload();
    };
    return h(
      "div",
      { part: "stack" },
      h("p", { part: "error" }, texts.devicesFailed),
      button("", texts.tryAgain, again, { "data-key": "again" }),
    );
  }

  #drawList(client: SessionClient, sessions: OwnSession[]): Node[] {
    const { texts } = this;
    const list = h("ul", { part: "list", role: "list" }, ...sessions.map((session) => this.#drawItem(client, session)));
    if (sessions.every(({ isCurrent }) => isCurrent)) return [list];
    const deed: Deed = {
      title: texts.endOthersTitle,
      message: texts.endOthersMessage,
      yes: texts.endOthers,
      act: () => endOtherSessions(client, this.api),
      done: texts.othersEnded,
    };
    const end = () => void this.#do(deed);
    return [list, h("div", { part: "buttons" }, button("", texts.endOthers, end, { "data-key": "others" }))];
  }

  #drawItem(client: SessionClient, session: OwnSession): Node {
    const { texts } = this;
    const language = usable(this.closest<HTMLElement>("[lang]")?.lang);
    const device = deviceOf(session.userAgent);
    const name = deviceName(device, texts.device, texts.unknownDevice);
    const { handle, isCurrent, timeCreated, timeRefreshed } = session;
    const when = (text: string, time: number) => {
      const [before = "", after = ""] = text.split("{time}");
      const at = h(
        "time",
        { datetime: new Date(time).toISOString(), title: inFull(time, language) },
        ago(time, client.now(), language),
      );
      return h("span", {}, before, at, after);
    };
    const used = isCurrent
      ? h("span", {}, texts.activeNow)
      : timeRefreshed !== null && when(texts.lastUsed, timeRefreshed);
    const deed: Deed = {
      title: fill(texts.endTitle, { device: name }),
      message: isCurrent ? texts.endThisMessage : texts.endMessage,
      yes: texts.end,
      act: () => (isCurrent ? leave(client) : endSession(client, this.api, handle)),
      done: fill(texts.ended, { device: name }),
      handle,
    };
    const label = fill(texts.endDevice, { device: name });
    return h(
      "li",
      { part: "item" },
      icon(ICONS[device.kind]),
      h(
        "div",
        { part: "about" },
        h("p", { part: "device" }, name, isCurrent && h("span", { part: "badge" }, texts.thisDevice)),
        h("p", { part: "details" }, used, when(texts.signedIn, timeCreated)),
      ),
      button("", texts.end, () => void this.#do(deed), { "data-key": handle, "aria-label": label }),
    );
  }

  /** Asks first; then the list is another one, and the focus is at its top. */
  async #do({ title, message, yes, act, done, handle }: Deed): Promise<void> {
    if (this.#asked) return;
    this.#asked = ask(this.root, { title, message, yes, no: this.texts.cancel, grave: true });
    const agreed = await this.#asked.answer;
    this.#asked = undefined;
    if (!agreed) return;
    const { status } = await act();
    this.#failed = status === "failed";
    this.redraw();
    if (status !== "ok") return;
    this.say(done);
    this.tell("hallpass-revoked", { handle });
    if (this.#of?.user !== undefined) await this.reload();
    else if (this.loginUrl !== undefined) this.go(this.loginUrl);
    this.find("h2")?.focus();
  }
}

const leave = async (client: SessionClient): Promise<Answer<unknown>> => {
  try {
    await client.signOut();
    return { status: "ok", value: undefined };
  } catch (error) {
    console.error(error);
    return { status: "failed" };
  }
};

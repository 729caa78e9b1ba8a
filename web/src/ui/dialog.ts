// A question over the page, as the browser asks it: the focus stays in it, Escape says no, and afterwards it is where it was.
import { button, h } from "./dom.js";

export interface Question {
  title: string;
  message: string;
  yes: string;
  no: string;
  /** Doing it cannot be undone: then "no" has the focus. */
  grave?: boolean;
}

export interface Asked {
  /** Whether the answer was yes. */
  answer: Promise<boolean>;
  /** Takes the question back: the answer is no. */
  close(): void;
}

export function ask(root: ShadowRoot, { title, message, yes, no, grave = false }: Question): Asked {
  let said = false;
  const dialog = h(
    "dialog",
    { part: "dialog", "aria-labelledby": "question", "aria-describedby": "explanation" },
    h(
      "div",
      { part: "stack" },
      h("h2", { part: "heading", id: "question" }, title),
      h("p", { part: "message", id: "explanation" }, message),
      h(
        "div",
        { part: "buttons" },
        button("", no, () => dialog.close(), { autofocus: grave }),
        button(
          grave ? "danger" : "primary",
          yes,
          () => {
            said = true;
            dialog.close();
          },
          { autofocus: !grave },
        ),
      ),
    ),
  );
  const answer = new Promise<boolean>((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(said);
    });
  });
  root.append(dialog);
  dialog.showModal();
  return { answer, close: () => dialog.close() };
}

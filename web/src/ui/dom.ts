// Nodes without markup: what others have written is text here and nothing else.

type Child = Node | string | false | undefined;
type Handler = (event: Event) => void;

/** An attribute; `true` for one without a value, a function for a listener. */
type Given = Record<string, string | boolean | Handler | undefined>;

/** Makes an element. `part` is its class, too, for the own style sheet. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Given,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  if (typeof given.part === "string") element.className = given.part;
  element.append(...children.filter((child) => child !== false && child !== undefined));
  return element;
}

/** A button; `key` names it, so that it is found again when all is drawn anew. */
export const button = (part: string, text: string, click: () => void, more: Given = {}): HTMLButtonElement =>
  h("button", { type: "button", part: `button ${part}`.trim(), click, ...more }, text);

const SVG = "http://www.w3.org/2000/svg";

/** An icon of lines, for the eye only. */
export function icon(lines: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("part", "icon");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", lines);
  svg.append(path);
  return svg;
}

export const ICONS = {
  computer: "M5 5h14v10H5zM2.5 19h19",
  phone: "M8 3h8v18H8zM11 18h2",
  tablet: "M5 3h14v18H5zM11 18h2",
  unknown: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.5v.5",
  lock: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4M12 15v2",
} as const;

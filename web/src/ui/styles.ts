// How the elements look. Text and lines take the page's own colour, so that they can be read on every page; what has a surface
// of its own follows the page's `color-scheme`.

const CSS = `
:host {
  --accent: var(--hallpass-accent, light-dark(#1a5fb4, #8ab8ff));
  --on-accent: var(--hallpass-on-accent, light-dark(#fff, #0b1f3a));
  --danger: var(--hallpass-danger, light-dark(#b3261e, #ffb4ab));
  --on-danger: var(--hallpass-on-danger, light-dark(#fff, #561e19));
  --surface: var(--hallpass-surface, light-dark(#fff, #1e2126));
  --on-surface: var(--hallpass-on-surface, light-dark(#1b1f24, #e6e8eb));
  --line: var(--hallpass-line, color-mix(in srgb, currentColor 22%, transparent));
  --muted: var(--hallpass-muted, color-mix(in srgb, currentColor 72%, transparent));
  --radius: var(--hallpass-radius, 0.5rem);
  --space: var(--hallpass-space, 1rem);
  display: block;
  font-family: var(--hallpass-font, inherit);
  line-height: 1.5;
  overflow-wrap: anywhere;
}
@supports not (color: light-dark(#000, #fff)) {
  :host {
    --accent: var(--hallpass-accent, CanvasText);
    --on-accent: var(--hallpass-on-accent, Canvas);
    --danger: var(--hallpass-danger, CanvasText);
    --on-danger: var(--hallpass-on-danger, Canvas);
    --surface: var(--hallpass-surface, Canvas);
    --on-surface: var(--hallpass-on-surface, CanvasText);
  }
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }

.status {
  position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}

.button {
  font: inherit; font-weight: 600; line-height: 1.25; text-align: center; text-decoration: none; cursor: pointer;
  display: inline-flex; align-items: center; justify-content: center;
  min-block-size: 2.75rem; padding: 0.5rem 1rem;
  color: inherit; background: transparent;
  border: 1px solid color-mix(in srgb, currentColor 45%, transparent); border-radius: var(--radius);
}
.button:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
.button.primary { color: var(--on-accent); background: var(--accent); border-color: transparent; }
.button.danger { color: var(--on-danger); background: var(--danger); border-color: transparent; }
.button.primary:hover, .button.danger:hover { filter: brightness(1.08); }
.button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.button[aria-disabled="true"] { cursor: progress; opacity: 0.75; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }

.heading { margin: 0; font-size: 1.375rem; line-height: 1.25; font-weight: 650; text-wrap: balance; }
.heading:focus { outline: none; }
.message, .error { margin: 0; text-wrap: pretty; }
.icon { inline-size: 1.5rem; block-size: 1.5rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round; }

.dialog {
  inline-size: min(26rem, calc(100vw - 2rem)); max-block-size: calc(100dvh - 2rem); overflow: auto;
  padding: calc(var(--space) * 1.5);
  color: var(--on-surface); background: var(--surface);
  border: 1px solid var(--line); border-radius: calc(var(--radius) * 1.5);
  box-shadow: 0 1rem 3rem rgb(0 0 0 / 0.3);
}
.dialog::backdrop { background: rgb(0 0 0 / 0.5); }
.dialog .heading { font-size: 1.2rem; }
.dialog .buttons { justify-content: flex-end; margin-block-start: calc(var(--space) * 0.5); }
.stack { display: grid; gap: 0.75rem; justify-items: start; }
.dialog .stack { justify-items: stretch; }

.denied { display: grid; gap: var(--space); justify-items: center; text-align: center;
  max-inline-size: 32rem; margin-inline: auto; padding: calc(var(--space) * 2) var(--space); }
.denied .icon { inline-size: 3rem; block-size: 3rem; stroke-width: 1.2; color: var(--muted); }
.denied .buttons { justify-content: center; margin-block-start: calc(var(--space) * 0.5); }

.devices { display: grid; gap: var(--space); max-inline-size: 42rem; container-type: inline-size; }
.list { display: grid; margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: var(--radius); }
.item { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; gap: 0.5rem var(--space);
  padding: var(--space); }
.item + .item { border-block-start: 1px solid var(--line); }
.item > .icon { color: var(--muted); }
.device { display: flex; flex-wrap: wrap; align-items: center; gap: 0.125rem 0.5rem; margin: 0; font-weight: 600; }
.details span { unicode-bidi: isolate; }
.details { margin: 0; color: var(--muted); font-size: 0.9375em; }
.details span + span::before { content: "·"; margin-inline: 0.375em; }
@container (max-width: 28rem) {
  .item { align-items: start; }
  .item > .button { grid-column: 2; justify-self: start; }
  .details span { display: block; }
  .details span + span::before { content: none; }
}

.badge { display: inline-block; padding: 0 0.625em; font-size: 0.8125rem; line-height: 1.6; font-weight: 600;
  border: 1px solid var(--line); border-radius: 1em; background: color-mix(in srgb, currentColor 8%, transparent); }
.badges { display: flex; flex-wrap: wrap; gap: 0.375rem; margin: 0; padding: 0; list-style: none; }

@media (prefers-reduced-motion: no-preference) {
  .button { transition: background-color 0.12s, filter 0.12s; }
  .dialog[open] { animation: come 0.16s ease-out; }
  @keyframes come { from { opacity: 0; translate: 0 0.5rem; } }
}
@media (forced-colors: active) {
  .button, .button.primary, .button.danger { border-color: ButtonBorder; }
}
`;

let sheet: CSSStyleSheet | undefined;

/** One sheet for all elements. It is made by script, which a policy for style sheets (`style-src 'self'`) allows. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}

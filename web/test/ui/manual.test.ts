// The manual's page about the elements says what is so.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultTexts } from "../../src/ui/texts.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const page = read("../../../docs/manual/ui.md");

const sources = ["styles", "denied", "devices", "dialog", "dom", "expired", "roles", "sign-out"].map((name) =>
  read(`../../src/ui/${name}.ts`),
);

test("every text and its default is in the table, and nothing else", () => {
  const table = page.slice(page.indexOf("| key | default |")).split("\n\n")[0]?.split("\n").slice(2);
  expect(table).toEqual(Object.entries(defaultTexts).map(([key, text]) => `| \`${key}\` | ${text} |`));
});

test("every variable is documented, and every documented one is used", () => {
  const variables = (text: string) => [...new Set(text.match(/--hallpass-[a-z-]+/g))].sort();
  expect(variables(page)).toEqual(variables(sources.join()));
});

test("every part that can be styled is documented", () => {
  const parts = [...sources.join().matchAll(/part: "([\w ]+)"|setAttribute\("part", "(\w+)"\)/g)].map(
    ([, a, b]) => a ?? b,
  );
  expect(parts.length).toBeGreaterThan(15);
  const documented = page.slice(page.indexOf("Parts:"));
  // What only arranges the others is nobody's business.
  for (const part of new Set(parts)) if (part !== "stack") expect(documented).toContain(`\`${part}\``);
});

test("every event is documented", () => {
  const events = new Set(sources.join().match(/(?<=tell\(")hallpass-[a-z-]+/g));
  expect(events.size).toBe(4);
  for (const event of events) expect(page).toContain(`| \`${event}\` |`);
});

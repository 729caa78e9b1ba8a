// Every piece in light and in dark, wide and narrow. `npm run pictures` keeps what the manual shows.
import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, launch, Window } from "./harness.js";

const FOLDER = process.env.PICTURES;

let browser: Browser;
let script: string;
beforeAll(async () => {
  [browser, script] = await Promise.all([launch(), bundle()]);
  if (FOLDER) mkdirSync(FOLDER, { recursive: true });
});
afterAll(() => browser?.close());

interface Picture {
  elements: string[];
  size: [width: number, height: number];
  prepare?: (window: Window) => Promise<unknown>;
}

const expire = ({ page, api }: Window) => {
  api.user = undefined;
  return page.evaluate(() => Reflect.get(window, "client").refresh());
};

const PICTURES: Record<string, Picture> = {
  "sign-out": { elements: ["hallpass-sign-out"], size: [320, 76] },
  roles: { elements: ["hallpass-roles"], size: [320, 56] },
  denied: { elements: ["hallpass-denied"], size: [640, 300] },
  expired: { elements: ["hallpass-roles", "hallpass-expired"], size: [640, 280], prepare: expire },
  devices: { elements: ["hallpass-devices"], size: [720, 456] },
  "devices-confirm": {
    elements: ["hallpass-devices"],
    size: [720, 456],
    prepare: ({ page }) => page.getByRole("button", { name: "Sign out Safari on iPhone" }).click(),
  },
  "devices-failed": {
    elements: ["hallpass-devices"],
    size: [720, 160],
    prepare: async ({ page, api }) => {
      api.instead.set("/auth/sessions", { status: 500, body: "<h1>Oh no</h1>", contentType: "text/html" });
      await page.reload();
      await page.getByRole("button", { name: "Try again" }).waitFor();
    },
  },
};

for (const [name, { elements, size, prepare }] of Object.entries(PICTURES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const narrow of [false, true]) {
      test(`${name}, ${colorScheme}${narrow ? ", at 320 px" : ""}: axe has nothing against it`, async () => {
        const [width, height] = size;
        const viewport = narrow ? { width: 320, height: 700 } : { width, height };
        const window = await Window.open(browser, script, { colorScheme, viewport });
        try {
          await window.show(elements);
          await prepare?.(window);
          expect(await window.faults()).toEqual([]);
          const { scrollWidth } = await window.page.evaluate(() => ({
            scrollWidth: document.documentElement.scrollWidth,
          }));
          expect(scrollWidth).toBeLessThanOrEqual(viewport.width);
          expect(window.errors).toEqual([]);
          if (FOLDER && !narrow) await window.page.screenshot({ path: `${FOLDER}/ui-${name}-${colorScheme}.png` });
        } finally {
          await window.close();
        }
      });
    }
  }
}

// Drives one of the apps in a real Chromium, with a real API behind it: what a user does, what expires meanwhile, what breaks. Before it:
// `cargo build -p hallpass-interop-web`, `interop/web/setup`, `npm ci && npm run build` in `web`, `npm install` in the app's folder.
import { createRequire } from "node:module";
import { basename } from "node:path";
import { test } from "node:test";
import { Site } from "./drive-app/site.mjs";
import * as everyday from "./drive-app/stories/everyday.mjs";
import * as open from "./drive-app/stories/open-pages.mjs";
import * as trouble from "./drive-app/stories/trouble.mjs";
import * as tokens from "./drive-app/stories/tokens.mjs";
import * as ways from "./drive-app/stories/ways.mjs";
import { Visitor } from "./drive-app/visitor.mjs";

const { chromium } = createRequire(new URL("../interop/web/package.json", import.meta.url))("playwright-core");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/**
 * @param app `folder`; `build` and `serve`, see `Site`; `denied`: the status and the heading of a page that somebody must not see;
 * `prefetch(page, paths)`: what the framework does with links that may be followed soon, where it is more than what browsers do.
 */
export async function drive(app) {
  const name = basename(app.folder);
  await Site.with(app, async (site) => {
    const browser = await chromium.launch({ executablePath, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
    const stories = Object.entries({ ...everyday.stories, ...tokens.stories, ...trouble.stories, ...ways.stories, ...open.stories });
    try {
      await test(name, async (all) => {
        for (const [number, [title, story]] of stories.entries())
          await all.test(title, { timeout: 120_000 }, () =>
            Visitor.with(site, browser, `ada-${number}`, (visitor) => story(visitor, app)),
          );
      });
    } finally {
      await browser.close();
    }
  });
}

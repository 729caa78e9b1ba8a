// Websites and APIs on hosts of their own, over TLS, and a browser with a profile of its own.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { RUST } from "../backends/rust.mjs";
import { Gate } from "./gate.mjs";
import { Person } from "./person.mjs";
import { args, executablePath } from "./scenario.mjs";

/**
 * A test in each of the modes. Pages of `websites` (the first is where people arrive) call the API at host `api`. `blocks`: the
 * browser blocks cookies of other sites; `more` arguments of the server; `switches`: what Playwright would pass and must not.
 */
export function siteScenario(name, { modes = ["cookie", "header"], websites, api, blocks = false, more = [], options, switches = [] }, story) {
  for (const mode of modes) {
    test(`${name} (${mode} mode)`, { timeout: 60_000 }, async () => {
      const gate = await Gate.open({ tls: true });
      const folder = await mkdtemp(join(tmpdir(), "hallpass-certificate-"));
      try {
        for (const host of websites) gate.websites.add(gate.at(host));
        const all = ["--website", gate.at(websites[0]), "--certificate", folder, ...more];
        await RUST.with({ antiCsrf: null, more: all, origin: gate.at(api) }, gate, async (backend) => {
          gate.certify(await readFile(join(folder, "certificate.pem")), await readFile(join(folder, "key.pem")));
          await withProfile(blocks, switches, async (context) => {
            const there = { api: `${gate.at(api)}/auth`, ...options };
            const person = new Person({ gate, backend, context, mode, options: there, origin: gate.at(websites[0]), api: gate.at(api) });
            await story(person, person);
            await person.check();
          });
        });
      } finally {
        await gate.close();
        await rm(folder, { recursive: true });
      }
    });
  }
}

/** Whether it blocks is a preference of a profile. */
async function withProfile(blocks, switches, story) {
  const profile = await mkdtemp(join(tmpdir(), "hallpass-profile-"));
  try {
    await mkdir(join(profile, "Default"));
    const preferences = { profile: { block_third_party_cookies: blocks, cookie_controls_mode: blocks ? 1 : 0 } };
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      ignoreHTTPSErrors: true,
      ignoreDefaultArgs: switches,
      args: [...args, "--host-resolver-rules=MAP *.example 127.0.0.1"],
    });
    try {
      await story(context);
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, maxRetries: 5 });
  }
}

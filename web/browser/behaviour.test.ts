// What the elements do when somebody uses them: with a keyboard, in another language, and when the API does not do its part.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, launch, Window } from "./harness.js";

let browser: Browser;
let script: string;
beforeAll(async () => {
  [browser, script] = await Promise.all([launch(), bundle()]);
});
afterAll(() => browser?.close());

/** A test with a page that shows these elements. */
function story(
  name: string,
  elements: string[],
  tell: (window: Window) => Promise<void>,
  before?: (window: Window) => void,
) {
  test(name, async () => {
    const window = await Window.open(browser, script);
    try {
      before?.(window);
      await window.show(elements);
      await tell(window);
      expect(window.errors).toEqual([]);
    } finally {
      await window.close();
    }
  });
}

const expire = ({ page, api }: Window) => {
  api.user = undefined;
  return page.evaluate(() => Reflect.get(window, "client").refresh());
};
const focused = ({ page }: Window) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.textContent ?? "";
  });

story(
  "a device is signed out by keyboard alone, after a question whose safe answer has the focus",
  ["hallpass-devices"],
  async (window) => {
    const { page, api } = window;
    await page.getByRole("button", { name: "Sign out Safari on iPhone" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Sign out Safari on iPhone?" }).waitFor();
    expect(await focused(window)).toBe("Cancel");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Safari on iPhone has been signed out.").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Sign out Safari on iPhone" }).waitFor({ state: "detached" });
    expect(await page.getByRole("status").textContent()).toBe("Safari on iPhone has been signed out.");
    expect(await focused(window)).toBe("Your devices");
    expect(api.sessions.map(({ handle }) => handle)).toEqual(["here", "office", "other"]);
  },
);

story("Escape ends nothing, and the focus is where it was", ["hallpass-devices"], async (window) => {
  const { page, api } = window;
  const button = page.getByRole("button", { name: "Sign out Chrome on Windows" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await button.evaluate((element) => (element.getRootNode() as ShadowRoot).activeElement === element)).toBe(
    true,
  );
  expect(api.sessions).toHaveLength(4);
});

story("all other devices are signed out together", ["hallpass-devices"], async ({ page, api }) => {
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out all other devices" }).click();
  await page.getByText("All other devices have been signed out.").waitFor({ state: "attached" });
  await page.getByText("Safari on iPhone").waitFor({ state: "detached" });
  expect(api.log.filter((line) => line.startsWith("POST /auth/sessions"))).toEqual([
    "POST /auth/sessions/revoke-others",
  ]);
  expect(await page.getByRole("listitem").count()).toBe(1);
  expect(await page.getByRole("button", { name: "Sign out all other devices" }).count()).toBe(0);
});

story("ending the session at hand signs out here", ["hallpass-devices"], async (window) => {
  const { page, api } = window;
  await page.getByRole("button", { name: "Sign out Firefox on Linux" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Sign in to see your devices.").first().waitFor();
  expect(api.log).toContain("POST /auth/signout");
  await expect.poll(() => window.moves()).toEqual(["/sign-in"]);
});

for (const [name, status, body, contentType] of [
  ["HTML in place of a list", 200, "<!doctype html><title>Hello</title>", "text/html"],
  ["a list of something else", 200, '{"status":"OK","sessions":[{"handle":7}]}', "application/json"],
  ["null", 200, "null", "application/json"],
  ["an error", 500, "<h1>Oh no</h1>", "text/html"],
  ["that there is no such route", 404, "", "text/plain"],
] as const) {
  story(
    `an API that answers ${name} is a message with a way to try again`,
    ["hallpass-devices"],
    async ({ page, api }) => {
      await page.getByText("Your devices could not be loaded.").first().waitFor();
      api.instead.clear();
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("Safari on iPhone").waitFor();
    },
    ({ api }) => api.instead.set("/auth/sessions", { status, body, contentType }),
  );
}

story("a device that could not be signed out is said, and stays", ["hallpass-devices"], async ({ page, api }) => {
  api.instead.set("/auth/sessions/revoke", "hang up");
  await page.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("alert").getByText("That did not work.").waitFor();
  expect(await page.getByText("Safari on iPhone").count()).toBe(1);
});

story(
  "what a device says of itself is text, whatever it says",
  ["hallpass-devices"],
  async ({ page }) => {
    await page.getByText("curl", { exact: true }).waitFor();
    expect(await page.getByText("Unknown device").count()).toBe(2);
    expect(await page.locator("hallpass-devices img, hallpass-devices script").count()).toBe(0);
    expect(await page.evaluate(() => Reflect.get(window, "hacked"))).toBeUndefined();
  },
  ({ api }) => {
    const agents = ["<img src=x onerror=hacked=1>", "curl/8.14.1", `<script>hacked=1</script>${"x".repeat(9000)}`];
    api.sessions.slice(1).forEach((session, index) => {
      session.userAgent = agents[index] ?? null;
    });
  },
);

story("another user's devices are never the last one's", ["hallpass-devices"], async ({ page, api }) => {
  await page.getByText("Safari on iPhone").waitFor();
  api.user = undefined;
  await page.evaluate(() => Reflect.get(window, "client").refresh());
  await page.getByText("Sign in to see your devices.").waitFor();
  expect(await page.getByText("Safari on iPhone").count()).toBe(0);
});

story(
  "an expired session opens the dialog; signing in goes there with the way back",
  ["hallpass-expired"],
  async (window) => {
    const { page } = window;
    await expire(window);
    await page.getByRole("dialog", { name: "Your session has expired" }).waitFor();
    expect(await focused(window)).toBe("Sign in");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect
      .poll(() => window.moves())
      .toEqual([`/sign-in?redirectToPath=${encodeURIComponent("/?show=hallpass-expired")}`]);
  },
);

story("the dialog can be sent away, and goes nowhere", ["hallpass-expired"], async (window) => {
  await expire(window);
  await window.page.getByRole("dialog").waitFor();
  await window.page.keyboard.press("Escape");
  await window.page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await window.moves()).toEqual([]);
});

story("a sign-out is no expiry", ["hallpass-expired", "hallpass-sign-out"], async (window) => {
  await window.page.getByRole("button", { name: "Sign out" }).click();
  await window.page.getByRole("button").waitFor({ state: "detached" });
  expect(await window.page.getByRole("dialog").count()).toBe(0);
  await expect.poll(() => window.moves()).toEqual(["/sign-in"]);
});

story(
  "a sign-out that fails is said, and the button is there for another try",
  ["hallpass-sign-out"],
  async (window) => {
    const { page, api } = window;
    api.instead.set("/auth/signout", { status: 500, body: "<h1>Oh no</h1>", contentType: "text/html" });
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("alert").getByText("You could not be signed out.").waitFor();
    expect(await window.faults()).toEqual([]);
    api.instead.clear();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor({ state: "detached" });
  },
);

story("the denied page has the focus on its heading, a way back and a way out", ["hallpass-denied"], async (window) => {
  const { page, api } = window;
  expect(await focused(window)).toBe("Access denied");
  await page.getByRole("alert").getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor({ state: "detached" });
  expect(api.user).toBeUndefined();
  await expect.poll(() => window.moves()).toEqual(["/sign-in"]);
});

story("an app may go back in its own way", ["hallpass-denied"], async ({ page }) => {
  await page.evaluate(() =>
    document.addEventListener("hallpass-back", (event) => {
      event.preventDefault();
      Reflect.get(window, "moves").push("back");
    }),
  );
  await page.getByRole("button", { name: "Go back" }).click();
  expect(await page.evaluate(() => Reflect.get(window, "moves"))).toEqual(["back"]);
});

story(
  "texts are replaced by a property or an attribute, and what is no table of texts is not",
  ["hallpass-sign-out"],
  async ({ page }) => {
    const set = (change: (element: HTMLElementTagNameMap["hallpass-sign-out"]) => void) =>
      page.locator("hallpass-sign-out").evaluate(change);
    await set((element) => element.setAttribute("texts", '{"signOut":"Abmelden"}'));
    await page.getByRole("button", { name: "Abmelden" }).waitFor();
    await set((element) => {
      element.texts = { signOut: "Se déconnecter" };
    });
    await page.getByRole("button", { name: "Se déconnecter" }).waitFor();
    await set((element) => {
      element.texts = {};
      element.setAttribute("texts", "{oops");
    });
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  },
);

story(
  "colours and shapes follow the page's variables, and parts can be styled",
  ["hallpass-denied"],
  async ({ page }) => {
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        ":root { --hallpass-accent: rgb(1, 2, 3); --hallpass-radius: 0 } hallpass-denied::part(heading) { font-size: 50px }",
      );
      document.adoptedStyleSheets = [sheet];
    });
    const button = page.getByRole("button", { name: "Go back" });
    expect(await button.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe("rgb(1, 2, 3)");
    expect(await button.evaluate((element) => getComputedStyle(element).borderRadius)).toBe("0px");
    const heading = page.getByRole("heading");
    expect(await heading.evaluate((element) => getComputedStyle(element).fontSize)).toBe("50px");
  },
);

test("a page in Arabic reads from right to left, with times in its language", async () => {
  const window = await Window.open(browser, script, { viewport: { width: 720, height: 560 } });
  await window.show(["hallpass-devices"], { lang: "ar", dir: "rtl" });
  const { page } = window;
  const icon = await page.locator("hallpass-devices svg").first().boundingBox();
  const button = await page.getByRole("button", { name: "Sign out Safari on iPhone" }).boundingBox();
  expect(icon?.x).toBeGreaterThan(button?.x ?? Number.NaN);
  expect(await page.locator("time").nth(1).textContent()).toMatch(/[\u0600-\u06ff]/);
  expect(await window.faults()).toEqual([]);
  await window.close();
});

test("at 200 % nothing is cut off", async () => {
  const window = await Window.open(browser, script, { viewport: { width: 320, height: 400 }, deviceScaleFactor: 2 });
  await window.show(["hallpass-devices"]);
  const { page } = window;
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  const dialog = await page.getByRole("dialog").boundingBox();
  expect(dialog?.x).toBeGreaterThanOrEqual(0);
  expect((dialog?.x ?? 0) + (dialog?.width ?? 999)).toBeLessThanOrEqual(320);
  expect((dialog?.y ?? 0) + (dialog?.height ?? 999)).toBeLessThanOrEqual(400);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await window.close();
});

story(
  "what was set before the element was defined is there when it comes to life",
  ["hallpass-roles"],
  async ({ page }) => {
    const text = await page.evaluate(async () => {
      const { client, Late } = window as unknown as { client: object; Late: CustomElementConstructor };
      const element = Object.assign(document.createElement("hallpass-late"), { client, texts: { signOut: "Bye" } });
      document.body.append(element);
      customElements.define("hallpass-late", Late);
      return element.shadowRoot?.textContent;
    });
    expect(text).toBe("Bye");
  },
);

for (const [reducedMotion, animation] of [
  ["reduce", "none"],
  ["no-preference", "come"],
] as const) {
  test(`with a preference for motion of "${reducedMotion}" the animation is "${animation}"`, async () => {
    const window = await Window.open(browser, script, { reducedMotion });
    await window.show(["hallpass-expired"]);
    await expire(window);
    const dialog = window.page.getByRole("dialog");
    expect(await dialog.evaluate((element) => getComputedStyle(element).animationName)).toBe(animation);
    await window.close();
  });
}

test("on a page that is light only, everything is light, whatever the system prefers", async () => {
  const window = await Window.open(browser, script, { colorScheme: "dark" });
  await window.show(["hallpass-expired", "hallpass-devices"]);
  await window.page.evaluate(() => document.querySelector("meta[name=color-scheme]")?.setAttribute("content", "light"));
  await expire(window);
  const dialog = window.page.getByRole("dialog");
  expect(await dialog.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe("rgb(255, 255, 255)");
  expect(await window.faults()).toEqual([]);
  await window.close();
});

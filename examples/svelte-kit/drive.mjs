// Builds the app, and drives it in a browser: npm install && npm run drive
import { drive } from "../drive-app.mjs";

await drive({
  folder: import.meta.dirname,
  build: ["npm", "run", "build"],
  serve: (port) => ["env", `ORIGIN=http://localhost:${port}`, "node", "build"],
  denied: { status: 403, heading: "Access denied" },
  // With the pointer over a link SvelteKit calls for its page as if it were opened, and nobody can tell the calls apart: the client refreshes.
  refreshesAhead: 1,
  async prefetch(page, links) {
    for (const href of links) {
      await page.evaluate((href) => document.querySelector("main").replaceChildren(Object.assign(document.createElement("a"), { href, textContent: "ahead" })), href);
      const asked = page.waitForRequest((request) => request.url().includes("__data.json"));
      await page.getByRole("link", { name: "ahead" }).hover();
      await asked;
    }
  },
});

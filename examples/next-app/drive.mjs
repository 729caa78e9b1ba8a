// Builds the app, and drives it in a browser: npm install && npm run drive
import { drive } from "../drive-app.mjs";

const next = "node_modules/.bin/next";
await drive({
  folder: import.meta.dirname,
  build: [next, "build"],
  serve: (port) => [next, "start", "--hostname", "localhost", "--port", `${port}`],
  denied: { status: 404, heading: "There is no such page" },
  prefetch: (page, links) => page.evaluate((links) => links.forEach((link) => next.router.prefetch(link)), links),
});

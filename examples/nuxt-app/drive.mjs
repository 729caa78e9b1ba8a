// Builds the app, and drives it in a browser: npm install && npm run drive
import { drive } from "../drive-app.mjs";

await drive({
  folder: import.meta.dirname,
  build: ["node_modules/.bin/nuxt", "build"],
  serve: () => ["node", ".output/server/index.mjs"],
  denied: { status: 403, heading: "Access denied" },
});

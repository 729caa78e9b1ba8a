// Builds the app, and drives it in a browser: npm install && npm run drive
import { drive } from "../drive-app.mjs";

const next = "node_modules/.bin/next";
await drive({
  folder: import.meta.dirname,
  build: [next, "build"],
  serve: (port) => [next, "start", "--hostname", "localhost", "--port", `${port}`],
});

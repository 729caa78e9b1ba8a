// Builds the app, and drives it in a browser: npm install && npm run drive
import { drive } from "../drive-app.mjs";

await drive({
  folder: import.meta.dirname,
  build: ["npm", "run", "build"],
  serve: (port) => ["env", `ORIGIN=http://localhost:${port}`, "node", "build"],
});

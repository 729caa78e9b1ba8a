// Drives the app in a browser: npm install && npm run build && npm run drive
import { drive } from "../../../../examples/drive-app.mjs";

await drive({
  folder: import.meta.dirname,
  build: ["npm", "run", "build"],
  serve: () => ["node_modules/.bin/react-router-serve", "build/server/index.js"],
  denied: { status: 403, heading: "403" },
});

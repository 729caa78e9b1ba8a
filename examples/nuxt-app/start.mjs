// Starts the app, and the API behind it: npm install && npm start
import { spawn } from "node:child_process";

const here = import.meta.dirname;
const children = [];
const start = (command, args, folder) => {
  const child = spawn(command, args, { cwd: folder, stdio: "inherit" });
  children.push(child);
  child.on("exit", () => process.exit());
};
process.on("exit", () => children.forEach((child) => child.kill()));

if (!process.env.NUXT_HALLPASS_API) start("cargo", ["run", "-p", "axum-embedded"], `${here}/../..`);
start("node_modules/.bin/nuxt", ["dev", "--host", "localhost", "--port", "4000"], here);

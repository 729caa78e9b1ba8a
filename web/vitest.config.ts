import { defineConfig } from "vitest/config";

const react = ["test/react/**/*.test.tsx", "test/ui/react.test.tsx"];

export default defineConfig({
  test: {
    projects: [
      { test: { name: "all", env: { REACT: "19" }, include: ["test/**/*.test.{ts,tsx}"] } },
      {
        // The oldest React that is supported; the newest is among all.
        test: { name: "react 18", env: { REACT: "18" }, include: react, setupFiles: "test/react/as-18.ts" },
        resolve: { alias: [{ find: /^(react|react-dom)(?=\/|$)/, replacement: "$1-18" }] },
      },
    ],
  },
});

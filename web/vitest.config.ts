import { defineConfig } from "vitest/config";

const react = ["test/react/**/*.test.tsx", "test/ui/react.test.tsx"];

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "all", env: { REACT: "19" }, include: ["test/**/*.test.{ts,tsx}"], exclude: ["test/nuxt/**"] },
      },
      {
        // The oldest React that is supported; the newest is among all.
        test: { name: "react 18", env: { REACT: "18" }, include: react, setupFiles: "test/react/as-18.ts" },
        resolve: { alias: [{ find: /^(react|react-dom)(?=\/|$)/, replacement: "$1-18" }] },
      },
      {
        // What Nuxt provides is not installed here.
        test: { name: "nuxt", include: ["test/nuxt/**/*.test.ts"] },
        resolve: {
          alias: {
            "#imports": new URL("test/nuxt/imports.ts", import.meta.url).pathname,
            "nuxt/kit": new URL("test/nuxt/kit.ts", import.meta.url).pathname,
          },
        },
      },
    ],
  },
});

// Browsers see one host: what the API answers is passed on, see server/middleware.
export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  app: { head: { title: "Sessions in a Nuxt app", htmlAttrs: { lang: "en" }, link: [{ rel: "icon", href: "data:," }] } },
  css: ["~/assets/style.css"],
  vue: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("hallpass-") } },
  runtimeConfig: { api: "http://localhost:3000" }, // or NUXT_API
});

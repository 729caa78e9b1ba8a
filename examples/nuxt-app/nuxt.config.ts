export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  modules: ["hallpass/nuxt/module"],
  // Browsers see one host: what the API answers below `/auth` is passed on. Where the API is: `api` here, or NUXT_HALLPASS_API.
  hallpass: { api: "http://localhost:3000", loginUrl: "/login" },
  app: { head: { title: "Sessions in a Nuxt app", htmlAttrs: { lang: "en" }, link: [{ rel: "icon", href: "data:," }] } },
  css: ["~/assets/style.css"],
});

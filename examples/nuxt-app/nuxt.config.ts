// Browsers see one host: what the API answers is passed on, see server/middleware.
export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  runtimeConfig: { api: "http://localhost:3000" }, // or NUXT_API
});

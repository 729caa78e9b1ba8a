import { guardRoute } from "hallpass/nuxt";

/** For pages with this middleware: for whoever is signed in; with `staff: true` in their meta, for staff. */
export default defineNuxtRouteMiddleware(async (to) => {
  const validators = to.meta.staff ? [staff] : [];
  const decision = await guardRoute(useNuxtApp(), to.fullPath, { loginUrl: "/login", validators });
  if (decision.action === "redirect") return navigateTo(decision.to);
  if (decision.action === "deny") return abortNavigation(createError({ status: 403, message: "access denied", fatal: true }));
});

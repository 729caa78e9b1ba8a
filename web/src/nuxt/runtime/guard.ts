// The route middleware `session`: for whoever is signed in, and fulfils the page's `validators`.
import {
  abortNavigation,
  createError,
  defineNuxtRouteMiddleware,
  navigateTo,
  useNuxtApp,
  useRuntimeConfig,
} from "#imports";
import { guardRoute } from "../index.js";

const guard: unknown = defineNuxtRouteMiddleware(async ({ fullPath, meta }) => {
  const { loginUrl } = useRuntimeConfig().public.hallpass;
  const decision = await guardRoute(useNuxtApp(), fullPath, { loginUrl, validators: meta.validators ?? [] });
  if (decision.action === "redirect") return navigateTo(decision.to);
  if (decision.action === "deny")
    return abortNavigation(createError({ status: 403, message: "access denied", fatal: true }));
  return undefined;
});

export default guard;

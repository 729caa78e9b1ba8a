// `#imports`, as far as the module's parts use it. The app is the test's.
export const app: { payload: object; $session: unknown } = { payload: {}, $session: undefined };

export const useRuntimeConfig = () => ({
  hallpass: { api: "http://api.test/", path: "/auth", expired: "hop" },
  public: { hallpass: { path: "/auth", loginUrl: "/login" } },
});
export const useNuxtApp = () => app;
export const useRouter = () => ({});
export const navigateTo = (to: string) => ({ navigateTo: to });
export const abortNavigation = (error: unknown) => ({ abort: error });
export const createError = (what: object) => what;
export const defineNuxtPlugin = (plugin: unknown) => plugin;
export const defineNuxtRouteMiddleware = (middleware: unknown) => middleware;
export const defineEventHandler = (handler: unknown) => handler;
export const proxyRequest = (_event: unknown, to: string) => ({ proxied: to });

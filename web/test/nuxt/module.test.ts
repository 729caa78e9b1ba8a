// What the module of Nuxt sets up, and what its parts do with what Nuxt hands them.
import { expect, test } from "vitest";
import type { ServerEvent } from "../../src/nuxt/index.js";
import module from "../../src/nuxt/module.js";
import guard from "../../src/nuxt/runtime/guard.js";
import plugin from "../../src/nuxt/runtime/plugin.js";
import passOn from "../../src/nuxt/runtime/server/pass-on.js";
import { requireServerSession } from "../../src/nuxt/runtime/server/require.js";
import handler from "../../src/nuxt/runtime/server/session.js";
import { fakeSession } from "../../src/testing/index.js";
import type { ClaimValidator } from "../../src/types.js";
import { app } from "./imports.js";
import { added } from "./kit.js";

const event = (path: string, cookie = ""): ServerEvent & { context: { session?: { status: string } } } => ({
  method: "GET",
  path,
  headers: new Headers(cookie ? { cookie } : {}),
  node: { res: { setHeader() {} } },
  context: {},
});

test("two lines of configuration add all parts, and Vue's own elements stay Vue's", () => {
  const { defaults, setup } = module as { defaults: object; setup(options: object, nuxt: object): void };
  const options = {
    runtimeConfig: { public: {} as Record<string, unknown> } as Record<string, unknown> & { public: object },
    vue: { compilerOptions: { isCustomElement: (tag: string) => tag === "my-map" } },
  };
  setup({ ...defaults, api: "http://api.test", path: "/sessions" }, { options });
  expect(options.runtimeConfig).toEqual({
    hallpass: { api: "http://api.test", path: "/sessions", expired: "hop" },
    public: { hallpass: { path: "/sessions", loginUrl: "/login" } },
  });
  const { isCustomElement } = options.vue.compilerOptions;
  expect(["hallpass-devices", "my-map", "p"].map(isCustomElement)).toEqual([true, true, false]);
  expect(added).toEqual([
    ["plugin", "./runtime/plugin.js"],
    ["imports", { name: "useSession", from: "./runtime/use-session.js" }],
    ["route middleware", { name: "session", path: "./runtime/guard.js" }],
    ["server handler", { middleware: true, handler: "./runtime/server/session.js" }],
    ["server handler", { route: "/sessions/**", handler: "./runtime/server/pass-on.js" }],
    ["server imports", [{ name: "requireServerSession", from: "./runtime/server/require.js" }]],
  ]);
});

test("an option that cannot be is told of when the app is built", () => {
  const { defaults, setup } = module as { defaults: object; setup(options: object, nuxt: object): void };
  const set = (option: object) => () => setup({ ...defaults, ...option }, { options: {} });
  for (const path of ["auth", "/", "/auth/", ""]) expect(set({ path })).toThrow(`hallpass: path is "${path}"`);
  for (const api of ["localhost:3000", "/api"]) expect(set({ api })).toThrow(`hallpass: api is "${api}"`);
});

test("the route middleware sends strangers to sign in, and keeps out whom the page's validators refuse", async () => {
  const middleware = guard as (to: { fullPath: string; meta: object }) => unknown;
  const page = { fullPath: "/staff?a=b", meta: {} };
  app.$session = fakeSession();
  expect(await middleware(page)).toEqual({ navigateTo: "/login?redirectToPath=%2Fstaff%3Fa%3Db" });
  app.$session = fakeSession({ userId: "ada" });
  expect(await middleware(page)).toBeUndefined();
  const nobody: ClaimValidator = {
    id: "x",
    refresh() {},
    shouldRefresh: () => false,
    validate: () => ({ isValid: false }),
  };
  const refused = { status: 403, message: "access denied", fatal: true };
  expect(await middleware({ ...page, meta: { validators: [nobody] } })).toEqual({ abort: refused });
});

test("the plugin hands the client of the module's path over", () => {
  const { provide } = (plugin as unknown as (nuxt: object) => { provide: { session: { initial: object } } })({
    payload: {},
  });
  expect(provide.session.initial).toMatchObject({ status: "loading" });
});

test("on the server a request of nobody is one, a call is refused, and what is the API's is passed on", async () => {
  const page = event("/page");
  await (handler as (event: ServerEvent) => Promise<unknown>)(page);
  expect(page.context.session).toMatchObject({ status: "absent" });
  await expect(requireServerSession(event("/api/note"))).rejects.toMatchObject({ statusCode: 401 });
  expect((passOn as (event: ServerEvent) => unknown)(event("/auth/signout?a=b"))).toEqual({
    proxied: "http://api.test/auth/signout?a=b",
  });
});

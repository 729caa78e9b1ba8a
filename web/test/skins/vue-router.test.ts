// @vitest-environment happy-dom
// The guard of `vue-router`, with the router itself.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createMemoryHistory, createRouter, type RouteRecordRaw } from "vue-router";
import { UserRoleClaim } from "../../src/claims/index.js";
import type { ClaimValidator } from "../../src/index.js";
import { fakeSession } from "../../src/testing/index.js";
import { type RouterGuardOptions, sessionGuard } from "../../src/vue/index.js";

const component = { render: () => null };
const admins = [UserRoleClaim.validators.includes("admin")];
const roles = (...v: string[]) => ({ "st-role": { v, t: Date.now() } });
const ada = (payload = {}) =>
  ({ status: "authenticated", userId: "ada", payload, expiresAt: Date.now() + 60_000 }) as const;

function open(given: Parameters<typeof fakeSession>[0], options: RouterGuardOptions = { loginUrl: "/login" }) {
  const session = fakeSession(given);
  const routes: RouteRecordRaw[] = [
    { path: "/", component },
    { path: "/login", component },
    { path: "/elsewhere", component },
    {
      path: "/account",
      component,
      meta: { auth: true },
      children: [{ path: "help", component, meta: { auth: false } }],
    },
    { path: "/admin", component, meta: { auth: { validators: admins, redirectTo: "/elsewhere" } } },
    { path: "/strict", component, meta: { auth: { validators: admins } } },
    { path: "/offline", component, meta: { auth: { offline: "allow" } } },
    { path: "/own", component, beforeEnter: sessionGuard(session, { ...options, require: true }) },
  ];
  const router = createRouter({ history: createMemoryHistory(), routes });
  router.beforeEach(sessionGuard(session, options));
  return { session, router, at: () => router.currentRoute.value.fullPath };
}

const leave = vi.fn();
beforeEach(() => void vi.spyOn(location, "assign").mockImplementation(leave));
afterEach(() => vi.restoreAllMocks());

test("routes that want nothing are open, also below those that want something", async () => {
  const { router, at } = open({ status: "unauthenticated" });
  await router.push("/account/help");
  expect(at()).toBe("/account/help");
});

test("whoever has no session signs in, and is told the way back", async () => {
  const { router } = open({ status: "unauthenticated" });
  await router.push("/account?tab=2#top");
  expect(router.currentRoute.value).toMatchObject({ path: "/login", query: { redirectToPath: "/account?tab=2#top" } });
});

test("a guard of one route guards it whatever its meta says nothing about", async () => {
  const { router, at } = open({ status: "unauthenticated" });
  await router.push("/own");
  expect(at()).toBe("/login?redirectToPath=/own");
});

test("people sign in at another host, too", async () => {
  const { router, at } = open({ status: "unauthenticated" }, { loginUrl: "https://id.example.com/" });
  await router.push("/");
  await router.push("/account");
  expect(at()).toBe("/");
  expect(leave).toHaveBeenCalledWith("https://id.example.com/?redirectToPath=%2Faccount");
});

test("a role opens a route, its lack leads elsewhere or nowhere", async () => {
  const { session, router, at } = open(ada(roles("admin")));
  await router.push("/admin");
  expect(at()).toBe("/admin");
  session.set(ada(roles("user")));
  await router.push("/");
  await router.push("/admin");
  expect(at()).toBe("/elsewhere");
  await router.push("/strict");
  expect(at()).toBe("/elsewhere");
});

test("a claim that is wanting is fetched once before anybody is turned away", async () => {
  const { session, router, at } = open(ada());
  const validator: ClaimValidator = {
    ...admins[0]!,
    refresh: vi.fn(() => session.set(ada(roles("admin")))),
  };
  router.addRoute({ path: "/fetched", component, meta: { auth: { validators: [validator] } } });
  await router.push("/fetched");
  expect(at()).toBe("/fetched");
  expect(validator.refresh).toHaveBeenCalledTimes(1);
});

test("what is not known yet is waited for", async () => {
  const { session, router, at } = open({ status: "loading" });
  const going = router.push("/account");
  await new Promise((done) => setTimeout(done));
  expect(at()).toBe("/");
  session.set(ada());
  await going;
  expect(at()).toBe("/account");
});

test("while the server cannot be reached a route waits, and another navigation ends that", async () => {
  const { session, router, at } = open({ ...ada(), status: "unknown" });
  const waiting = router.push("/account");
  await router.push("/offline");
  expect(at()).toBe("/offline");
  session.set(ada());
  await waiting;
  expect(at()).toBe("/offline");
});

test("a guard that has decided listens no more", async () => {
  const { session, router } = open(ada(roles("user")));
  let listeners = 0;
  const { subscribe, on } = session;
  const counted = (stop: () => void) => {
    listeners++;
    return () => {
      listeners--;
      stop();
    };
  };
  Object.assign(session, {
    subscribe: (changed: () => void) => counted(subscribe(changed)),
    on: (type: "*", handler: () => void) => counted(on(type, handler)),
  });
  for (const path of ["/account", "/strict", "/admin", "/"]) await router.push(path);
  expect(listeners).toBe(0);
});

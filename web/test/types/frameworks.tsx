// The same for what frameworks show: React, Vue, Svelte, Solid, Angular.
import type { HttpInterceptorFn } from "@angular/common/http";
import type { EnvironmentProviders, Signal } from "@angular/core";
import { inject } from "@angular/core";
import type { Route } from "@angular/router";
import { createSession, type SessionClient, type Snapshot } from "hallpass";
import * as angular from "hallpass/angular";
import { UserRoleClaim } from "hallpass/claims";
import * as react from "hallpass/react";
import * as solid from "hallpass/solid";
import * as svelte from "hallpass/svelte";
import * as reactUi from "hallpass/ui/react";
import * as vue from "hallpass/vue";
import type { Observable } from "rxjs";
import type { Accessor } from "solid-js";
import type { Readable } from "svelte/store";
import { expectTypeOf } from "vitest";
import type { App, ComputedRef } from "vue";
import type { Router } from "vue-router";
import type { Shop } from "./core.js";

const client = createSession<Shop>();

export function InReact() {
  expectTypeOf(react.useSession()).toEqualTypeOf<Snapshot>();
  expectTypeOf(react.useSession<Shop>()).toEqualTypeOf<Snapshot<Shop>>();
  expectTypeOf(react.useSession((snapshot) => snapshot.userId ?? 0)).toEqualTypeOf<string | number>();
  expectTypeOf(react.useSession((snapshot: Snapshot<Shop>) => snapshot.payload?.cart)).toEqualTypeOf<
    number[] | undefined
  >();
  const context = react.useSessionContext<Shop>();
  // @ts-expect-error it may be loading
  context.userId;
  if (!context.loading) expectTypeOf(context.accessTokenPayload).toEqualTypeOf<Shop>();
  const roles = react.useClaimValue(UserRoleClaim);
  if (!roles.loading) expectTypeOf(roles.value).toEqualTypeOf<string[] | undefined>();
  expectTypeOf(react.useAccessToken({ minTtlMs: 1 })).toEqualTypeOf<string | undefined>();
  expectTypeOf(react.useSignOut()).toEqualTypeOf<SessionClient["signOut"]>();
  expectTypeOf(react.useGuard({ loginUrl: "/login" })).toEqualTypeOf<react.Guarded>();
  return (
    <react.SessionProvider client={client} loginUrl="/login" navigate={(to) => expectTypeOf(to).toBeString()}>
      <react.SessionGuard
        validators={[UserRoleClaim.validators.includes("admin")]}
        fallback="wait"
        denied={({ id }) => <p>{id}</p>}
        onExpired={() => {}}
      >
        page
      </react.SessionGuard>
      {/* @ts-expect-error it is `loginUrl` */}
      <react.SessionGuard login="/login" />
      {/* @ts-expect-error there are two */}
      <react.SessionGuard offline="deny" />
      <react.AccessDenied>{({ error }) => <p>{error?.id}</p>}</react.AccessDenied>
      <reactUi.Devices />
      {/* @ts-expect-error a client is needed */}
      <react.SessionProvider />
    </react.SessionProvider>
  );
}

export function useInVue(app: App, router: Router) {
  app.use(vue.createSessionPlugin(client, { loginUrl: "/login" }));
  const { payload, status, userId, snapshot } = vue.useSession<Shop>();
  expectTypeOf(payload).toEqualTypeOf<ComputedRef<Shop | undefined>>();
  expectTypeOf(status.value).toEqualTypeOf<Snapshot["status"]>();
  expectTypeOf(snapshot.value).toEqualTypeOf<Snapshot<Shop>>();
  // @ts-expect-error none of it can be set
  userId.value = "root";
  expectTypeOf(vue.useClaim(UserRoleClaim)).toEqualTypeOf<ComputedRef<string[] | undefined>>();
  router.beforeEach(vue.sessionGuard(client, { loginUrl: "/login" }));
  // @ts-expect-error the router knows where it is
  vue.sessionGuard(client, { currentUrl: "/" });
  // @ts-expect-error a client is needed
  vue.createSessionPlugin({ loginUrl: "/login" });
}

export function inSvelte() {
  expectTypeOf(svelte.sessionStore(client)).toEqualTypeOf<Readable<Snapshot<Shop>>>();
  expectTypeOf(svelte.setSession(client, { loginUrl: "/login" })).toEqualTypeOf<Readable<Snapshot<Shop>>>();
  expectTypeOf(svelte.claimStore(UserRoleClaim)).toEqualTypeOf<Readable<string[] | undefined>>();
  // @ts-expect-error it cannot be written
  svelte.sessionStore().set({ status: "unauthenticated" });
}

export function useInSolid() {
  expectTypeOf(solid.createSessionSignal(client)).toEqualTypeOf<Accessor<Snapshot<Shop>>>();
  expectTypeOf(solid.createSessionSignal()).toEqualTypeOf<Accessor<Snapshot>>();
  expectTypeOf(solid.useClaim(UserRoleClaim)).toEqualTypeOf<Accessor<string[] | undefined>>();
  solid.SessionProvider({ client, loginUrl: "/login" });
  solid.Guard({ validators: [], denied: ({ id }) => id });
  // @ts-expect-error a client is needed
  solid.SessionProvider({ loginUrl: "/login" });
}

export function inAngular() {
  expectTypeOf(angular.provideSession({ api: "/auth" }, { loginUrl: "/login" })).toEqualTypeOf<EnvironmentProviders>();
  angular.provideSession(client);
  const service = inject<angular.SessionService<Shop>>(angular.SessionService);
  expectTypeOf(service.payload).toEqualTypeOf<Signal<Shop | undefined>>();
  expectTypeOf(service.session$).toEqualTypeOf<Observable<Snapshot<Shop>>>();
  expectTypeOf(service.claim(UserRoleClaim)).toEqualTypeOf<Signal<string[] | undefined>>();
  expectTypeOf(angular.sessionInterceptor).toEqualTypeOf<HttpInterceptorFn>();
  const route: Route = {
    path: "account",
    canActivate: [angular.sessionGuard({ loginUrl: "/login" })],
    canMatch: [angular.sessionGuard()],
  };
  // @ts-expect-error the router knows where it is
  angular.sessionGuard({ currentUrl: "/" });
  // @ts-expect-error it is an option of neither
  angular.provideSession({ loginUrl: "/login" });
  return route;
}

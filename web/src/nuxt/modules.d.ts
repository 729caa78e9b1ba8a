// Of Nuxt, what is used of it.
declare module "nuxt/kit" {
  interface NuxtOptions {
    runtimeConfig: Record<string, unknown> & { public: Record<string, unknown> };
    vue: { compilerOptions: { isCustomElement?: ((tag: string) => boolean | undefined) | undefined } };
  }
  export function defineNuxtModule<Options>(module: {
    meta: { name: string; configKey: string; compatibility: { nuxt: string } };
    defaults: Options;
    setup(options: Options, nuxt: { options: NuxtOptions }): void;
  }): unknown;
  export function createResolver(base: string): { resolve(path: string): string };
  export function addPlugin(path: string): void;
  export function addImports(what: { name: string; from: string }): void;
  export function addRouteMiddleware(what: { name: string; path: string }): void;
  export function addServerHandler(what: { middleware?: boolean; route?: string; handler: string }): void;
  export function addServerImports(what: { name: string; from: string }[]): void;
}
declare module "nuxt/app" {
  /** What `$…` is, for the app's types. */
  export type Plugin<Injections extends Record<string, unknown>> = (nuxt: never) => { provide?: Injections };
}
declare module "#imports" {
  interface Route {
    readonly fullPath: string;
    readonly meta: { readonly validators?: import("../types.js").ClaimValidator[] };
  }
  interface App {
    readonly payload: object;
    readonly isHydrating?: boolean;
    readonly $session: unknown;
    readonly hooks: { hookOnce(name: string, act: () => unknown): unknown };
  }
  export function useRuntimeConfig(): {
    readonly hallpass: { readonly api: string; readonly path: string; readonly expired: "hop" | "client" };
    readonly public: { readonly hallpass: { readonly path: string; readonly loginUrl: string } };
  };
  export function useNuxtApp(): App;
  export function useRouter(): {
    readonly currentRoute: { readonly value: Route };
    replace(to: { path: string; force: boolean }): Promise<unknown>;
  };
  export function navigateTo(to: string): unknown;
  export function abortNavigation(error: unknown): unknown;
  export function createError(what: { status: number; message: string; fatal: boolean }): unknown;
  export function defineNuxtPlugin<Injections extends Record<string, unknown>>(
    plugin: (app: App) => { provide: Injections },
  ): import("nuxt/app").Plugin<Injections>;
  export function defineNuxtRouteMiddleware(middleware: (to: Route) => unknown): unknown;
  export function defineEventHandler(handler: (event: import("./index.js").ServerEvent) => unknown): unknown;
  export function proxyRequest(event: unknown, to: string): unknown;
}

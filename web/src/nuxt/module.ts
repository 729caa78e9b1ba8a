// The module of Nuxt: all that an app needs of `hallpass/nuxt`, set up by two lines of its configuration.
import {
  addImports,
  addPlugin,
  addRouteMiddleware,
  addServerHandler,
  addServerImports,
  createResolver,
  defineNuxtModule,
} from "nuxt/kit";

/** What `hallpass` says in `nuxt.config.ts`. */
export interface ModuleOptions {
  /** Where the API is, as this server reaches it: `http://localhost:3000`. When the app runs: `NUXT_HALLPASS_API`. */
  api: string;
  /** The path of the session routes there, and below this site: requests to it are passed on. */
  path: string;
  /** Where people sign in: pages that are guarded send strangers there. */
  loginUrl: string;
  /** What becomes of a request for a page with an expired token: the server refreshes on the way, or the page does. */
  expired: "hop" | "client";
}

/**
 * `$session`, `useSession()`, the route middleware `session`, and on the server `requireServerSession(event)` and
 * `event.context.session`.
 *
 * @example export default defineNuxtConfig({ modules: ["hallpass/nuxt/module"], hallpass: { loginUrl: "/login" } });
 */
const module: unknown = defineNuxtModule<ModuleOptions>({
  meta: { name: "hallpass", configKey: "hallpass", compatibility: { nuxt: ">=3.12.0" } },
  defaults: { api: "http://localhost:3000", path: "/auth", loginUrl: "/login", expired: "hop" },
  setup({ api, path, loginUrl, expired }, { options }) {
    if (!/^(\/[^/]+)+$/.test(path)) throw new Error(`hallpass: path is "${path}", and should be like "/auth"`);
    if (!/^https?:\/\/[^/]/.test(api))
      throw new Error(`hallpass: api is "${api}", and should be like "http://localhost:3000"`);
    const { resolve } = createResolver(import.meta.url);
    options.runtimeConfig.hallpass = { api, path, expired };
    options.runtimeConfig.public.hallpass = { path, loginUrl };
    // The elements of hallpass/ui are none of Vue's components.
    const { isCustomElement } = options.vue.compilerOptions;
    options.vue.compilerOptions.isCustomElement = (tag) => tag.startsWith("hallpass-") || !!isCustomElement?.(tag);

    addPlugin(resolve("./runtime/plugin.js"));
    addImports({ name: "useSession", from: resolve("./runtime/use-session.js") });
    addRouteMiddleware({ name: "session", path: resolve("./runtime/guard.js") });
    addServerHandler({ middleware: true, handler: resolve("./runtime/server/session.js") });
    addServerHandler({ route: `${path}/**`, handler: resolve("./runtime/server/pass-on.js") });
    addServerImports([{ name: "requireServerSession", from: resolve("./runtime/server/require.js") }]);
  },
});

export default module;

// `nuxt/kit`, as far as the module uses it: notes what is added.
export const added: [what: string, details: unknown][] = [];
const note = (what: string) => (details: unknown) => void added.push([what, details]);

export const defineNuxtModule = (module: unknown) => module;
export const createResolver = () => ({ resolve: (path: string) => path });
export const addPlugin = note("plugin");
export const addImports = note("imports");
export const addRouteMiddleware = note("route middleware");
export const addServerHandler = note("server handler");
export const addServerImports = note("server imports");

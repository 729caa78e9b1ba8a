/** Signing in is this API's own: it is passed on as well. */
export default defineEventHandler((event) => proxyRequest(event, `${useRuntimeConfig().hallpass.api}/login`));

/** Passes on what the API answers. */
export default defineEventHandler((event) => {
  if (event.path.startsWith("/auth/")) return proxyRequest(event, api + event.path);
  if (event.path === "/sign-in") return proxyRequest(event, `${api}/login`);
});

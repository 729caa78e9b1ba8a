let refreshes = 0;
let refreshing;

/** As `fetch`; when the access token has expired it refreshes the session, and asks again. */
export async function call(path, options = {}) {
  const before = refreshes;
  const answer = await send(path, options);
  if (answer.status !== 401) return answer;
  if (refreshes === before) {
    refreshing ??= refresh().finally(() => (refreshing = undefined)); // one, however many calls wait for it
    await refreshing;
  }
  return refreshes === before ? answer : send(path, options);
}

function send(path, { headers, ...options }) {
  return fetch(path, {
    ...options,
    credentials: "include", // where the API is on another host
    headers: { "st-auth-mode": "cookie", rid: "session", ...headers },
  });
}

async function refresh() {
  const { ok } = await send("/auth/session/refresh", { method: "POST" });
  if (ok) refreshes += 1;
}

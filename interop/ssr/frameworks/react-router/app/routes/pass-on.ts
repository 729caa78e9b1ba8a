// Browsers see one host: what the API answers is passed on.

/** What is between two neighbours, and not passed on; bodies come unpacked. */
const OWN = ["host", "connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"];

const without = (headers: Headers) => new Headers([...headers].filter(([name]) => !OWN.includes(name)));

async function passOn({ request }: { request: Request }): Promise<Response> {
  const { method, headers } = request;
  const { pathname, search } = new URL(request.url);
  const path = pathname === "/sign-in" ? "/login" : pathname + search;
  const body = method === "GET" ? null : await request.arrayBuffer();
  const init = { method, headers: without(headers), body, redirect: "manual" } as const;
  const answer = await fetch(`${process.env.API}${path}`, init).catch(() => new Response(null, { status: 502 }));
  return new Response(answer.body, { status: answer.status, headers: without(answer.headers) });
}

export { passOn as action, passOn as loader };

import { error } from "@sveltejs/kit";
import { api } from "./sessions";

/** What is between two neighbours, and not passed on; bodies come unpacked. */
const OWN = ["host", "connection", "keep-alive", "upgrade", "expect", "transfer-encoding", "content-length", "content-encoding"];

const without = (headers: Headers) => new Headers([...headers].filter(([name]) => !OWN.includes(name)));

/** What the API answers to this request: browsers see one host. */
export async function passOn({ method, headers, body }: Request, path: string): Promise<Response> {
  const init: RequestInit & { duplex: "half" } = { method, headers: without(headers), body, duplex: "half", redirect: "manual" };
  const answer = await fetch(api + path, init).catch(() => error(502, "The API cannot be reached."));
  return new Response(answer.body, { status: answer.status, headers: without(answer.headers) });
}

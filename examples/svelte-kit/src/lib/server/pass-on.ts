import { api } from "./sessions";

/** What the API answers to this request: browsers see one host. */
export async function passOn({ method, headers, body }: Request, path: string): Promise<Response> {
  const sent = new Headers(headers);
  // those are between two neighbours
  for (const name of ["host", "connection", "content-length"]) sent.delete(name);
  const answer = await fetch(api + path, { method, headers: sent, body, duplex: "half", redirect: "manual" } as RequestInit);
  const said = new Headers(answer.headers);
  // it comes unpacked
  for (const name of ["content-encoding", "content-length"]) said.delete(name);
  return new Response(answer.body, { status: answer.status, headers: said });
}

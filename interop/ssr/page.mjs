import { decide } from "hallpass/decide";
import { getServerSession, handleRefresh, markPrivate, refreshRedirect, serializeSnapshot } from "hallpass/ssr";

/** Answers whoever opens a page. `render` makes HTML of the session, and of the element that hands it to the client. */
export async function answer(request, config, guard, render) {
  const refreshed = await handleRefresh(request, config);
  if (refreshed) return refreshed;

  const session = await getServerSession(request, config);
  const redirect = refreshRedirect(request, session, config);
  if (redirect) return redirect;

  const headers = new Headers({ "content-type": "text/html;charset=utf-8" });
  markPrivate(headers);
  const { pathname, search } = new URL(request.url);
  const decision = decide(session.snapshot, { currentUrl: pathname + search, ...guard });
  if (decision.action === "redirect") {
    headers.set("location", decision.to);
    return new Response(null, { status: 303, headers });
  }
  if (decision.action === "deny") return new Response("Access denied", { status: 403, headers });
  const handOver = `<script type="application/json" id="session">${serializeSnapshot(session.snapshot)}</script>`;
  return new Response(render(session, handOver), { headers });
}

// The same for what servers that render pages do.
import type { ClaimError, Payload, SessionClient, Snapshot } from "hallpass";
import * as next from "hallpass/next";
import * as nuxt from "hallpass/nuxt";
import * as remix from "hallpass/remix";
import * as ssr from "hallpass/ssr";
import * as kit from "hallpass/sveltekit";
import { expectTypeOf } from "vitest";
import type { Shop } from "./core.js";

const config: ssr.ServerConfig = { api: "https://api.example.com/auth" };

export async function plain(request: Request) {
  const session = await ssr.getServerSession<Shop>(request, config);
  expectTypeOf(session).toEqualTypeOf<ssr.ServerSession<Shop>>();
  expectTypeOf(session.snapshot).toEqualTypeOf<Snapshot<Shop>>();
  // @ts-expect-error it may not be valid
  session.payload.sub;
  if (session.status === "valid") {
    expectTypeOf(session.payload).toEqualTypeOf<Shop>();
    expectTypeOf(session.invalidClaims).toEqualTypeOf<readonly ClaimError[]>();
  } else {
    expectTypeOf(session.status).toEqualTypeOf<"absent" | "expired" | "invalid" | "unknown">();
    expectTypeOf(session.payload).toEqualTypeOf<undefined>();
  }
  expectTypeOf(ssr.refreshRedirect(request, session, config)).toEqualTypeOf<Response | undefined>();
  expectTypeOf(await ssr.handleRefresh(request, config)).toEqualTypeOf<Response | undefined>();
  expectTypeOf(ssr.serializeSnapshot(session.snapshot)).toBeString();
  ssr.markPrivate(new Headers());
  // @ts-expect-error it has to be said where the API is
  await ssr.getServerSession(request, {});
  // @ts-expect-error there are two ways
  await ssr.getServerSession(request, { ...config, expired: "login" });
  const untyped = await ssr.getServerSession(request, config);
  if (untyped.status === "valid") expectTypeOf(untyped.payload).toEqualTypeOf<Payload>();
}

export async function inNext(request: Request) {
  expectTypeOf(next.middleware(config)).toEqualTypeOf<(request: Request) => Promise<Response>>();
  expectTypeOf(await next.getServerSession<Shop>(config)).toEqualTypeOf<next.ServerSession<Shop>>();
  await next.getServerSession(config, { headers: { cookie: "a=b" } });
  expectTypeOf(await next.guardPage<Shop>(config, { loginUrl: "/login" })).toEqualTypeOf<next.ServerSession<Shop>>();
  const route = next.withSession<{ params: { id: string } }, Request, Shop>(config, (_, { session, params }) => {
    expectTypeOf(session.payload).toEqualTypeOf<Shop>();
    expectTypeOf(session.userId).toBeString();
    expectTypeOf(params.id).toBeString();
    return new Response();
  });
  await route(request, { params: { id: "1" } });
  // @ts-expect-error the route has a parameter
  await route(request, {});
  const buy = next.ensureSession(config, async (session, item: string, count: number) => {
    expectTypeOf(session.payload).toEqualTypeOf<Payload>();
    return item.repeat(count);
  });
  const bought = await buy("a", 2);
  if (bought.ok) expectTypeOf(bought.value).toBeString();
  else expectTypeOf(bought.error).toEqualTypeOf<ClaimError | undefined>();
  // @ts-expect-error a count is a number
  await buy("a", "2");
  const props = next.withSessionProps(config, ({ session }) => ({ props: { user: session.userId ?? "" } }));
  expectTypeOf(props).returns.resolves.extract<{ props: unknown }>().toEqualTypeOf<{
    props: { user: string } & { session: Snapshot };
  }>();
  // @ts-expect-error a page's answer has props
  next.withSessionProps(config, () => ({ property: {} }));
}

export async function inNuxt(event: nuxt.ServerEvent) {
  expectTypeOf(await nuxt.sessionHandler(config)(event)).toEqualTypeOf<Response | undefined>();
  expectTypeOf((await nuxt.requireServerSession<Shop>(event, config)).payload).toEqualTypeOf<Shop>();
  const { provide } = nuxt.sessionPlugin<Shop>({ api: "/auth" })({ payload: {} });
  expectTypeOf(provide.session).toEqualTypeOf<SessionClient<Shop>>();
  expectTypeOf(
    await nuxt.guardRoute({ payload: {}, $session: provide.session }, "/a", {}),
  ).toEqualTypeOf<nuxt.Decision>();
  // @ts-expect-error where a page leads is no matter of a route of the API
  await nuxt.requireServerSession(event, config, { loginUrl: "/login" });
}

export async function inSvelteKit(event: { request: Request; locals: kit.SessionLocals<Shop>; url: URL }) {
  const handle = kit.sessionHandle(config);
  const resolve = (same: typeof event) => new Response(same.url.href);
  expectTypeOf(await handle({ event, resolve })).toEqualTypeOf<Response>();
  // @ts-expect-error what is rendered is an answer
  await handle({ event, resolve: () => "<p>" });
  const load = kit.guardLoad<Shop>(config, { loginUrl: "/login" });
  expectTypeOf(await load(event)).toEqualTypeOf<kit.ServerSession<Shop>>();
  if (event.locals.session.status === "valid") expectTypeOf(event.locals.session.payload).toEqualTypeOf<Shop>();
  // @ts-expect-error a guard's wishes are needed
  kit.guardLoad(config);
}

export async function inRemix(args: { request: Request; params: { id: string } }) {
  expectTypeOf(await remix.refreshLoader(config)(args)).toEqualTypeOf<Response>();
  const guarded = remix.guardLoader<typeof args, string, Shop>;
  const load = guarded(config, { loginUrl: "/login" }, ({ session, params }) => {
    if (session.status === "valid") expectTypeOf(session.payload).toEqualTypeOf<Shop>();
    return params.id;
  });
  expectTypeOf(await load(args)).toBeString();
  // @ts-expect-error a loader has a request
  await load({ params: { id: "1" } });
  expectTypeOf(remix.headers()).toEqualTypeOf<Record<string, string>>();
}

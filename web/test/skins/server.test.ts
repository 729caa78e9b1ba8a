// @vitest-environment node
// What a server renders, which has no page and must not ask anybody.
import { createComponent, type JSX } from "solid-js";
import { renderToString as renderSolid } from "solid-js/web";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSSRApp, h } from "vue";
import { renderToString as renderVue } from "vue/server-renderer";
import { admit } from "../../src/guarding.js";
import { createSession, type Snapshot } from "../../src/index.js";
import { createSessionSignal, Guard, SessionProvider } from "../../src/solid/index.js";
import { createSessionPlugin, SessionGuard, useSession } from "../../src/vue/index.js";

const asked = vi.fn(() => Promise.reject(new Error("a server must not ask")));
beforeEach(() => vi.stubGlobal("fetch", asked));
afterEach(() => {
  vi.unstubAllGlobals();
  expect(asked).not.toHaveBeenCalled();
});

const ada: Snapshot = { status: "authenticated", userId: "ada", payload: {}, expiresAt: Date.now() + 60_000 };
const clientOf = (initial?: Snapshot) => createSession(initial ? { initial } : {});

const vue = (initial?: Snapshot) => {
  const Who = { setup: () => useSession(), template: "", render: ({ userId }: { userId: string }) => userId };
  const slots = { default: () => [h(Who)], fallback: () => ["wait"] };
  const app = createSSRApp(() => h("p", h(SessionGuard, null, slots)));
  app.use(createSessionPlugin(clientOf(initial), { loginUrl: "/login" }));
  return renderVue(app);
};
const solid = (initial?: Snapshot) =>
  renderSolid(() =>
    createComponent(SessionProvider, {
      client: clientOf(initial),
      loginUrl: "/login",
      get children() {
        return createComponent(Guard, {
          fallback: "wait",
          get children() {
            const session = createSessionSignal();
            return (() => session().userId) as unknown as JSX.Element;
          },
        });
      },
    } as never),
  );

test.each([
  ["Vue", vue],
  ["Solid", solid],
])("%s renders what is known, and else something that fits both", async (_, render) => {
  expect(await render(ada)).toContain("ada");
  expect(await render({ status: "unauthenticated" })).toContain("wait");
  expect(await render()).toContain("wait");
});

test("a guard before a page leaves to the browser what is not known, and sends those away who are known", async () => {
  const guard = { loginUrl: "/login", currentUrl: "/account" };
  expect(await admit(clientOf(ada), guard)).toEqual({ action: "render" });
  expect(await admit(clientOf(), guard)).toEqual({ action: "wait" });
  expect(await admit(clientOf({ status: "unauthenticated" }), guard)).toMatchObject({ action: "redirect" });
});

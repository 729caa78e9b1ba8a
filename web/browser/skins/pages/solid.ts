// The views as a Solid app has them, without a compiler.
import { createComponent, createMemo, createSignal, type JSX } from "solid-js";
import { render } from "solid-js/web";
import { UserRoleClaim } from "../../../src/claims/index.js";
import { createSession, type Payload } from "../../../src/index.js";
import { createSessionSignal, Guard, type GuardProps, SessionProvider, useClaim } from "../../../src/solid/index.js";
import { usual } from "./usual.js";

const client = createSession();
const moves: string[] = [];
const [view, go] = createSignal(location.pathname.slice(1));

const Who = () => {
  const session = createSessionSignal();
  const roles = useClaim(UserRoleClaim);
  return (() => `${session().userId ?? session().status} ${roles() ?? "-"}`) as unknown as JSX.Element;
};
const guarded = (title: string, more: GuardProps = {}) =>
  createComponent(Guard, {
    ...more,
    fallback: "wait",
    denied: (error) => `denied ${error.id}`,
    get children() {
      return [title, " ", createComponent(Who, {})];
    },
  });
const views: Record<string, () => JSX.Element> = {
  open: () => createComponent(Who, {}),
  account: () => guarded("account"),
  admin: () => guarded("admin", { validators: [UserRoleClaim.validators.includes("admin")] }),
  offline: () => guarded("offline", { offline: "allow", validators: [] }),
};

render(
  () =>
    createComponent(SessionProvider<Payload>, {
      client,
      loginUrl: "/login",
      navigate: (to: string) => moves.push(to),
      validators: usual,
      get children() {
        return createMemo(() => views[view()]?.()) as unknown as JSX.Element;
      },
    }),
  document.querySelector("#app") as HTMLElement,
);

Object.assign(window, { app: { client, moves, go } });

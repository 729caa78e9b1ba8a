// The views as a Vue app has them: those that were left are kept alive.
import { createApp, defineComponent, h, KeepAlive, shallowRef } from "vue";
import { UserRoleClaim } from "../../../src/claims/index.js";
import { createSession } from "../../../src/index.js";
import { createSessionPlugin, SessionGuard, useClaim, useSession } from "../../../src/vue/index.js";
import { usual } from "./usual.js";

const client = createSession();
const moves: string[] = [];
const view = shallowRef(location.pathname.slice(1));
const admins = [UserRoleClaim.validators.includes("admin")];

const Who = defineComponent(() => {
  const { status, userId } = useSession();
  const roles = useClaim(UserRoleClaim);
  return () => `${userId.value ?? status.value} ${roles.value ?? "-"}`;
});
const guarded = (title: string, more: object = {}) =>
  defineComponent(
    () => () =>
      h(SessionGuard, more, {
        default: () => [title, " ", h(Who)],
        fallback: () => ["wait"],
        denied: ({ error }: { error: { id: string } }) => [`denied ${error.id}`],
      }),
  );
const views: Record<string, object> = {
  open: defineComponent(() => () => h(Who)),
  account: guarded("account"),
  admin: guarded("admin", { validators: admins }),
  offline: guarded("offline", { offline: "allow", validators: [] }),
};

createApp(() => h(KeepAlive, () => h(views[view.value] ?? "p", { key: view.value })))
  .use(createSessionPlugin(client, { loginUrl: "/login", navigate: (to) => moves.push(to), validators: usual }))
  .mount("#app");

Object.assign(window, {
  app: {
    client,
    moves,
    go: (next: string) => {
      view.value = next;
    },
  },
});

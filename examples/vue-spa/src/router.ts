// The pages, and who may go there.
import { sessionGuard } from "hallpass/vue";
import { createRouter, createWebHistory } from "vue-router";
import Devices from "./pages/Devices.vue";
import Home from "./pages/Home.vue";
import NotFound from "./pages/NotFound.vue";
import SignIn from "./pages/SignIn.vue";
import Staff from "./pages/Staff.vue";
import { LOGIN, session } from "./session";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: LOGIN, component: SignIn },
    { path: "/", component: Home, meta: { auth: true } },
    { path: "/staff", component: Staff, meta: { auth: true } },
    { path: "/devices", component: Devices, meta: { auth: true } },
    { path: "/:path(.*)", component: NotFound },
  ],
});
router.beforeEach(sessionGuard(session, { loginUrl: LOGIN }));

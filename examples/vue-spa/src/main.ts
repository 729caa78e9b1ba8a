import { defineElements } from "hallpass/ui";
import { createSessionPlugin } from "hallpass/vue";
import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import { LOGIN, session } from "./session";
import "./style.css";

const around = { loginUrl: LOGIN, navigate: (to: string) => void router.replace(to) };
defineElements(session, around);
createApp(App).use(router).use(createSessionPlugin(session, around)).mount("#app");

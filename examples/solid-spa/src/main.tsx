import { defineElements } from "hallpass/ui";
import { render } from "solid-js/web";
import { App } from "./app";
import { LOGIN, session } from "./session";
import "./style.css";

defineElements(session, { loginUrl: LOGIN });
const root = document.getElementById("app");
if (root) render(() => <App />, root);

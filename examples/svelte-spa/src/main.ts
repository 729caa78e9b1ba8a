import { defineElements } from "hallpass/ui";
import { mount } from "svelte";
import App from "./App.svelte";
import { go } from "./router";
import { LOGIN, session } from "./session";
import "./style.css";

defineElements(session, { loginUrl: LOGIN, navigate: go });
const target = document.getElementById("app");
if (target) mount(App, { target });

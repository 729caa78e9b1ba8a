import { mount } from "svelte";
import { writable } from "svelte/store";
import { createSession } from "../../../src/index.js";
import Views from "./Views.svelte";

const client = createSession();
const moves: string[] = [];
const view = writable(location.pathname.slice(1));
mount(Views, {
  target: document.querySelector("#app") as HTMLElement,
  props: { client, view, navigate: (to: string) => moves.push(to) },
});

Object.assign(window, { app: { client, moves, go: view.set } });

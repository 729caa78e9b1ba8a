import { writable } from "svelte/store";
import { createSession } from "../../../src/index.js";
import Views from "./Views4.svelte";

const client = createSession();
const moves: string[] = [];
const view = writable(location.pathname.slice(1));
new (Views as unknown as new (options: object) => unknown)({
  target: document.querySelector("#app"),
  props: { client, view, navigate: (to: string) => moves.push(to) },
});

Object.assign(window, { app: { client, moves, go: view.set } });

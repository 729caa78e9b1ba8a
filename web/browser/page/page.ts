// The page that the elements are tried on: it shows the one that its address names.
import { createSession } from "../../src/index.js";
import { defineElements, SignOutElement } from "../../src/ui/index.js";

const client = createSession({ api: "/auth" });
const moves: string[] = [];
/** For an element that is on the page before it is defined. */
class Late extends SignOutElement {}
Object.assign(window, { client, moves, Late });
defineElements(client, { loginUrl: "/sign-in", navigate: (to) => moves.push(to) });

const wanted = new URLSearchParams(location.search);
for (const name of ["lang", "dir"]) {
  const value = wanted.get(name);
  if (value) document.documentElement.setAttribute(name, value);
}
if (!wanted.getAll("show").includes("hallpass-denied")) {
  const title = document.createElement("h1");
  title.textContent = "Account";
  document.querySelector("main")?.append(title);
}
for (const name of wanted.getAll("show")) document.querySelector("main")?.append(document.createElement(name));

// One page with a session: whoever is signed in sees a part of it, whoever is not the other.
// ANCHOR: client
import { createSession } from "hallpass";
import { defineElements } from "hallpass/ui";

const session = createSession({ api: "/auth" });
defineElements(session);
// ANCHOR_END: client

/** @param {string} id */
function part(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

// ANCHOR: show
function show() {
  const { status, userId } = session.snapshot();
  part("sign-in").hidden = status !== "unauthenticated";
  part("home").hidden = userId === undefined;
  part("name").textContent = userId ?? "";
}

/** Asks the server, which decides what it says to whom. */
async function ask() {
  if (session.snapshot().userId === undefined) return;
  const answer = await session.fetch("/api/me");
  part("answer").textContent = await answer.text();
}
// ANCHOR_END: show

// ANCHOR: sign-in
part("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  part("problem").textContent = "";
  try {
    // through the session, so that it sees the tokens in the answer
    const user = /** @type {HTMLInputElement} */ (part("user")).value;
    const answer = await session.fetch("/api/login", { method: "POST", body: new URLSearchParams({ user }) });
    if (!answer.ok) throw new Error(await answer.text());
    await ask();
  } catch (error) {
    console.error(error);
    part("problem").textContent = "That did not work. Please try again.";
  }
});
// ANCHOR_END: sign-in

// ANCHOR: start
session.subscribe(show);
await session.ready();
show();
await ask();
// ANCHOR_END: start

// The demo's pages. What keeps the session alive is Hallpass's client for browsers; this shows what it does.
import { createSession, defineElements } from "/hallpass.js";

// ---- The session

/** Where people sign in, nobody is signed in: the server has looked, and need not be asked again. */
const session = createSession(document.getElementById("name") ? { initial: { status: "unauthenticated" } } : {});
defineElements(session, { loginUrl: "/" });

const REFRESH = "/auth/session/refresh";

/**
 * Refreshes; false: the session is over. Also where the client knows of none: somebody may have signed in without script.
 * Throws when the server cannot be asked.
 */
async function refresh(options) {
  if (session.snapshot().status !== "unauthenticated") return session.refresh(options);
  const { ok, status } = await session.fetch(REFRESH, { method: "POST" });
  if (!ok && status !== 401) throw new Error(`the server answered ${status}`);
  return ok;
}

/** Fetches with the session. On the theft page nothing refreshes by itself: there people say who moves, and when. */
const call = (url, options) =>
  new URL(url, location.href).pathname.startsWith("/theft") ? fetch(url, options) : session.fetch(url, options);

// ---- The page

const log = document.getElementById("log");
const logged = () => JSON.parse(sessionStorage.getItem("demo-log") ?? "[]");

/** Writes a line on what happened; it outlives reloads. */
function note(text, tone = "") {
  sessionStorage.setItem("demo-log", JSON.stringify([{ at: Date.now(), text, tone }, ...logged()].slice(0, 60)));
  showLog();
}

function showLog() {
  const lines = logged();
  // what is there already stays, so that a screen reader reads the new lines only
  const missing = lines.slice(0, Math.max(0, lines.findIndex(({ at }) => String(at) === log?.firstElementChild?.dataset.at)));
  for (const { at, text, tone } of log?.firstElementChild ? missing.reverse() : [...lines].reverse()) {
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date(at).toLocaleTimeString();
    line.dataset.at = at;
    line.className = tone;
    line.append(time, text);
    log?.prepend(line);
  }
}

/** Shows a page that was fetched: its live parts if it is this page, else by going there. */
async function show(response) {
  if (response.status === 401 && session.snapshot().status === "unauthenticated") return location.assign("/");
  if (response.ok && new URL(response.url).pathname !== location.pathname) return location.assign(response.url);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const [old, now] = [document, fresh].map((page) => [...page.querySelectorAll("[data-live]")]);
  const focused = document.activeElement?.id;
  if (response.ok && old.map((part) => part.id).join() === now.map((part) => part.id).join()) {
    old.forEach((part, index) => part.replaceWith(now[index]));
  } else {
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
  }
  if (focused) document.getElementById(focused)?.focus();
  const status = document.getElementById("status");
  if (status) status.textContent = document.querySelector("#story h3")?.textContent ?? "";
  document.querySelector("hallpass-devices")?.reload();
  begin();
}

const update = async () => show(await call(location.pathname));
/** Whether a form is open that an update would close. */
const isFilledIn = () => document.querySelector("details[open]") !== null;
const generation = () => document.getElementById("pass")?.dataset.generation;

/** Refreshes this page's session, and says so. */
async function keepAlive(why, options) {
  const [before, began] = [generation(), performance.now()];
  let goesOn;
  try {
    goesOn = await refresh(options);
  } catch {
    note("The refresh failed: is the demo still running? It is tried again in a moment.", "bad");
    return setTimeout(keepAlive, 2000, why, options);
  }
  if (!goesOn) {
    note("The refresh was refused: the session is over.", "bad");
    return location.assign("/");
  }
  const took = Math.round(performance.now() - began);
  await update();
  if (generation() === before) return; // another tab did it, and has been noted
  note(`${why}: generation ${before} became ${generation()}, in ${took} ms.`, "good");
  document.getElementById("pass")?.classList.add("fresh");
}

// ---- Countdowns

let countdowns = [];

/** Brings the page to life, and every part of it that is new. */
function begin() {
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  const now = performance.now();
  countdowns = [...document.querySelectorAll("[data-left]")].map((element) => ({ element, ends: now + Number(element.dataset.left) }));
  tick();
}

function tick() {
  for (const countdown of countdowns) {
    const { element, ends } = countdown;
    const left = Math.max(0, ends - performance.now());
    if (element.localName === "progress") element.value = left;
    else if (element.localName === "circle") element.setAttribute("stroke-dashoffset", 100 - (100 * left) / element.dataset.of);
    else element.textContent = Math.ceil(left / 1000);
    if (element.matches(".seconds")) element.closest(".pass").classList.toggle("low", left < 8000);
    if (left > 0 || countdown.done || element.dataset.left === "0") continue;
    countdown.done = true;
    if (element.dataset.then === "refresh") keepAlive("Expired, and refreshed by itself", { ifExpiresWithinMs: 2000 });
    if (element.dataset.then === "reload" && !isFilledIn()) setTimeout(update, 50);
  }
}

// ---- Start

/** What becomes of a form. */
async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  switch (new URL(form.action).pathname) {
    case "/login": {
      // a page to go to would hide from scripts what the answer says of the session
      const answer = await session.fetch("/login", { method: "POST", body, headers: { accept: "application/json" } });
      if (!answer.ok) return show(answer);
      sessionStorage.removeItem("demo-log");
      return location.assign((await answer.json()).next);
    }
    case "/logout":
      await session.signOut();
      return location.assign("/");
    case REFRESH:
      if (submitter?.id === "refresh") return keepAlive("Refreshed on demand");
      await refresh();
      return show(await call(`/${body.get("next")}`));
    default:
      return show(await call(form.action, { method: "POST", body }));
  }
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter).catch(() => location.reload());
});

// another tab has refreshed, or ended the session
session.on("*", async ({ type, origin }) => {
  if (origin === "local" || isFilledIn() || !document.querySelector("main [data-live]")) return;
  const before = generation();
  await update();
  if (type === "ACCESS_TOKEN_PAYLOAD_UPDATED" && generation() !== before) note("Another tab refreshed, for this one too.", "good");
});

// back from another window, where an operator may have done something. Not at once: whoever comes back by pressing a button
// must not lose it
addEventListener("focus", () => {
  setTimeout(() => {
    if (document.querySelector("[data-follow]") && !isFilledIn()) update().catch(() => {});
  }, 400);
});

const expired = document.getElementById("expired");
if (expired) {
  refresh().then(
    (goesOn) => {
      note(goesOn ? "The token had expired; refreshed on the way here." : "The refresh was refused: the session is over.", "good");
      location.replace(goesOn ? expired.dataset.next : "/");
    },
    () => {}, // the button stays
  );
} else {
  if (log && logged().length === 0) note("You signed in: a session with its first access token.", "good");
  showLog();
  begin();
  setInterval(tick, 200);
}

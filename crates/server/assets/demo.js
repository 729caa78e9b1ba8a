// The demo's own client. It keeps the session alive, refreshes once for all tabs, and sends a refused request once more.
"use strict";

// ---- Sessions

/** Changes whenever a tab refreshes, so that the others need not. */
const LAST_REFRESH = "demo-last-refresh";
const lastRefresh = () => localStorage.getItem(LAST_REFRESH);

/**
 * Refreshes, one tab at a time. `seen` is what `lastRefresh` was when the need arose.
 * Answers "refreshed", "another-tab" (did it meanwhile) or "signed-out"; throws when the server cannot be asked.
 */
async function refresh(seen) {
  const once = async () => {
    if (lastRefresh() !== seen) return "another-tab";
    const response = await fetch("/auth/session/refresh", { method: "POST" });
    if (response.status === 401) return "signed-out";
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    localStorage.setItem(LAST_REFRESH, crypto.randomUUID());
    return "refreshed";
  };
  return navigator.locks ? navigator.locks.request("demo-refresh", once) : once();
}

/** Fetches; when the access token has expired, refreshes and fetches once more. */
async function call(url, options) {
  const seen = lastRefresh();
  const response = await fetch(url, options);
  if (response.status !== 401) return response;
  return (await refresh(seen)) === "signed-out" ? fetch("/") : fetch(url, options);
}

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
  begin();
}

const update = async () => show(await call(location.pathname));
/** Whether a form is open that an update would close. */
const isFilledIn = () => document.querySelector("details[open]") !== null;
const generation = () => document.getElementById("pass")?.dataset.generation;

/** Refreshes this page's session, and says so. */
async function keepAlive(why) {
  const [before, began] = [generation(), performance.now()];
  let outcome;
  try {
    outcome = await refresh(lastRefresh());
  } catch {
    note("The refresh failed: is the demo still running? It is tried again in a moment.", "bad");
    return setTimeout(keepAlive, 2000, why);
  }
  if (outcome === "signed-out") {
    note("The refresh was refused: the session is over.", "bad");
    return location.assign("/");
  }
  const took = Math.round(performance.now() - began);
  await update();
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
    if (element.dataset.then === "refresh") keepAlive("Expired, and refreshed by itself");
    if (element.dataset.then === "reload" && !isFilledIn()) setTimeout(update, 50);
  }
}

// ---- Start

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (new URL(form.action).pathname === "/login") return sessionStorage.removeItem("demo-log"); // and the browser sends it
  event.preventDefault();
  if (event.submitter?.id === "refresh") return keepAlive("Refreshed on demand");
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    await show(await call(form.action, { method: "POST", body }));
  } catch {
    location.reload();
  }
});

// another tab has refreshed
addEventListener("storage", ({ key }) => {
  if (key !== LAST_REFRESH || !document.querySelector("main [data-live]")) return;
  update().then(() => note("Another tab refreshed, for this one too.", "good"));
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
  refresh(lastRefresh()).then(
    (outcome) => {
      note(outcome === "signed-out" ? "The refresh was refused: the session is over." : "The token had expired; refreshed on the way here.", "good");
      location.replace(outcome === "signed-out" ? "/" : expired.dataset.next);
    },
    () => {}, // the button stays
  );
} else {
  if (log && logged().length === 0) note("You signed in: a session with its first access token.", "good");
  showLog();
  begin();
  setInterval(tick, 200);
}

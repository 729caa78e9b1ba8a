// What an app's own script would be: it makes a client, with the options that the test has put into the address.
import { createSession } from "hallpass";
import { BooleanClaim, PrimitiveClaim } from "hallpass/claims";
import { decide, returnPath } from "hallpass/decide";
import { installFetch } from "hallpass/install";
import { socketAuth } from "hallpass/socket";
import { installXhr } from "hallpass/xhr";
import axios from "axios";
import { indexedStore } from "./store.js";

const asked = new URLSearchParams(location.search);
const options = JSON.parse(asked.get("options") ?? "{}");
/** What a test cannot put into an address: functions. They are found on the window, where an init script has left them. */
const functions = window.clientFunctions ?? {};

window.hallpass = { createSession, installFetch, installXhr, decide, returnPath, socketAuth, BooleanClaim, PrimitiveClaim };
/** What paths of the API are relative to. */
window.apiBase = new URL(options.api ?? "/", location);
window.events = [];
window.snapshots = [];
/** Makes another client, as a second copy of the app's script would. */
window.make = (more = {}) => createSession({ ...options, ...functions, ...more });
window.axios = axios;
/** Asks a worker: `to` is what posts the message. */
window.tell = (to, what, more) =>
  new Promise((done, failed) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: { value, error } }) => (error ? failed(new Error(error)) : done(value));
    to.postMessage({ what, more }, [port2]);
  });
window.client = window.make(asked.get("store") === "indexed" ? { storage: indexedStore } : {});
window.client.on("*", (event) => window.events.push(event));
window.client.subscribe(() => window.snapshots.push(window.client.snapshot().status));
window.send = window.client.fetch;
if (asked.get("way") === "patched") {
  window.uninstall = installFetch(window.client);
  window.send = (input, init) => fetch(input, init);
}
if (asked.get("way") === "xhr") window.uninstall = installXhr(window.client);
window.ready = true;

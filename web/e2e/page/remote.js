// A client in a worker, which does what pages tell it.
import { createSession } from "hallpass";
import { indexedStore } from "./store.js";

const api = new URL("/auth", location.origin).href;
let client;

/** What a page may ask for. */
const asked = {
  begin: async ({ mode }) => void (client ??= createSession({ api, mode, storage: indexedStore })),
  call: async ({ path, init }) => {
    const answer = await client.fetch(path, init);
    return { status: answer.status, text: await answer.text() };
  },
  many: async ({ times }) => Promise.all(Array.from({ length: times }, async () => (await client.fetch("/me")).status)),
  ask: async ({ method }) => client[method](),
};

/** Answers a page's message on the port that came with it. */
export async function serve({ data: { what, more }, ports: [port] }) {
  try {
    port.postMessage({ value: await asked[what](more) });
  } catch (error) {
    port.postMessage({ error: `${error.name}: ${error.message}` });
  }
}

// The session as one value in IndexedDB, which pages and workers share.
const request = (asked) =>
  new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });

let database;

async function values(mode) {
  if (!database) {
    const asked = indexedDB.open("hallpass", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("session");
    database = request(asked);
  }
  return (await database).transaction("session", mode).objectStore("session");
}

export const indexedStore = {
  get: async () => request((await values("readonly")).get("all")),
  set: async (all) => void (await request((await values("readwrite")).put(all, "all"))),
};

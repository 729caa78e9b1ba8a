// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { fakeSession } from "../../src/testing/index.js";
import { defineElements } from "../../src/ui/index.js";

const list = (handle: string, userAgent: string) => {
  const session = { handle, isCurrent: false, timeCreated: 1, timeRefreshed: null, expiry: 2, userAgent };
  return Response.json({ status: "OK", sessions: [session] });
};
const settle = () => new Promise((done) => setTimeout(done));

/** An element of a user, with an API that answers when it is told to. */
function open() {
  const calls: { url: string; answer: (response: Response) => void }[] = [];
  const client = fakeSession(
    { userId: "ada" },
    (url) => new Promise((answer) => calls.push({ url: String(url), answer })),
  );
  defineElements(client, { api: "/auth" });
  const element = document.createElement("hallpass-devices");
  document.body.append(element);
  const user = (userId: string) => client.set({ status: "authenticated", userId, payload: {}, expiresAt: 1e15 });
  return { calls, client, element, user, text: () => element.shadowRoot?.textContent };
}

test("a list that comes after its user has gone is never shown", async () => {
  const { calls, user, text } = open();
  user("bob");
  calls[1]?.answer(list("b", "bobs-app/1"));
  await settle();
  calls[0]?.answer(list("a", "adas-app/1"));
  await settle();
  expect(text()).toContain("bobs-app");
  expect(text()).not.toContain("adas-app");
});

test("of two answers the one to the later question counts", async () => {
  const { calls, element, text } = open();
  void element.reload();
  calls[1]?.answer(list("new", "new/1"));
  await settle();
  calls[0]?.answer(list("old", "old/1"));
  await settle();
  expect(text()).toContain("new");
  expect(text()).not.toContain("old");
});

test("another token of the same user asks nothing anew", async () => {
  const { calls, client, user, element } = open();
  client.set({ status: "unknown", userId: "ada", payload: {}, expiresAt: 1 });
  user("ada");
  expect(calls).toHaveLength(1);
  element.remove();
  user("bob");
  expect(calls).toHaveLength(1);
});

test("what one user saw is gone when nobody is signed in, or somebody else", async () => {
  for (const leave of ["nobody", "bob"]) {
    const { calls, client, user, text } = open();
    calls[0]?.answer(list("a", "adas-app/1"));
    await settle();
    expect(text()).toContain("adas-app");
    if (leave === "bob") user("bob");
    else client.set({ status: "unauthenticated" });
    expect(text()).not.toContain("adas-app");
  }
});

test("an API at another place is asked there", () => {
  const { element, calls } = open();
  element.api = "https://api.example.com/auth/";
  void element.reload();
  expect(calls.at(-1)?.url).toBe("https://api.example.com/auth/sessions");
});

// @vitest-environment happy-dom
// Who sees the page for staff: with a session that the test decides on, and no server.
import type { FakeSession } from "hallpass/testing";
import { mount, unmount } from "svelte";
import { expect, onTestFinished, test, vi } from "vitest";
import App from "../src/App.svelte";
import { go } from "../src/router";
import { type Claims, session } from "../src/session";

vi.mock("../src/session", async (original) => ({
  ...(await original<object>()),
  session: (await import("hallpass/testing")).fakeSession(),
  ask: async () => "hello",
}));
const fake = session as FakeSession<Claims>;

/** Opens the page; what is returned waits until it shows something. */
function open(staff: boolean) {
  const payload = { staff, greeting: "Hello" };
  fake.set({ status: "authenticated", userId: "ada", payload, expiresAt: Infinity });
  const app = mount(App, { target: document.body });
  onTestFinished(() => unmount(app));
  go("/staff");
  const main = document.querySelector("main");
  return (text: string | RegExp) => vi.waitFor(() => expect(main?.textContent).toMatch(text));
}

test("staff see what the server says", async () => {
  await open(true)(/Staff.+hello/);
});

test("others are told that it is for staff", async () => {
  await open(false)("This page is for staff.");
});

test("whoever signs out is asked to sign in", async () => {
  const shows = open(true);
  await shows(/Staff.+hello/);
  await fake.signOut();
  await shows("Sign in");
  expect(location.pathname + location.search).toBe("/sign-in");
});

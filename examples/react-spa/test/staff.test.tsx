// @vitest-environment happy-dom
// Who sees the page for staff: with a session that the test decides on, and no server.
import type { FakeSession } from "hallpass/testing";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { expect, onTestFinished, test, vi } from "vitest";
import { router } from "../src/router";
import { type Claims, session } from "../src/session";

vi.mock("../src/session", async (original) => ({
  ...(await original<object>()),
  session: (await import("hallpass/testing")).fakeSession(undefined, async () => new Response("hello")),
}));
const fake = session as FakeSession<Claims>;

/** Opens the page; what is returned waits until it shows something. */
async function open(staff: boolean) {
  const payload = { staff, greeting: "Hello" };
  fake.set({ status: "authenticated", userId: "ada", payload, expiresAt: Infinity });
  const root = createRoot(document.body);
  onTestFinished(() => root.unmount());
  root.render(<RouterProvider router={router} />);
  await router.navigate("/staff");
  const seen = () => document.querySelector("main")?.textContent;
  return (text: string | RegExp) => vi.waitFor(() => expect(seen()).toMatch(text));
}

test("staff see what the server says", async () => {
  const shows = await open(true);
  await shows(/Staff.+hello/);
});

test("others are told that it is for staff", async () => {
  const shows = await open(false);
  await shows("This page is for staff.");
});

test("whoever signs out is asked to sign in", async () => {
  const shows = await open(true);
  await shows(/Staff.+hello/);
  await fake.signOut();
  await shows("Sign in");
  expect(location.pathname + location.search).toBe("/sign-in");
});

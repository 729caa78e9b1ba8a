// @vitest-environment happy-dom
// Who sees the page for staff: with a session that the test decides on, and no server.
import { fakeSession } from "hallpass/testing";
import { createSessionPlugin } from "hallpass/vue";
import { expect, test, vi } from "vitest";
import { createApp } from "vue";
import Staff from "../src/pages/Staff.vue";

vi.mock("../src/session", async (original) => ({
  ...(await original<object>()),
  ask: async () => "hello",
}));

function open(staff: boolean) {
  const session = fakeSession({ userId: "ada", payload: { staff } });
  const navigate = vi.fn();
  const page = document.createElement("div");
  createApp(Staff).use(createSessionPlugin(session, { loginUrl: "/sign-in", navigate })).mount(page);
  const shows = (text: string) => vi.waitFor(() => expect(page.textContent).toContain(text));
  return { session, navigate, shows };
}

test("staff see what the server says", async () => {
  await open(true).shows("The server says: hello");
});

test("others are told that it is for staff", async () => {
  await open(false).shows("This page is for staff.");
});

test("whoever signs out is sent to sign in", async () => {
  const { session, navigate, shows } = open(true);
  await shows("Staff");
  await session.signOut();
  await vi.waitFor(() => expect(navigate).toHaveBeenCalledWith("/sign-in"));
});

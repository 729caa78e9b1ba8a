// @vitest-environment happy-dom
import { act } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { TryRefresh } from "../../src/react/index.js";
import { later, open, settle } from "./setup.js";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/account");
});

const failed = (error: unknown, again: () => void) => (
  <button type="button" onClick={again}>
    {String(error)}
  </button>
);

test("a page for which the server wants a refresh is refreshed once and rendered again", async () => {
  const { draw, backend } = await open({ user: "ada" });
  const rendered = vi.fn();
  const { text } = draw(<TryRefresh fallback="wait" failed={failed} onRefreshed={rendered} />);
  await settle();
  expect(rendered).toHaveBeenCalledTimes(1);
  expect(backend.log).toEqual(["POST /auth/session/refresh"]);
  expect(text()).toBe("wait");
});

test("being drawn again meanwhile starts nothing", async () => {
  const { draw, backend } = await open({ user: "ada" });
  const rendered = vi.fn();
  const { redraw } = draw(<TryRefresh onRefreshed={rendered} />);
  redraw(<TryRefresh onRefreshed={rendered} fallback="wait" />);
  await settle();
  redraw(<TryRefresh onRefreshed={rendered} />);
  await settle();
  expect(rendered).toHaveBeenCalledTimes(1);
  expect(backend.refreshes).toBe(1);
});

test("without a session it goes to sign in, with the way back", async () => {
  const { draw, navigate } = await open();
  const { text } = draw(<TryRefresh fallback="wait" failed={failed} />);
  await settle();
  expect(navigate.mock.calls).toEqual([["/login?redirectToPath=%2Faccount"]]);
  expect(text()).toBe("wait");
});

test("a server that cannot be reached is said, and asked again on demand", async () => {
  const { draw, backend, client } = await open({ user: "ada" });
  const rendered = vi.fn();
  backend.instead.push(() => new Response("down", { status: 503 }));
  const { container, text } = draw(<TryRefresh fallback="wait" failed={failed} onRefreshed={rendered} />);
  await settle();
  expect(text()).toContain("SessionError");
  expect(client.snapshot().userId).toBe("ada");
  await act(async () => container.querySelector("button")?.click());
  await settle();
  expect(rendered).toHaveBeenCalledTimes(1);
});

test("a server that never sees the token is not asked for ever", async () => {
  const { draw, backend } = await open({ user: "ada" });
  const rendered = vi.fn();
  draw(<TryRefresh onRefreshed={rendered} />);
  await settle();
  later(2000);
  const { text } = draw(<TryRefresh onRefreshed={rendered} failed={failed} />);
  await settle();
  expect(text()).toContain("does not reach the server");
  expect(rendered).toHaveBeenCalledTimes(1);
  expect(backend.refreshes).toBe(1);
});

test("the next time that the token expires it is refreshed as the first time", async () => {
  const { draw } = await open({ user: "ada" });
  const rendered = vi.fn();
  draw(<TryRefresh onRefreshed={rendered} />);
  await settle();
  later(60_000);
  draw(<TryRefresh onRefreshed={rendered} />);
  await settle();
  expect(rendered).toHaveBeenCalledTimes(2);
});

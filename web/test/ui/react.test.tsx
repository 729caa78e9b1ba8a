// @vitest-environment happy-dom
import { act, cleanup, render } from "@testing-library/react";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { SessionProvider } from "../../src/react/index.js";
import { fakeSession } from "../../src/testing/index.js";
import { DeniedPage, Devices, ExpiredDialog, Roles, SignOutButton } from "../../src/ui/react/index.js";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
afterEach(cleanup);

const payload = { "st-role": { v: ["admin"], t: 1 } };
const settle = () =>
  act(async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setTimeout(done));
  });

/** What is to be seen in the elements of a page. */
const shown = (container: HTMLElement, tag: string) => container.querySelector(tag)?.shadowRoot;
const press = (root: ShadowRoot | null | undefined, text: string) =>
  act(async () => [...(root?.querySelectorAll("button") ?? [])].find((button) => button.textContent === text)?.click());

test("the pieces take their client from the provider, say nothing about it, and follow it", async () => {
  const complaints = vi.spyOn(console, "error");
  const client = fakeSession({ userId: "ada", payload });
  const { container } = render(
    <StrictMode>
      <SessionProvider client={client}>
        <Roles className="mine" />
        <SignOutButton texts={{ signOut: "Bye" }} />
      </SessionProvider>
    </StrictMode>,
  );
  await settle();
  expect(container.querySelector("hallpass-roles")?.className).toBe("mine");
  expect(shown(container, "hallpass-roles")?.textContent).toContain("admin");
  expect(shown(container, "hallpass-sign-out")?.textContent).toContain("Bye");
  expect(complaints.mock.calls).toEqual([]);
  await act(() => client.signOut());
  expect(shown(container, "hallpass-roles")?.textContent).toBe("");
});

test("who signs out is told of, and goes to sign in by the app's router", async () => {
  const navigate = vi.fn();
  const onSignedOut = vi.fn();
  const { container } = render(
    <SessionProvider client={fakeSession({ userId: "ada" })} loginUrl="/sign-in" navigate={navigate}>
      <SignOutButton onSignedOut={onSignedOut} />
    </SessionProvider>,
  );
  await settle();
  await press(shown(container, "hallpass-sign-out"), "Sign out");
  await settle();
  expect(onSignedOut).toHaveBeenCalledTimes(1);
  expect(navigate.mock.calls).toEqual([["/sign-in"]]);
});

test("an app goes back in its own way, with the newest handler", async () => {
  const back = vi.spyOn(history, "back");
  const first = vi.fn();
  const second = vi.fn();
  const page = (onBack: () => void) => (
    <SessionProvider client={fakeSession({ userId: "ada" })}>
      <DeniedPage onBack={onBack}>This is for editors.</DeniedPage>
    </SessionProvider>
  );
  const { container, rerender } = render(page(first));
  rerender(page(second));
  await settle();
  expect(container.textContent).toBe("This is for editors.");
  await press(shown(container, "hallpass-denied"), "Go back");
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
  expect(back).not.toHaveBeenCalled();
});

test("a denied page that appears later has the focus on its heading", async () => {
  const page = (denied: boolean) => (
    <SessionProvider client={fakeSession({ userId: "ada" })}>{denied && <DeniedPage />}</SessionProvider>
  );
  const { container, rerender } = render(page(false));
  rerender(page(true));
  await settle();
  expect(shown(container, "hallpass-denied")?.activeElement?.textContent).toBe("Access denied");
});

test("a piece may have a client of its own", async () => {
  const { container } = render(<Roles client={fakeSession({ userId: "ada", payload })} />);
  await settle();
  expect(shown(container, "hallpass-roles")?.textContent).toContain("admin");
});

test("a server renders the bare elements", () => {
  const html = renderToString(
    <SessionProvider client={fakeSession()}>
      <Devices className="a" />
      <ExpiredDialog />
    </SessionProvider>,
  );
  expect(html).toBe('<hallpass-devices class="a"></hallpass-devices><hallpass-expired></hallpass-expired>');
});

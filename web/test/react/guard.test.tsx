// @vitest-environment happy-dom
import { act } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { AccessDenied, SessionGuard, useSessionContext } from "../../src/react/index.js";
import { later, open, settle, wants } from "./setup.js";

beforeEach(() => history.replaceState(null, "", "/account?tab=2"));

const Page = () => {
  const context = useSessionContext();
  return context.loading ? null : <p>{context.invalidClaims.map(({ id }) => id).join()}</p>;
};

const secret = <p>secret</p>;
const login = "/login?redirectToPath=%2Faccount%3Ftab%3D2";

test("a visitor without a session sees nothing and signs in, once, and is told the way back", async () => {
  const { draw, navigate, backend } = await open();
  const { text } = draw(<SessionGuard fallback="wait">{secret}</SessionGuard>);
  expect(text()).toBe("wait");
  await settle();
  expect(text()).toBe("wait");
  expect(navigate.mock.calls).toEqual([[login]]);
  expect(backend.log).toEqual(["POST /auth/session/refresh"]);
});

test("whoever is known to have no session is sent away once, though effects run twice", async () => {
  const { draw, navigate, client } = await open();
  await client.ready();
  draw(<SessionGuard>{secret}</SessionGuard>);
  expect(navigate.mock.calls).toEqual([[login]]);
});

test("a user sees the page with no more calls than none", async () => {
  const { draw, navigate, backend } = await open({ user: "ada" });
  const { text } = draw(<SessionGuard>{secret}</SessionGuard>);
  await settle();
  expect(text()).toBe("secret");
  expect(navigate).not.toHaveBeenCalled();
  expect(backend.log).toEqual([]);
});

test("a page that needs no session is there at once", async () => {
  const { draw, navigate } = await open();
  const { text } = draw(<SessionGuard require={false}>{secret}</SessionGuard>);
  expect(text()).toBe("secret");
  await settle();
  expect(text()).toBe("secret");
  expect(navigate).not.toHaveBeenCalled();
});

test("a guard whose need changes decides again", async () => {
  const { draw, navigate } = await open();
  const { text, redraw } = draw(<SessionGuard require={false}>{secret}</SessionGuard>);
  await settle();
  redraw(<SessionGuard require>{secret}</SessionGuard>);
  expect(text()).toBe("");
  expect(navigate.mock.calls).toEqual([[login]]);
});

test("an expired token is refreshed once before anything is shown", async () => {
  const { draw, client, backend } = await open({ user: "ada", script: { validityMs: 60_000 } });
  await act(() => client.ready());
  later(61_000);
  const { text } = draw(
    <SessionGuard fallback="wait">
      <SessionGuard fallback="wait inside">{secret}</SessionGuard>
    </SessionGuard>,
  );
  expect(text()).toBe("wait");
  await settle();
  expect(text()).toBe("secret");
  expect(backend.log).toEqual(["POST /auth/session/refresh"]);
});

test("who signs out is gone from the page and goes to sign in, with no way back", async () => {
  const { draw, navigate, client } = await open({ user: "ada" });
  const { text } = draw(<SessionGuard>{secret}</SessionGuard>);
  await act(() => client.signOut());
  expect(text()).toBe("");
  expect(navigate.mock.calls).toEqual([["/login"]]);
});

test("an app that says where the page is is told the way back to there", async () => {
  const { draw, navigate, signIn, client } = await open();
  draw(<SessionGuard currentUrl="/inside">{secret}</SessionGuard>);
  await settle();
  expect(navigate.mock.calls).toEqual([["/login?redirectToPath=%2Finside"]]);
  await signIn("ada");
  await act(() => client.signOut());
  expect(navigate.mock.lastCall).toEqual(["/login"]);
});

test("a sign-in elsewhere opens the page, a sign-out elsewhere closes it", async () => {
  const { draw, tab, signIn, navigate } = await open();
  const { text } = draw(<SessionGuard>{secret}</SessionGuard>);
  await settle();
  navigate.mockClear();
  const other = tab();
  await signIn("ada", other);
  await settle();
  expect(text()).toBe("secret");
  await act(() => other.signOut());
  await settle();
  expect(text()).toBe("");
  expect(navigate.mock.calls).toEqual([[login]]);
});

test("what to do about an expired session replaces going to sign in", async () => {
  const { draw, navigate, client, backend } = await open({ user: "ada" });
  const expired = vi.fn();
  const { text } = draw(
    <SessionGuard onExpired={expired} fallback="wait">
      {secret}
    </SessionGuard>,
  );
  backend.user = undefined;
  await act(() => client.refresh());
  expect(expired).toHaveBeenCalledTimes(1);
  expect(text()).toBe("");
  expect(navigate).not.toHaveBeenCalled();
});

test("after an expired session the next one is guarded as the first", async () => {
  const { draw, navigate, client, backend, signIn } = await open({ user: "ada" });
  const { text } = draw(<SessionGuard onExpired={() => undefined}>{secret}</SessionGuard>);
  backend.user = undefined;
  await act(() => client.refresh());
  await signIn("bob");
  expect(text()).toBe("secret");
  await act(() => client.signOut());
  expect(navigate.mock.calls).toEqual([["/login"]]);
});

test("whoever fails a claim sees what denies them, and why", async () => {
  const { draw } = await open({ user: "ada", payload: { admin: false } });
  const { text } = draw(
    <SessionGuard validators={[wants("admin")]} denied={(error) => <i>no {error.id}</i>}>
      {secret}
    </SessionGuard>,
  );
  await settle();
  expect(text()).toBe("no admin");
});

test("a page wants what every page wants, unless it says so itself", async () => {
  const { draw } = await open({ user: "ada", payload: { verified: false }, validators: [wants("verified")] });
  const { text } = draw(
    <>
      <SessionGuard denied="denied">{secret}</SessionGuard>
      <SessionGuard denied="denied" validators={[]}>
        open
      </SessionGuard>
    </>,
  );
  await settle();
  expect(text()).toBe("deniedopen");
});

test("a claim fails closed and loudly where nothing says what to show", async () => {
  const loud = vi.spyOn(console, "error").mockReturnValue(undefined);
  const { draw } = await open({ user: "ada", payload: { admin: false } });
  const { text } = draw(<SessionGuard validators={[wants("admin")]}>{secret}</SessionGuard>);
  await settle();
  expect(text()).toBe("");
  expect(loud.mock.calls.flat().join()).toContain("admin");
  loud.mockRestore();
});

test("a claim that is wanting is fetched once before anybody is turned away", async () => {
  const { draw, backend, client } = await open({ user: "ada" });
  const fetchClaim = vi.fn(async () => {
    backend.payload = { admin: true };
    await client.refresh();
  });
  const { text } = draw(
    <SessionGuard validators={[wants("admin", fetchClaim)]} fallback="wait" denied="denied">
      {secret}
    </SessionGuard>,
  );
  const seen = new Set<string | null>();
  for (let turn = 0; turn < 5; turn++) {
    seen.add(text());
    await settle();
  }
  expect([...seen]).toEqual(["wait", "secret"]);
  expect(fetchClaim).toHaveBeenCalledTimes(1);
});

test("a claim that cannot be fetched denies, and is not fetched for ever", async () => {
  const quiet = vi.spyOn(console, "error").mockReturnValue(undefined);
  const fetchClaim = vi.fn(() => Promise.reject(new Error("no")));
  const { draw } = await open({ user: "ada" });
  const { text } = draw(
    <SessionGuard validators={[wants("admin", fetchClaim)]} denied="denied">
      {secret}
    </SessionGuard>,
  );
  await settle();
  await settle();
  expect(text()).toBe("denied");
  expect(fetchClaim.mock.calls.length).toBeLessThanOrEqual(2);
  quiet.mockRestore();
});

test("a claim that is lost while the page is open closes it", async () => {
  const { draw, backend, client } = await open({ user: "ada", payload: { admin: true } });
  const { text } = draw(
    <SessionGuard validators={[wants("admin")]} denied="denied">
      {secret}
    </SessionGuard>,
  );
  await settle();
  expect(text()).toBe("secret");
  backend.payload = { admin: false };
  await act(() => client.refresh());
  await settle();
  expect(text()).toBe("denied");
});

test("a failed claim goes where its validator says, before where the guard says", async () => {
  const { draw, navigate } = await open({ user: "ada", payload: { a: false, b: false } });
  const validators = [wants("a"), wants("b", undefined, { onFailureRedirection: () => "/verify" })];
  draw(
    <SessionGuard validators={validators} redirectTo="/elsewhere">
      {secret}
    </SessionGuard>,
  );
  await settle();
  expect(navigate.mock.calls).toEqual([["/verify"]]);
});

test("a failed claim goes where the guard says", async () => {
  const { draw, navigate } = await open({ user: "ada", payload: { admin: false } });
  draw(
    <SessionGuard validators={[wants("admin")]} redirectTo="/elsewhere">
      {secret}
    </SessionGuard>,
  );
  await settle();
  expect(navigate.mock.calls).toEqual([["/elsewhere"]]);
});

test("a validator that leaves it to the page lets it see what fails", async () => {
  const { draw } = await open({ user: "ada", payload: { admin: false } });
  const validators = [wants("admin", undefined, { showAccessDeniedOnFailure: false })];
  const { text } = draw(
    <SessionGuard validators={validators}>
      <Page />
    </SessionGuard>,
  );
  await settle();
  expect(text()).toBe("admin");
});

test("while the server cannot be reached a page is shown only where that is allowed", async () => {
  const quiet = vi.spyOn(console, "error").mockReturnValue(undefined);
  const { draw, backend, client } = await open({ user: "ada", script: { validityMs: 60_000 } });
  later(61_000);
  backend.instead.push(...Array.from({ length: 9 }, () => () => new Response("down", { status: 503 })));
  const { text, redraw } = draw(<SessionGuard fallback="wait">{secret}</SessionGuard>);
  await settle();
  expect(client.snapshot().status).toBe("unknown");
  expect(text()).toBe("wait");
  redraw(<SessionGuard offline="allow">{secret}</SessionGuard>);
  await settle();
  expect(text()).toBe("secret");
  quiet.mockRestore();
});

test("a page that the guarded user asked for is denied with a way back and a way out", async () => {
  const { draw, client, navigate } = await open({ user: "ada", payload: { admin: false } });
  const back = vi.fn();
  const { container } = draw(
    <SessionGuard validators={[wants("admin")]} denied={<AccessDenied onBack={back} texts={{ title: "Not here" }} />}>
      {secret}
    </SessionGuard>,
  );
  await settle();
  const alert = container.querySelector("[role=alert]");
  expect(alert?.textContent).toContain("Not here");
  expect(document.activeElement?.textContent).toBe("Not here");
  const [goBack, logOut] = [...container.querySelectorAll("button")];
  goBack?.click();
  expect(back).toHaveBeenCalledTimes(1);
  logOut?.click();
  await settle();
  expect(client.snapshot().status).toBe("unauthenticated");
  expect(new Set(navigate.mock.calls.flat())).toEqual(new Set(["/login"]));
});

test("a sign-out that fails on the denied page is said, and the page stays", async () => {
  const { draw, backend, client } = await open({ user: "ada", payload: { admin: false } });
  const { container, text } = draw(
    <SessionGuard validators={[wants("admin")]} denied={<AccessDenied />}>
      {secret}
    </SessionGuard>,
  );
  await settle();
  backend.instead.push(() => new Response("<h1>no</h1>", { status: 500 }));
  await act(async () => [...container.querySelectorAll("button")].at(-1)?.click());
  await settle();
  expect(text()).toContain("did not work");
  expect(client.snapshot().status).toBe("authenticated");
});

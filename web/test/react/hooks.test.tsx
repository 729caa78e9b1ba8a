// @vitest-environment happy-dom
import { act, render } from "@testing-library/react";
import { lazy, Suspense } from "react";
import { expect, test, vi } from "vitest";
import type { Claim, Snapshot } from "../../src/index.js";
import {
  SessionGuard,
  useAccessToken,
  useClaimValue,
  useSession,
  useSessionContext,
  useSignOut,
} from "../../src/react/index.js";
import { later, open, settle, wants } from "./setup.js";

const roles: Claim<string[]> = {
  id: "st-role",
  refresh: () => undefined,
  getValueFromPayload: (payload) => (payload["st-role"] as { v: string[] } | undefined)?.v,
  getLastFetchedTime: () => undefined,
};

const drawn = vi.fn();
const Names = () => {
  drawn(useSession((snapshot) => snapshot.payload?.names));
  return null;
};
const Part = ({ name }: { name: string }) => <p>{String(useSession((snapshot) => snapshot.payload?.[name]))}</p>;
const Context = () => <p>{JSON.stringify(useSessionContext())}</p>;
const Roles = () => <p>{JSON.stringify(useClaimValue(roles))}</p>;
const Token = ({ minTtlMs = 0 }) => <p>{useAccessToken({ minTtlMs }) ?? "none"}</p>;
const Status = () => <p>{useSession((snapshot) => snapshot.status)}</p>;
const Leave = () => {
  const signOut = useSignOut();
  return (
    <button type="button" onClick={() => void signOut()}>
      out
    </button>
  );
};

test("a part of the session that stays equal is not drawn anew", async () => {
  const { draw, client, backend } = await open({ user: "ada", payload: { names: ["a"] } });
  draw(<Names />);
  await settle();
  const times = drawn.mock.calls.length;
  const before = client.snapshot();
  later(1000);
  await act(() => client.refresh());
  expect(client.snapshot()).not.toBe(before);
  expect(drawn).toHaveBeenCalledTimes(times);
  backend.payload = { names: ["a", "b"] };
  await act(() => client.refresh());
  expect(drawn.mock.lastCall).toEqual([["a", "b"]]);
  expect(new Set(drawn.mock.calls.flat()).size).toBe(2);
});

test("a part that is taken otherwise is another part at once", async () => {
  const { draw } = await open({ user: "ada", payload: { a: 1, b: 2 } });
  const { text, redraw } = draw(<Part name="a" />);
  await settle();
  expect(text()).toBe("1");
  redraw(<Part name="b" />);
  expect(text()).toBe("2");
});

const Plan = () => <p>{useSession((snapshot: Snapshot<{ plan: string }>) => snapshot.payload?.plan.toUpperCase())}</p>;

test("a payload has the type that the app gives it", async () => {
  const { draw } = await open({ user: "ada", payload: { plan: "free" } });
  const { text } = draw(<Plan />);
  await settle();
  expect(text()).toBe("FREE");
});

test("the context speaks the words that existing apps use", async () => {
  const { draw, signIn } = await open();
  const { text } = draw(<Context />);
  const read = () => JSON.parse(text() ?? "");
  expect(read()).toEqual({ loading: true });
  await settle();
  expect(read()).toEqual({
    loading: false,
    doesSessionExist: false,
    userId: "",
    accessTokenPayload: {},
    invalidClaims: [],
  });
  await signIn("ada");
  expect(read()).toMatchObject({
    loading: false,
    doesSessionExist: true,
    userId: "ada",
    accessTokenPayload: { sub: "ada" },
  });
});

test("what denies is in the context of what is shown instead", async () => {
  const { draw } = await open({ user: "ada", payload: { admin: false } });
  const { text } = draw(<SessionGuard validators={[wants("admin")]} denied={<Context />} />);
  await settle();
  const error = { id: "admin", reason: { message: "wrong value" } };
  expect(JSON.parse(text() ?? "")).toMatchObject({ invalidClaims: [error], accessDeniedValidatorError: error });
});

test("hooks outside a provider say so", () => {
  const quiet = vi.spyOn(console, "error").mockReturnValue(undefined);
  expect(() => render(<Context />)).toThrow("no SessionProvider");
  quiet.mockRestore();
});

test("the value of a claim follows the session", async () => {
  const { draw, backend, signIn, client } = await open();
  const { text } = draw(<Roles />);
  expect(text()).toBe('{"loading":true}');
  await settle();
  expect(text()).toBe('{"loading":false,"doesSessionExist":false}');
  backend.payload = { "st-role": { v: ["admin"], t: 1 } };
  await signIn("ada");
  expect(text()).toBe('{"loading":false,"doesSessionExist":true,"value":["admin"]}');
  await act(() => client.signOut());
  expect(text()).toBe('{"loading":false,"doesSessionExist":false}');
});

test("the access token is the newest one, and gone with the session", async () => {
  const { draw, client } = await open({ user: "ada", script: { mode: "header" } });
  const { text } = draw(<Token />);
  await settle();
  expect(text()).toBe("access-ada-1");
  later(1000);
  await act(() => client.refresh());
  await settle();
  expect(text()).toBe("access-ada-2");
  await act(() => client.signOut());
  expect(text()).toBe("none");
});

test("an access token that would not last is replaced first, once", async () => {
  const { draw, backend } = await open({ user: "ada", script: { mode: "header", validityMs: 60_000 } });
  later(40_000);
  const { text } = draw(<Token minTtlMs={30_000} />);
  await settle();
  expect(text()).toBe("access-ada-2");
  expect(backend.refreshes).toBe(1);
});

test("signing out is a function that stays the same", async () => {
  const { draw, client } = await open({ user: "ada" });
  const { container } = draw(<Leave />);
  await act(async () => container.querySelector("button")?.click());
  await settle();
  expect(client.snapshot().status).toBe("unauthenticated");
});

test("what suspends on the session asks nothing twice", async () => {
  const { draw, client, backend } = await open();
  const Page = lazy(async () => {
    await client.ready();
    return { default: Status };
  });
  const { text } = draw(
    <Suspense fallback="wait">
      <Page />
    </Suspense>,
  );
  await settle();
  expect(text()).toBe("unauthenticated");
  expect(backend.log).toEqual(["POST /auth/session/refresh"]);
});

// A page of a React app in a browser of one user, with a backend in memory.
import { act, cleanup, render } from "@testing-library/react";
import { type ReactElement, StrictMode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import { type ClaimValidator, createSession, type SessionOptions } from "../../src/index.js";
import { SessionProvider } from "../../src/react/index.js";
import { FakeServer, type Script } from "../../src/testing/index.js";
import { Browser } from "../browser.js";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

export interface Start {
  script?: Script;
  options?: SessionOptions;
  /** Who has signed in before the page is opened. */
  user?: string;
  /** What the access token says of them. */
  payload?: Record<string, unknown>;
  loginUrl?: string;
  /** What every guarded page wants. */
  validators?: ClaimValidator[];
}

export async function open({
  script = {},
  options = {},
  user,
  payload = {},
  loginUrl = "/login",
  validators = [],
}: Start = {}) {
  const backend = new FakeServer(script);
  const browser = new Browser(backend);
  const tab = (more: SessionOptions = {}) =>
    createSession({
      api: `${backend.origin}/auth`,
      mode: script.mode ?? "cookie",
      platform: browser.tab(),
      ...options,
      ...more,
    });
  backend.payload = payload;
  const client = tab();
  const signIn = async (name: string, other = client) => {
    await act(() => other.fetch(`${backend.origin}/auth/signin`, { method: "POST", body: name }));
  };
  if (user) await signIn(user);
  backend.log.length = 0;
  const navigate = vi.fn();
  /** Draws it as development does: every effect runs twice. */
  const draw = (page: ReactElement) => {
    const around = (inner: ReactElement) => (
      <StrictMode>
        <SessionProvider client={client} loginUrl={loginUrl} navigate={navigate} validators={validators}>
          {inner}
        </SessionProvider>
      </StrictMode>
    );
    const { container, rerender } = render(around(page));
    return {
      /** What is to be read. */
      text: () => container.textContent,
      container,
      redraw: (next: ReactElement) => rerender(around(next)),
    };
  };
  return { backend, browser, tab, client, signIn, navigate, draw };
}

/** Lets everything happen that has been started. */
export const settle = () =>
  act(async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((done) => setTimeout(done));
  });

/** Moves the clocks. */
export const later = (ms: number) => void vi.setSystemTime(Date.now() + ms);

/** Wants a value in the payload; a wrong one can be fetched with `refresh`. */
export function wants(
  key: string,
  refresh: () => unknown = () => undefined,
  more: Partial<ClaimValidator> = {},
): ClaimValidator {
  return {
    id: key,
    refresh: async () => void (await refresh()),
    shouldRefresh: (payload) => payload[key] === undefined,
    validate: (payload) =>
      payload[key] === true ? { isValid: true } : { isValid: false, reason: { message: "wrong value" } },
    ...more,
  };
}

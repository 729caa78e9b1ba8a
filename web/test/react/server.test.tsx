// @vitest-environment happy-dom
import { act } from "@testing-library/react";
import type { ReactElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import type { SessionClient, Snapshot } from "../../src/index.js";
import { SessionGuard, SessionProvider, useSession } from "../../src/react/index.js";
import { later, open, settle } from "./setup.js";

const initial: Snapshot = {
  status: "authenticated",
  userId: "ada",
  payload: { sub: "ada" },
  expiresAt: 1_700_000_060_000,
};

const User = () => <p>{useSession((snapshot) => snapshot.userId ?? snapshot.status)}</p>;
const page = (client: SessionClient): ReactElement => (
  <SessionProvider client={client} loginUrl="/login" navigate={() => undefined}>
    <User />
    <SessionGuard fallback="wait">secret</SessionGuard>
  </SessionProvider>
);

let unmount: () => void = () => undefined;
afterEach(() => unmount());

/** What a browser does with a page from a server; what it has to say about it. */
async function hydrate(html: string, client: SessionClient) {
  const container = document.createElement("div");
  container.innerHTML = html;
  const complaints = vi.spyOn(console, "error");
  const root = await act(() =>
    hydrateRoot(container, page(client), { onRecoverableError: (error) => console.error(error) }),
  );
  unmount = () => act(() => root.unmount());
  await settle();
  return { text: () => container.textContent, complaints: complaints.mock.calls };
}

test("a server that knows the user renders the page, and the browser takes it over without a word or a call", async () => {
  const { backend, tab } = await open();
  const html = renderToString(page(tab({ initial })));
  expect(html).toContain("<p>ada</p>secret");
  const { text, complaints } = await hydrate(html, tab({ initial }));
  expect(text()).toBe("adasecret");
  expect(complaints).toEqual([]);
  expect(backend.log).toEqual([]);
});

test("a server that knows nothing renders what fits everybody, and asks nobody", async () => {
  const { backend, tab, signIn } = await open();
  const html = renderToString(page(tab()));
  expect(html).toContain("<p>loading</p>wait");
  expect(backend.log).toEqual([]);
  const client = tab();
  await signIn("ada", client);
  const { text, complaints } = await hydrate(html, client);
  expect(text()).toBe("adasecret");
  expect(complaints).toEqual([]);
});

test("a page that lay about until its token had expired is taken over as it is, and refreshed", async () => {
  const { backend, tab } = await open({ user: "ada", script: { validityMs: 60_000 } });
  const html = renderToString(page(tab({ initial })));
  later(61_000);
  const { text, complaints } = await hydrate(html, tab({ initial }));
  expect(text()).toBe("adasecret");
  expect(complaints).toEqual([]);
  expect(backend.refreshes).toBe(1);
});

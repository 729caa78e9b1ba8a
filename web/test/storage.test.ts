import { describe, expect, test, vi } from "vitest";
import { encodeFront } from "../src/front-token.js";
import { sessionIn } from "../src/state.js";
import { browserStorage } from "../src/storage.js";
import { cookieDocument, values } from "./browser.js";

const ada = { uid: "ada", ate: 2000, up: { sessionHandle: "h1" } };

describe("storage", () => {
  const all = { front: "f", csrf: "c", access: "a", refresh: "r", skew: "8000", lat: "1", out: "" };
  const world = (changes: object = {}) => ({
    fetch,
    document: cookieDocument("https://www.example.com/"),
    location: { href: "https://www.example.com/", protocol: "https:" },
    localStorage: values(),
    sessionStorage: values(),
    ...changes,
  });

  test("what servers read is in cookies, tokens are not", () => {
    const page = world();
    const degraded = vi.fn();
    const storage = browserStorage(page, {}, undefined, degraded);
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect(page.document.cookie).toBe("sFrontToken=f; sAntiCsrf=c; st-last-access-token-update=1");
    expect(page.document.written.filter((text) => text.includes("sFrontToken=f"))).toEqual([
      "sFrontToken=f;path=/;samesite=lax;secure;max-age=34560000",
    ]);
    expect(degraded).not.toHaveBeenCalled();
  });

  test("with a domain tokens are in cookies of it, and those of the host go", () => {
    const page = world();
    page.document.cookie = "st-refresh-token=old;path=/";
    browserStorage(page, {}, "example.com", () => {}).set(all);
    expect(page.document.jar.get("st-refresh-token@example.com")).toBe("r");
    expect(page.document.jar.has("st-refresh-token@")).toBe(false);
  });

  test("another domain's page finds them", () => {
    const page = world();
    browserStorage(page, {}, "example.com", () => {}).set(all);
    const sibling = browserStorage({ ...page, localStorage: values() }, {}, "example.com", () => {});
    expect(sibling.get()).toMatchObject({ access: "a", refresh: "r", lat: "1" });
  });

  test.each(["cookie", "header"])("what another SDK has left is found (%s)", (mode) => {
    const page = world();
    page.document.cookie = `sFrontToken=${encodeFront(ada)};path=/`;
    page.document.cookie = "st-last-access-token-update=1700000000000;path=/";
    if (mode === "header") {
      page.document.cookie = "st-access-token=a;path=/";
      page.document.cookie = "st-refresh-token=r;path=/";
    }
    const storage = browserStorage(page, {}, undefined, () => {});
    const found = storage.get() as { access?: string; refresh?: string };
    expect(sessionIn(found)).toEqual(ada);
    expect(found.refresh).toBe(mode === "header" ? "r" : undefined);
    storage.set({ ...found, lat: "2" });
    expect(page.document.cookie).not.toContain("st-refresh-token");
    expect((storage.get() as { refresh?: string }).refresh).toBe(mode === "header" ? "r" : undefined);
  });

  test("cookies that others have changed since are believed, tokens are not forgotten", () => {
    const page = world();
    const storage = browserStorage(page, {}, undefined, () => {});
    storage.set(all);
    page.document.cookie = "sFrontToken=new;path=/";
    page.document.cookie = "st-last-access-token-update=2;path=/";
    expect(storage.get()).toMatchObject({ front: "new", lat: "2", refresh: "r" });
  });

  test("without cookies it is kept all the same, and told", () => {
    const degraded = vi.fn();
    const document = {
      baseURI: "https://x/",
      get cookie() {
        return "";
      },
      set cookie(_: string) {},
    };
    const storage = browserStorage(world({ document }), {}, undefined, degraded);
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect(degraded).toHaveBeenCalledWith("localStorage");
  });

  test.each([
    [
      "blocked",
      {
        get localStorage(): never {
          throw new DOMException("no", "SecurityError");
        },
      },
    ],
    [
      "full",
      {
        localStorage: {
          ...values(),
          setItem: () => {
            throw new DOMException("no", "QuotaExceededError");
          },
        },
      },
    ],
    ["missing", { localStorage: undefined }],
  ])("if localStorage is %s, tokens live as long as the page", (_, changes) => {
    const degraded = vi.fn();
    const page = Object.defineProperties(world(), Object.getOwnPropertyDescriptors(changes)) as ReturnType<
      typeof world
    >;
    const storage = browserStorage(page, {}, undefined, degraded);
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect(degraded).toHaveBeenCalledWith("memory");
  });

  test("a record that is no record is none", () => {
    const page = world();
    page.localStorage.setItem("hallpass", "{");
    expect(browserStorage(page, {}, undefined, () => {}).get()).toMatchObject({});
  });

  test("for the browser's session: session cookies and sessionStorage", () => {
    const page = world();
    browserStorage(page, { persist: "session" }, undefined, () => {}).set(all);
    expect(page.document.written.find((text) => text.includes("sFrontToken=f"))).not.toContain("max-age");
    expect(page.sessionStorage.kept.size).toBe(1);
    expect(page.localStorage.kept.size).toBe(0);
  });

  test("for the page alone: nothing outside", () => {
    const page = world();
    const storage = browserStorage(page, { persist: "memory" }, undefined, () => {});
    storage.set(all);
    expect(storage.get()).toMatchObject(all);
    expect([page.document.written, page.localStorage.kept.size, page.sessionStorage.kept.size]).toEqual([[], 0, 0]);
  });

  test("in frames of other sites cookies are partitioned", () => {
    const page = world();
    browserStorage(page, { framed: true }, undefined, () => {}).set(all);
    expect(page.document.written.at(-1)).toContain("samesite=none;partitioned;secure");
  });
});

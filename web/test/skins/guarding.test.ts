// @vitest-environment happy-dom
// What guards of frameworks do that are told of changes, without a framework.
import { beforeEach, expect, test, vi } from "vitest";
import { UserRoleClaim } from "../../src/claims/index.js";
import type { GuardOptions } from "../../src/decide.js";
import { guarding } from "../../src/guarding.js";
import type { Payload } from "../../src/index.js";
import { fakeSession } from "../../src/testing/index.js";

const ada = { status: "authenticated", userId: "ada", payload: {}, expiresAt: Date.now() + 60_000 } as const;
const nobody = { status: "unauthenticated" } as const;
const turn = () => new Promise((done) => setTimeout(done));
const login = "/login?redirectToPath=%2Faccount";

beforeEach(() => history.replaceState(null, "", "/account"));

function guard(given: Parameters<typeof fakeSession<Payload>>[0], wants: GuardOptions = {}) {
  const client = fakeSession<Payload>(given);
  const navigate = vi.fn();
  const shown: string[] = [];
  const [look, start, stop] = guarding(
    { client, navigate, loginUrl: "/login" },
    () => wants,
    ({ action }) => shown.push(action),
  );
  return { client, navigate, shown, wants, look, start, stop, moves: () => navigate.mock.calls.flat() };
}

test("whoever has left has no way back, also when told once more that there is no session", async () => {
  const { client, start, look, moves } = guard(ada);
  start();
  await client.signOut();
  await turn();
  expect(moves()).toEqual(["/login"]);
  client.emit({ type: "UNAUTHORISED", origin: "local", sessionExpiredOrRevoked: false });
  look();
  expect(moves()).toEqual(["/login"]);
});

test("whoever has left and comes again is told the way back when the session ends elsewhere", async () => {
  const { client, start, moves } = guard(ada);
  start();
  await client.signOut();
  await turn();
  client.set(ada);
  client.emit({ type: "SESSION_CREATED", origin: "local" });
  await turn();
  client.set(nobody);
  client.emit({ type: "SIGN_OUT", origin: "remote-tab" });
  await turn();
  expect(moves()).toEqual(["/login", login]);
});

test("what to do about a lost session is called once, also where none is needed, and replaces going to sign in", async () => {
  for (const [require, outcome] of [
    [true, "expired"],
    [false, "render"],
  ] as const) {
    const onExpired = vi.fn();
    const { client, start, moves, shown } = guard(ada, { onExpired, require });
    start();
    client.set(nobody);
    client.emit({ type: "UNAUTHORISED", origin: "local", sessionExpiredOrRevoked: true });
    await turn();
    expect(onExpired).toHaveBeenCalledTimes(1);
    expect(shown.at(-1)).toBe(outcome);
    expect(moves()).toEqual([]);
  }
});

test("claims are fetched for whoever fails them, and for nobody else", async () => {
  const validators = [UserRoleClaim.validators.includes("admin")];
  const asked = async (given: Parameters<typeof fakeSession<Payload>>[0], wants: GuardOptions) => {
    const { client, start, stop, shown } = guard(given, wants);
    const validate = vi.spyOn(client.claims, "validate");
    start();
    await turn();
    stop();
    return [shown.at(-1), validate.mock.calls.length];
  };
  expect(await asked(ada, { validators })).toEqual(["deny", 1]);
  expect(await asked(ada, {})).toEqual(["render", 0]);
  expect(await asked(nobody, { validators })).toEqual(["redirect", 0]);
  expect(await asked(nobody, { validators, require: false })).toEqual(["render", 0]);
});

test("what has been stopped sends nobody anywhere, and starts as if it were new", async () => {
  const { client, start, stop, moves } = guard(ada);
  start();
  client.set(nobody);
  stop();
  await turn();
  expect(moves()).toEqual([]);
  start();
  expect(moves()).toEqual([login]);
  stop();
  start();
  expect(moves()).toEqual([login, login]);
});

test("a page that changes what it wants is looked at anew", async () => {
  const { wants, start, look, shown } = guard(nobody, { require: false });
  start();
  expect(shown.at(-1)).toBe("render");
  wants.require = true;
  look();
  expect(shown.at(-1)).toBe("redirect");
});

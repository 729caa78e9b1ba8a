// What the types of the package's plain entries promise, as an app sees them: built, imported by name. Checked by the compiler.
import {
  type ClaimValidator,
  createSession,
  type EventOf,
  type Payload,
  SessionError,
  type SessionEvent,
  type SessionStorage,
  type Snapshot,
} from "hallpass";
import { BooleanClaim, PermissionClaim, PrimitiveArrayClaim, PrimitiveClaim, UserRoleClaim } from "hallpass/claims";
import * as compat from "hallpass/compat";
import { type Decision, decide, returnPath } from "hallpass/decide";
import { filterPayload } from "hallpass/filter";
import { installFetch } from "hallpass/install";
import { socketAuth } from "hallpass/socket";
import { FakeServer, type FakeSession, fakeSession } from "hallpass/testing";
import { defineElements, type Texts } from "hallpass/ui";
import { installXhr, sessionXhr } from "hallpass/xhr";
import { expectTypeOf } from "vitest";

/** An interface, which has no index signature. */
export interface Shop {
  sub: string;
  cart?: number[];
}

export async function clients() {
  const plain = createSession();
  const shop = createSession<Shop>({ api: "/auth", mode: "header", persist: "session" });

  expectTypeOf(await plain.payload()).toEqualTypeOf<Payload>();
  expectTypeOf(await shop.payload()).toEqualTypeOf<Shop>();
  expectTypeOf(await shop.ready()).toEqualTypeOf<Snapshot<Shop>>();
  expectTypeOf(shop.fetch).toEqualTypeOf<typeof fetch>();
  expectTypeOf(await shop.accessToken({ minTtlMs: 1 })).toEqualTypeOf<string | undefined>();
  expectTypeOf(await shop.claims.value(UserRoleClaim)).toEqualTypeOf<string[] | undefined>();
  expectTypeOf(await shop.claims.validate([UserRoleClaim.validators.includes("admin")])).items.toHaveProperty("id");

  const snapshot = shop.snapshot();
  // @ts-expect-error nobody has been shown to be signed in
  snapshot.payload.sub;
  if (snapshot.userId !== undefined) {
    expectTypeOf(snapshot.payload).toEqualTypeOf<Shop>();
    expectTypeOf(snapshot.status).toEqualTypeOf<"authenticated" | "unknown">();
    expectTypeOf(snapshot.expiresAt).toBeNumber();
    // @ts-expect-error it is read only
    snapshot.userId = "root";
  }
  if (snapshot.status === "unauthenticated") expectTypeOf(snapshot.payload).toEqualTypeOf<undefined>();

  // @ts-expect-error a payload is an object
  createSession<string>();
  // @ts-expect-error there are two
  createSession({ mode: "bearer" });
  // @ts-expect-error it is called `api`
  createSession({ apiDomains: "x" });
  // @ts-expect-error what a server rendered is of the same payload
  createSession<Shop>({ initial: { status: "authenticated", userId: "a", payload: { sub: 1 }, expiresAt: 1 } });
  // @ts-expect-error there is no such wish
  await shop.exists({ onNetworkError: "true" });
  // @ts-expect-error nor such
  await shop.signOut({ ifUnreachable: "ignore" });

  const storage: SessionStorage = { get: async () => undefined, set: () => {} };
  createSession({ storage, lock: (_, critical) => critical() });
}

export function events() {
  const client = createSession<Shop>();
  client.on("UNAUTHORISED", (event) => expectTypeOf(event.sessionExpiredOrRevoked).toBeBoolean());
  client.on("REFRESH_FAILED", (event) => {
    expectTypeOf(event.kind).toEqualTypeOf<"network" | "http" | "config">();
    expectTypeOf(event.origin).toEqualTypeOf<"local" | "remote-tab">();
  });
  client.on("*", (event) => expectTypeOf(event).toEqualTypeOf<SessionEvent>());
  expectTypeOf(client.on("SIGN_OUT", () => {})).toEqualTypeOf<() => void>();
  expectTypeOf<EventOf<"STORAGE_DEGRADED">["tier"]>().toBeString();
  client.on("SIGN_OUT", (event) => {
    // @ts-expect-error only another event has it
    event.tier;
  });
  // @ts-expect-error there is no such event
  client.on("SESSION_EXPIRED", () => {});
}

export function errors(error: unknown) {
  if (!(error instanceof SessionError)) return;
  expectTypeOf(error.code).toEqualTypeOf<"no-session" | "network" | "http" | "config" | "general">();
  expectTypeOf(error.response).toEqualTypeOf<Response | undefined>();
  // @ts-expect-error it is read only
  error.code = "http";
}

export function claims() {
  const refresh = async () => {};
  const plan = new PrimitiveClaim<"free" | "paid">({ id: "plan", refresh });
  expectTypeOf(plan.validators.hasValue("paid")).toEqualTypeOf<ClaimValidator>();
  // @ts-expect-error there is no such plan
  plan.validators.hasValue("gold");
  const seats = new PrimitiveArrayClaim<number>({ id: "seats", refresh, defaultMaxAgeInSeconds: 60 });
  expectTypeOf(seats.getValueFromPayload({})).toEqualTypeOf<number[] | undefined>();
  seats.validators.includesAny([1, 2], 10, "any-seat");
  // @ts-expect-error seats are numbers
  seats.validators.includes("1");
  // @ts-expect-error yes or no takes no value
  new BooleanClaim({ id: "b", refresh }).validators.isTrue(true);
  // @ts-expect-error how to get it has to be said
  new BooleanClaim({ id: "b" });
  expectTypeOf(PermissionClaim).toEqualTypeOf<PrimitiveArrayClaim<string>>();
}

export function decisions(snapshot: Snapshot<Shop>) {
  const decision = decide(snapshot, { loginUrl: "/login", offline: "allow" });
  expectTypeOf(decision).toEqualTypeOf<Decision>();
  if (decision.action === "redirect") expectTypeOf(decision.reason).toEqualTypeOf<"no-session" | "claim">();
  // @ts-expect-error only where it leads somewhere
  decision.to;
  // @ts-expect-error it is no wish
  decide(snapshot, { offline: "deny" });
  expectTypeOf(returnPath).parameter(0).toEqualTypeOf<string | null | undefined>();
  expectTypeOf(returnPath).returns.toBeString();
}

export function others() {
  const client = createSession<Shop>({ frontTokenFilter: filterPayload(({ sub }) => ({ sub })) });
  expectTypeOf(installFetch(client)).toEqualTypeOf<() => void>();
  expectTypeOf(installXhr(client, { expiredStatus: 440 })).toEqualTypeOf<() => void>();
  expectTypeOf(sessionXhr(() => client)).toEqualTypeOf<typeof XMLHttpRequest>();
  expectTypeOf(
    socketAuth(client, { onToken: (token) => expectTypeOf(token).toBeString() }).token(),
  ).resolves.toEqualTypeOf<string | undefined>();
  defineElements(client, { api: "/auth" });
  // @ts-expect-error there is no such option
  defineElements(client, { apis: "/auth" });
  expectTypeOf<Texts>().toBeObject();
  expectTypeOf<HTMLElementTagNameMap>().toHaveProperty("hallpass-devices");
}

export function fakes() {
  const fake = fakeSession<Shop>({ userId: "ada", payload: { sub: "ada" } });
  expectTypeOf(fake).toEqualTypeOf<FakeSession<Shop>>();
  fake.set({ status: "unauthenticated" });
  // @ts-expect-error of another payload
  fake.set({ status: "authenticated", userId: "ada", payload: {}, expiresAt: 1 });
  // @ts-expect-error nobody is signed in, so there is no user
  fakeSession({ status: "unauthenticated", userId: "ada" });
  expectTypeOf(new FakeServer({ mode: "header" }).fetch).toEqualTypeOf<typeof fetch>();
}

export async function inPlaceOfTheOther() {
  compat.init({
    apiDomain: "https://api.example.com",
    tokenTransferMethod: "header",
    cookieHandler: (original) => ({ ...original, getCookie: async () => "" }),
    windowHandler: (original) => original,
    lockFactory: async () => ({ acquireLock: async () => true, releaseLock: async () => {} }),
    dateProvider: () => ({ now: () => 1 }),
    onHandleEvent: ({ action }) => expectTypeOf(action).toBeString(),
    override: { functions: (_, builder) => ({ addAxiosInterceptors: () => void builder.override((below) => below) }) },
  });
  // @ts-expect-error it has to be said where the API is
  compat.init({});
  // @ts-expect-error it is a function that makes one
  compat.init({ apiDomain: "", lockFactory: { acquireLock: async () => true, releaseLock: async () => {} } });
  expectTypeOf(await compat.getUserId()).toBeString();
  expectTypeOf(await compat.getAccessToken()).toEqualTypeOf<string | undefined>();
  expectTypeOf(
    await compat.getClaimValue({ claim: new compat.BooleanClaim({ id: "b", refresh: () => {} }) }),
  ).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(await compat.validateClaims((all) => all)).toEqualTypeOf<compat.ClaimValidationError[]>();
  const later: compat.SessionClaimValidator = {
    id: "later",
    refresh: async () => {},
    shouldRefresh: (_, context) => context["tenant"] === "t1",
    validate: async () => ({ isValid: true }),
  };
  await compat.validateClaims((all, userContext) => (userContext["strict"] ? [...all, later] : all));
  expectTypeOf<compat.InputType>().toEqualTypeOf<compat.Config>();
  const error: unknown = undefined;
  if (compat.STGeneralError.isThisError(error)) expectTypeOf(error.message).toBeString();
}

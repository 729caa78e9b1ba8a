// The SDK in one of its major versions. This file is the only one that knows how they differ.
import { createRequire } from "node:module";

process.env.TEST_MODE = "testing"; // the SDK then lets itself be initialised more than once in a process

const require = createRequire(import.meta.url);
const load = (path = "") => require(`supertokens-node-${MAJOR}${path}`);

export const MAJOR = Number(process.env.SDK_MAJOR ?? 24);
/** The one version of the interface that this major speaks. */
export const CDI = { 15: "3.0", 16: "4.0", 20: "5.1", 24: "5.4" }[MAJOR];
/** Recipe users and primary users are two things, and the server tells both. */
export const RECIPE_USERS = MAJOR >= 16;
/** Tenants are described by their factors, and no longer by three switches. */
export const FACTORS = MAJOR >= 20;
/** A host that is down is passed over. One major does not recognise how `fetch` of today's Node.js says so. */
export const FAILS_OVER = MAJOR !== 16;
/** All sessions of a user can be revoked in one tenant. The same major forgets to say that it means one, and all is the default. */
export const REVOKES_PER_TENANT = MAJOR !== 16;
/** The version of the access tokens that this major's calls make. */
export const TOKEN_VERSION = RECIPE_USERS ? "5" : "4";

export const SuperTokens = load().default;
export const Session = load("/recipe/session").default;
export const UserRoles = load("/recipe/userroles").default;
export const UserMetadata = load("/recipe/usermetadata").default;
export const Multitenancy = load("/recipe/multitenancy").default;
export const JWT = load("/recipe/jwt").default;
export const { BooleanClaim, PrimitiveArrayClaim, PrimitiveClaim } = load("/recipe/session/claims");
export const { middleware, errorHandler } = load("/framework/express");
export const { verifySession } = load("/recipe/session/framework/express");

const recipes = { userroles: UserRoles, jwt: JWT };

export function init({ origin, connectionURI, apiKey, session = {}, with: more = [] }) {
  SuperTokens.init({
    framework: "express",
    telemetry: false,
    supertokens: { connectionURI, apiKey },
    appInfo: { appName: "interop", apiDomain: origin, websiteDomain: origin },
    recipeList: [
      Session.init(session),
      UserMetadata.init(),
      Multitenancy.init(),
      ...more.map((name) => recipes[name].init()),
    ],
  });
}

/** Forgets everything that `init` has set. */
export function reset() {
  const used = [
    "session",
    "openid",
    "jwt",
    "multitenancy",
    "userroles",
    "usermetadata",
    ...(RECIPE_USERS ? ["accountlinking"] : []),
  ];
  for (const name of used) load(`/lib/build/recipe/${name}/recipe`).default.reset();
  load("/lib/build/supertokens").default.reset();
}

const recipeUser = (userId) => (RECIPE_USERS ? SuperTokens.convertToRecipeUserId(userId) : userId);

/** The calls of `Session` whose parameters have changed over time. All others are taken from `Session` itself. */
export const sessions = {
  create: (userId, { tenantId = "public", payload = {}, data = {}, disableAntiCsrf = false } = {}) =>
    Session.createNewSessionWithoutRequestResponse(tenantId, recipeUser(userId), payload, data, disableAntiCsrf),

  signIn: (req, res, userId, { tenantId = "public", payload = {}, data = {} } = {}) =>
    Session.createNewSession(req, res, tenantId, recipeUser(userId), payload, data),

  /** The handles of a user's sessions: in one tenant, or everywhere. */
  ofUser: (userId, tenantId) =>
    RECIPE_USERS
      ? Session.getAllSessionHandlesForUser(userId, true, tenantId)
      : Session.getAllSessionHandlesForUser(userId, tenantId),

  revokeAll: (userId, tenantId) =>
    RECIPE_USERS
      ? Session.revokeAllSessionsForUser(userId, true, tenantId)
      : Session.revokeAllSessionsForUser(userId, tenantId),
};

/** A `fetchValue` of a claim that wants the user and the tenant. */
export const fetchValue = (fetch) =>
  RECIPE_USERS
    ? (userId, _recipeUserId, tenantId) => fetch(userId, tenantId)
    : (userId, tenantId) => fetch(userId, tenantId);

export const tenants = {
  /** Makes a tenant in which every way to sign in is switched on. */
  create: (tenantId) =>
    Multitenancy.createOrUpdateTenant(
      tenantId,
      FACTORS ? {} : { emailPasswordEnabled: true, thirdPartyEnabled: true, passwordlessEnabled: true },
    ),

  associate: (tenantId, userId) => Multitenancy.associateUserToTenant(tenantId, recipeUser(userId)),
};

"""The one place that knows the two versions of the SDK apart.

0.24 speaks CDI 3.0: plain user ids, access tokens of version 4, tenants with flags.
0.31 speaks CDI 5.4: recipe user ids, access tokens of version 5, tenants with first factors.
"""

from supertokens_python import InputAppInfo, Supertokens, SupertokensConfig
from supertokens_python import init as sdk_init
from supertokens_python.constants import SUPPORTED_CDI_VERSIONS
from supertokens_python.recipe import multitenancy, session, usermetadata, userroles
from supertokens_python.recipe.jwt.recipe import JWTRecipe
from supertokens_python.recipe.multitenancy import syncio as multitenancy_syncio
from supertokens_python.recipe.multitenancy.recipe import MultitenancyRecipe
from supertokens_python.recipe.openid.recipe import OpenIdRecipe
from supertokens_python.recipe.session import jwks
from supertokens_python.recipe.session.interfaces import SessionClaim
from supertokens_python.recipe.session.recipe import SessionRecipe
from supertokens_python.recipe.session.syncio import (
    create_new_session_without_request_response,
    get_session_without_request_response,
    refresh_session_without_request_response,
)
from supertokens_python.recipe.usermetadata.recipe import UserMetadataRecipe
from supertokens_python.recipe.userroles.recipe import UserRolesRecipe

(CDI,) = SUPPORTED_CDI_VERSIONS
KNOWS_RECIPE_USERS = CDI == "5.4"
TOKEN_VERSION = "5" if KNOWS_RECIPE_USERS else "4"
API_BASE_PATH = "/auth"

# What an access token carries besides the app's own payload, and besides `iss`, which the SDK adds to every payload.
PROTECTED = {"sub", "exp", "iat", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "tId"}
if KNOWS_RECIPE_USERS:
    PROTECTED |= {"rsub"}

_RECIPES = [SessionRecipe, OpenIdRecipe, JWTRecipe, UserRolesRecipe, UserMetadataRecipe, MultitenancyRecipe]
if KNOWS_RECIPE_USERS:
    from supertokens_python import RecipeUserId
    from supertokens_python.recipe.accountlinking.recipe import AccountLinkingRecipe
    from supertokens_python.recipe.multitenancy.interfaces import TenantConfigCreateOrUpdate
    from supertokens_python.recipe.oauth2provider.recipe import OAuth2ProviderRecipe

    _RECIPES += [AccountLinkingRecipe, OAuth2ProviderRecipe]
    NO_CHANGE_TO_A_TENANT = TenantConfigCreateOrUpdate()
else:
    NO_CHANGE_TO_A_TENANT = None


def init(app, site_origin: str, api_key: str | None = None, **session_options) -> None:
    """Points the SDK of this process at `app`. It has no anti-CSRF unless the options say otherwise."""
    sdk_init(
        app_info=InputAppInfo("interop", api_domain=site_origin, website_domain=site_origin, api_base_path=API_BASE_PATH),
        supertokens_config=SupertokensConfig(app.uri, api_key, network_interceptor=app.intercept),
        framework="fastapi",
        mode="asgi",
        telemetry=False,
        recipe_list=[
            session.init(**{"anti_csrf": "NONE", **session_options}),
            userroles.init(),
            usermetadata.init(),
            multitenancy.init(),
        ],
    )


def reset() -> None:
    """Forgets everything: the SDK keeps its state in globals, and its own suites reset them like this."""
    Supertokens.reset()
    for recipe in _RECIPES:
        recipe.reset()
    jwks.reset_jwks_cache()


def take_out_of_tenant(tenant: str, user_id: str) -> bool:
    """True if the user was in it."""
    call = multitenancy_syncio.disassociate_user_from_tenant if KNOWS_RECIPE_USERS else multitenancy_syncio.dissociate_user_from_tenant
    return call(tenant, user(user_id)).was_associated


def user(user_id: str):
    """A user id as this version wants it at session creation."""
    return RecipeUserId(user_id) if KNOWS_RECIPE_USERS else user_id


def create(user_id: str = "alice", payload: dict | None = None, data: dict | None = None, tenant: str = "public", **options):
    return create_new_session_without_request_response(tenant, user(user_id), payload, data, **options)


def verify(access_token: str, **options):
    return get_session_without_request_response(access_token, **options)


def refresh(refresh_token: str, **options):
    return refresh_session_without_request_response(refresh_token, **options)


def access_token(session) -> str:
    return session.get_all_session_tokens_dangerously()["accessToken"]


def refresh_token(session) -> str:
    return session.get_all_session_tokens_dangerously()["refreshToken"]


def claim(kind: type[SessionClaim], key: str, fetch) -> SessionClaim:
    """A claim whose value `fetch(user_id, tenant)` finds. The versions differ in what else they hand to it."""
    if KNOWS_RECIPE_USERS:
        return kind(key, lambda user_id, _recipe_user_id, tenant, _payload, _context: fetch(user_id, tenant))
    return kind(key, lambda user_id, tenant, _context: fetch(user_id, tenant))


def recipe_implementation():
    """Below the functions that an app calls: here nothing is cleaned before it is sent."""
    return SessionRecipe.get_instance().recipe_implementation


async def create_uncleaned(user_id: str, payload: dict):
    """Creates a session with exactly this payload. The public function drops protected claims; this does not."""
    ids = (user_id, user(user_id)) if KNOWS_RECIPE_USERS else (user_id,)
    return await recipe_implementation().create_new_session(*ids, payload, {}, False, "public", user_context={})

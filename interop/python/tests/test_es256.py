"""A server that signs with ES256. The SDK verifies by the keys it is given, so sessions work; its own route for those keys does not."""

import jwt
import pytest
from harness import sdk, tokens
from supertokens_python.recipe.jwt.interfaces import CreateJwtResultUnsupportedAlgorithm
from supertokens_python.recipe.session.exceptions import TokenTheftError, TryRefreshTokenError
from supertokens_python.recipe.session.syncio import create_jwt, get_jwks


@pytest.fixture
def app(connect, es256_server):
    return connect(to=es256_server)


def test_a_session_is_created_verified_and_refreshed(app):
    session = sdk.create("alice", {"plan": "pro"})
    header = tokens.header(sdk.access_token(session))
    assert header["kid"].startswith("d-")
    assert (header["alg"], header["typ"], header["version"]) == ("ES256", "JWT", sdk.TOKEN_VERSION)
    assert sdk.verify(sdk.access_token(session)).get_access_token_payload()["plan"] == "pro"
    assert sdk.verify(sdk.access_token(session), check_database=True).get_user_id() == "alice"

    refreshed = sdk.refresh(sdk.refresh_token(session))
    promoted, calls = app.calls_of(lambda: sdk.verify(sdk.access_token(refreshed)))
    assert calls == ["POST /recipe/session/verify"]
    assert tokens.payload(sdk.access_token(promoted))["parentRefreshTokenHash1"] is None
    _, calls = app.calls_of(lambda: sdk.verify(sdk.access_token(promoted)))
    assert calls == []
    with pytest.raises(TokenTheftError):
        sdk.refresh(sdk.refresh_token(session))


def test_a_session_through_the_web_app(app, browser):
    page = browser()
    page.sign_in("alice")
    assert page.get("/checked").status_code == 200
    assert page.request("PUT", "/payload", {"plan": "pro"}).json()["payload"]["plan"] == "pro"
    assert page.refresh().status_code == 200
    assert page.get("/me").json()["payload"]["plan"] == "pro"
    assert page.sign_out().status_code == 200


def test_a_session_of_the_static_key(connect, es256_server):
    connect(to=es256_server, use_dynamic_access_token_signing_key=False)
    token = sdk.access_token(sdk.create("alice"))
    assert tokens.header(token)["kid"].startswith("s-")
    assert sdk.verify(token).get_user_id() == "alice"


def test_a_token_that_was_changed_asks_for_a_refresh(app):
    header, _, signature = sdk.access_token(sdk.create("alice")).split(".")
    other = sdk.access_token(sdk.create("bob")).split(".")[1]
    with pytest.raises(TryRefreshTokenError):
        sdk.verify(f"{header}.{other}.{signature}")


def test_the_sdk_cannot_read_these_keys_for_others(app):
    """It looks for the members of an RSA key. When this test fails, a version of the SDK has learned better: say so in the documentation."""
    sdk.create()
    assert all("n" not in key for key in app.jwks() if key["kty"] == "EC")
    with pytest.raises(KeyError, match="'n'"):
        get_jwks()


def test_a_jwt_of_the_static_key_is_rs256_as_the_sdk_asks(app):
    """The SDK always asks for RS256. There is a static RSA key for that beside the EC keys of the sessions, but no dynamic one."""
    token = create_jwt({"plan": "pro"}).jwt
    (key,) = [key for key in app.jwks() if key["kid"] == tokens.header(token)["kid"]]
    assert jwt.decode(token, jwt.PyJWK.from_dict(key).key, algorithms=["RS256"])["plan"] == "pro"
    assert isinstance(create_jwt({}, use_static_signing_key=False), CreateJwtResultUnsupportedAlgorithm)

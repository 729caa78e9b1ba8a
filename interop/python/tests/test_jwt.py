import re
import time

import jwt
import pytest
from harness import sdk, tokens
from supertokens_python.recipe.session.syncio import create_jwt, get_jwks

HUNDRED_YEARS = 3153600000


def decoded(app, token: str) -> dict:
    """Verifies with a library and keys that are not the SDK's."""
    keys = {key["kid"]: jwt.PyJWK.from_dict(key) for key in app.jwks()}
    return jwt.decode(token, keys[tokens.header(token)["kid"]].key, algorithms=["RS256"])


def test_a_jwt_is_signed_by_the_static_key_and_lives_a_hundred_years_unless_asked_otherwise(app):
    token = create_jwt({"plan": "pro"}).jwt
    header = tokens.header(token)
    assert header.pop("kid").startswith("s-")
    assert header == {"alg": "RS256", "typ": "JWT"}
    payload = decoded(app, token)
    assert payload["plan"] == "pro" and payload["iss"].endswith(sdk.API_BASE_PATH)
    assert payload["exp"] - payload["iat"] == HUNDRED_YEARS


def test_g13_a_jwt_lives_exactly_as_long_as_asked(app, browser):
    for validity in (1, 1000, 123456789):
        payload = tokens.payload(create_jwt({}, validity).jwt)
        assert payload["exp"] - payload["iat"] == validity
        assert abs(payload["iat"] - time.time()) < 5


def test_a_jwt_can_be_signed_by_the_dynamic_key(app):
    token = create_jwt({}, use_static_signing_key=False).jwt
    assert tokens.header(token)["kid"].startswith("d-")
    assert decoded(app, token)


def test_claims_of_a_jwt_are_kept_as_given_with_nulls_and_whole_numbers(app):
    claims = {"null": None, "ms": 1763948096789, "big": 2**53 + 1, "nested": {"a": [None, {}]}, "iss": "somebody else"}
    token = create_jwt(claims).jwt
    payload = decoded(app, token)
    assert {name: payload[name] for name in claims} == claims
    assert '"ms":1763948096789' in tokens.payload_text(token).replace(" ", "")


def test_g34_a_validity_of_nothing_is_refused(app):
    with pytest.raises(Exception, match="validity must be greater than or equal to 0"):
        create_jwt({}, 0)


def test_g12_a_jwt_made_of_a_session_payload_is_good_for_verification_with_the_database(app):
    """Such a token names no version. The server takes it for one of its newest, which has a claim more than those of the older SDK."""
    session = sdk.create("alice", {"plan": "pro"})
    copy = create_jwt({"rsub": "alice", **session.get_access_token_payload()}, use_static_signing_key=False).jwt
    assert "version" not in tokens.header(copy)
    verified = sdk.verify(copy, check_database=True)
    assert (verified.get_handle(), verified.get_user_id()) == (session.get_handle(), "alice")
    assert verified.get_access_token_payload()["plan"] == "pro"


def test_g15_the_key_set_has_only_keys_and_all_members_are_text(app):
    sdk.create()
    create_jwt({})
    answer = app.request("GET", "/.well-known/jwks.json")
    assert set(answer.json()) == {"keys"}
    keys = answer.json()["keys"]
    assert {key["kid"][:2] for key in keys} == {"d-", "s-"}
    for key in keys:
        assert set(key) >= {"kty", "kid", "n", "e", "alg", "use"}
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        assert all(isinstance(value, str) for value in key.values())


def test_g14_a_fresh_key_set_may_be_kept_for_almost_a_week(app):
    header = app.request("GET", "/.well-known/jwks.json").headers["cache-control"]
    assert re.fullmatch(r"max-age=60\d{4}, must-revalidate", header)


def test_the_key_set_through_the_sdk_and_through_its_route(app, browser):
    kids = {key["kid"] for key in app.jwks()}
    assert {key.kid for key in get_jwks().keys} == kids
    answer = browser().get(f"{sdk.API_BASE_PATH}/jwt/jwks.json")
    assert answer.status_code == 200 and {key["kid"] for key in answer.json()["keys"]} == kids


def test_the_older_path_of_the_key_set_says_that_it_is_well(app):
    answer = app.request("GET", "/recipe/jwt/jwks", cdi="3.0").json()
    assert answer["status"] == "OK" and {key["kid"] for key in answer["keys"]} == {key["kid"] for key in app.jwks()}

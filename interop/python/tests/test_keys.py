"""Signing keys: families, and rotation on a live app. An interval of 0.001 h is 3.6 s; a new key comes after 4/5 of it."""

import time

import pytest
from harness import sdk, tokens
from supertokens_python.recipe.session import jwks
from supertokens_python.recipe.session.exceptions import TryRefreshTokenError
from supertokens_python.recipe.session.recipe import SessionRecipe

INTERVAL_SECONDS = 3.6


def kid(session) -> str:
    return tokens.header(sdk.access_token(session))["kid"]


def keys_of_the_sdk() -> set[str]:
    return {key.key_id for key in jwks.get_latest_keys(SessionRecipe.get_instance().config)}


def test_g17_g20_reading_the_key_set_is_enough_to_make_the_next_key(connect):
    """The interval is given by its older name, as text. Nobody signs anything here."""
    connect({"access_token_signing_key_update_interval": "0.001"}, jwks_refresh_interval_sec=2)
    first = keys_of_the_sdk()
    seen = first
    limit = time.monotonic() + 2 * INTERVAL_SECONDS
    while seen == first and time.monotonic() < limit:
        time.sleep(0.2)
        seen = keys_of_the_sdk()
    assert first < seen and all(kid.startswith("d-") for kid in seen - first)


def test_g18_g19_a_new_key_signs_after_the_interval_and_old_tokens_stay_good(connect):
    app = connect({"access_token_dynamic_signing_key_update_interval": "0.001"})
    old = sdk.create("alice")
    assert sdk.verify(sdk.access_token(old)).get_user_id() == "alice"
    time.sleep(INTERVAL_SECONDS + 0.3)
    new = sdk.create("alice")
    assert kid(new) != kid(old)
    for session in (old, new):
        assert sdk.verify(sdk.access_token(session)).get_handle() == session.get_handle()
        assert sdk.verify(sdk.access_token(session), check_database=True).get_handle() == session.get_handle()
    assert kid(sdk.refresh(sdk.refresh_token(old))) == kid(new)
    assert {kid(old), kid(new)} <= {key["kid"] for key in app.jwks()}


def test_g7_the_sdk_wants_tokens_of_the_family_that_it_is_set_to(connect):
    app = connect()
    session = sdk.create()
    assert kid(session).startswith("d-")
    connect(app=app, use_dynamic_access_token_signing_key=False)
    with pytest.raises(TryRefreshTokenError):
        sdk.verify(sdk.access_token(session))


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_g7_a_refresh_changes_the_family_and_the_verify_after_it_keeps_it(connect, before, after):
    prefix = {True: "d-", False: "s-"}[after]
    app = connect(use_dynamic_access_token_signing_key=before)
    session = sdk.create()
    assert not kid(session).startswith(prefix)

    connect(app=app, use_dynamic_access_token_signing_key=after)
    refreshed = sdk.refresh(sdk.refresh_token(session))
    assert kid(refreshed).startswith(prefix)
    promoted = sdk.verify(sdk.access_token(refreshed))
    assert kid(promoted) == kid(refreshed) and sdk.access_token(promoted) != sdk.access_token(refreshed)
    promoted.sync_merge_into_access_token_payload({"a": 1})
    assert kid(promoted) == kid(refreshed)


def test_a_session_of_the_static_key_is_used_like_any_other(connect, browser):
    connect(use_dynamic_access_token_signing_key=False)
    page = browser()
    page.sign_in()
    assert tokens.header(page.access_token)["kid"].startswith("s-")
    assert page.get("/checked").status_code == 200
    assert page.refresh().status_code == 200 and page.get("/me").status_code == 200
    assert tokens.header(page.access_token)["kid"].startswith("s-")

"""Who may talk to the server, and what a browser must bring besides its cookies."""

import pytest
from harness import sdk
from supertokens_python.recipe.session.exceptions import TryRefreshTokenError, UnauthorisedError
from supertokens_python.recipe.session.syncio import get_session_information

KEY, OTHER_KEY = "a-key-of-26-characters-abc", "another-key-of-29-characters-"


def test_g16_with_the_key_everything_works_and_the_key_set_needs_none(connect, browser):
    app = connect({"api_keys": f"{OTHER_KEY}, {KEY}"}, api_key=KEY)
    page = browser()
    page.sign_in()
    for path in ("/me", "/checked"):
        assert page.get(path).status_code == 200
    assert page.refresh().status_code == 200
    assert app.request("GET", "/.well-known/jwks.json").status_code == 200
    assert app.request("GET", "/hello").status_code == 200


@pytest.mark.parametrize("api_key", [None, "not-one-of-the-keys-of-the-app"])
def test_g3_without_the_key_even_the_versions_are_closed(connect, api_key):
    app = connect({"api_keys": KEY}, api_key=api_key)
    try:
        with pytest.raises(Exception, match="status code: 401 and message: Invalid API key\n$"):
            sdk.create()
        assert app.request("GET", "/apiversion").status_code == 401
    finally:
        app.api_key = KEY


def test_the_key_is_also_taken_from_the_authorization_header(connect):
    app = connect({"api_keys": KEY}, api_key=KEY)
    for value in (KEY, f"Bearer {KEY}", f"bearer {KEY}"):
        assert app.request("GET", "/apiversion", headers={"authorization": value}).status_code == 200
    assert app.request("GET", "/apiversion", headers={"authorization": "Bearer nonsense"}).status_code == 401


def test_g23_the_key_of_one_app_is_of_no_concern_to_others_and_can_be_lifted(connect, server):
    app = connect({"api_keys": KEY}, api_key=KEY)
    assert server.request("GET", "/apiversion").status_code == 200
    lifted = {"appId": app.id, "coreConfig": {"api_keys": None}}
    assert server.request("PUT", "/recipe/multitenancy/app/v2", lifted).json() == {"status": "OK", "createdNew": False}
    connect(app=app)
    assert sdk.create().get_user_id() == "alice"


def test_with_anti_csrf_by_token_a_change_needs_the_token(connect, browser):
    connect(anti_csrf="VIA_TOKEN")
    page = browser()
    page.sign_in()
    assert page.anti_csrf
    assert page.request("POST", "/me").status_code == 200
    right, page.anti_csrf = page.anti_csrf, "wrong"
    for token in ("wrong", None):
        page.anti_csrf = token
        assert page.request("POST", "/me").json() == {"message": "try refresh token"}
        assert page.get("/me").status_code == 200
    page.anti_csrf = right
    assert page.request("POST", "/me").status_code == 200


def test_with_anti_csrf_by_token_a_refresh_needs_the_token_and_brings_the_next(connect, browser):
    connect(anti_csrf="VIA_TOKEN")
    page = browser()
    handle = page.sign_in()["handle"]
    forger = page.copy()
    forger.anti_csrf = None
    assert forger.refresh().json() == {"message": "unauthorised"}
    forger.http.close()
    assert get_session_information(handle) is not None

    first = page.anti_csrf
    assert page.refresh().status_code == 200
    assert page.anti_csrf and page.anti_csrf != first
    assert page.request("POST", "/me").status_code == 200
    assert page.request("POST", "/me").status_code == 200


def test_g29_a_refused_refresh_has_no_effect_and_the_check_can_be_left_out(connect):
    connect(anti_csrf="VIA_TOKEN")
    session = sdk.create()
    refresh_token = sdk.refresh_token(session)
    for anti_csrf_token in (None, "wrong"):
        with pytest.raises(UnauthorisedError):
            sdk.refresh(refresh_token, anti_csrf_token=anti_csrf_token)
    refreshed = sdk.refresh(refresh_token, disable_anti_csrf=True)
    assert refreshed.get_handle() == session.get_handle()


def test_the_server_checks_the_anti_csrf_token_as_well(connect):
    """The SDK checks by itself; these ask the server, which must come to the same result."""
    app = connect(anti_csrf="VIA_TOKEN")
    session = sdk.create()
    tokens = session.get_all_session_tokens_dangerously()
    assert session.get_access_token_payload()["antiCsrfToken"] == tokens["antiCsrfToken"]
    assert sdk.verify(tokens["accessToken"], anti_csrf_token=tokens["antiCsrfToken"], check_database=True)
    with pytest.raises(TryRefreshTokenError):
        sdk.verify(tokens["accessToken"], anti_csrf_token="wrong", check_database=True)
    asked = {"accessToken": tokens["accessToken"], "doAntiCsrfCheck": True, "enableAntiCsrf": True, "checkDatabase": False}
    for given, status in (
        ({"antiCsrfToken": tokens["antiCsrfToken"]}, "OK"),
        ({"antiCsrfToken": "no"}, "TRY_REFRESH_TOKEN"),
        ({}, "TRY_REFRESH_TOKEN"),
    ):
        assert app.request("POST", "/recipe/session/verify", {**asked, **given}, cdi=sdk.CDI).json()["status"] == status


def test_with_anti_csrf_by_a_header_the_server_issues_no_token(connect, browser):
    connect(anti_csrf="VIA_CUSTOM_HEADER")
    page = browser()
    page.sign_in()
    assert page.anti_csrf is None
    assert page.request("POST", "/me").status_code == 200
    assert page.refresh().status_code == 200
    del page.http.headers["rid"]
    assert page.request("POST", "/me").json() == {"message": "try refresh token"}

import time

import httpx
import pytest
from harness import sdk, tokens
from supertokens_python.recipe.session.exceptions import TryRefreshTokenError, UnauthorisedError
from supertokens_python.recipe.session.syncio import (
    get_all_session_handles_for_user,
    get_session_information,
    update_session_data_in_database,
)

HUNDRED_DAYS_MS = 100 * 24 * 3600 * 1000


def test_g43_the_sdk_finds_its_one_version_among_those_of_the_server(app):
    sdk.create()
    assert app.calls[0] == "GET /apiversion"
    versions = app.request("GET", "/apiversion").json()["versions"]
    assert sdk.CDI in versions and all(version.count(".") == 1 for version in versions)


def test_g2_creating_a_session_survives_a_user_that_no_recipe_knows(app):
    session, calls = app.calls_of(lambda: sdk.create("alice"))
    assert session.get_user_id() == "alice"
    if sdk.KNOWS_RECIPE_USERS:
        assert "GET /user/id" in calls
        assert session.get_recipe_user_id().get_as_string() == "alice"


def test_g41_creation_names_the_public_tenant_in_the_path(app):
    session, calls = app.calls_of(sdk.create)
    assert "POST /public/recipe/session" in calls
    assert session.get_tenant_id() == "public" and "_" not in session.get_handle()


def test_g10_the_payload_has_exactly_the_claims_of_its_version_with_nulls_where_nothing_is(app):
    token = sdk.access_token(sdk.create("alice", {"plan": "pro"}))
    payload = tokens.payload(token)
    assert set(payload) == sdk.PROTECTED | {"iss", "plan", "st-role", "st-perm"}
    assert payload["parentRefreshTokenHash1"] is None and payload["antiCsrfToken"] is None
    assert payload["sub"] == "alice" and payload["tId"] == "public"
    assert payload.get("rsub", "alice") == "alice"
    header = tokens.header(token)
    assert header.pop("kid").startswith("d-")
    assert header == {"alg": "RS256", "typ": "JWT", "version": sdk.TOKEN_VERSION}


def test_g1_an_empty_user_id_works_for_creation_listing_verification_and_refresh(app):
    session = sdk.create("")
    assert get_all_session_handles_for_user("") == [session.get_handle()]
    assert sdk.verify(sdk.access_token(session), check_database=True).get_user_id() == ""
    assert sdk.refresh(sdk.refresh_token(session)).get_user_id() == ""


def test_verification_without_the_database_asks_nobody(app):
    token = sdk.access_token(sdk.create("alice", {"plan": "pro"}))
    session, calls = app.calls_of(lambda: sdk.verify(token))
    assert calls == []
    assert session.get_user_id() == "alice" and session.get_access_token_payload()["plan"] == "pro"


def test_verification_with_the_database_asks_the_server_and_brings_no_new_token(app):
    """G5: what is not there is left out. `accessToken: null` would break the SDK here."""
    token = sdk.access_token(sdk.create())
    session, calls = app.calls_of(lambda: sdk.verify(token, check_database=True))
    assert calls == ["POST /recipe/session/verify"]
    assert sdk.access_token(session) == token


def test_a_session_through_the_web_app_from_sign_in_to_sign_out(app, browser):
    page = browser()
    signed_in = page.sign_in("alice", {"plan": "pro"})
    assert signed_in["payload"]["plan"] == "pro"
    assert page.get("/me").json() == signed_in
    assert page.get("/checked").json()["handle"] == signed_in["handle"]

    assert page.sign_out().json() == {"status": "OK"}
    assert (page.access_token, page.refresh_token, page.front_token) == (None, None, "remove")
    assert page.get("/me").status_code == 401
    assert get_session_information(signed_in["handle"]) is None


def test_a_session_whose_tokens_travel_in_headers(app, web):
    def bearer(token):
        return {"authorization": f"Bearer {token}"}

    form = {"user": "alice", "tenant": "public", "payload": {}, "data": {}}
    with httpx.Client(base_url=web.origin) as http:
        signed_in = http.post("/login", json=form, headers={"st-auth-mode": "header"})
        assert "set-cookie" not in signed_in.headers
        assert http.get("/checked", headers=bearer(signed_in.headers["st-access-token"])).status_code == 200
        refreshed = http.post(f"{sdk.API_BASE_PATH}/session/refresh", headers=bearer(signed_in.headers["st-refresh-token"]))
        assert refreshed.headers["st-refresh-token"] != signed_in.headers["st-refresh-token"]
        first_use = http.get("/me", headers=bearer(refreshed.headers["st-access-token"]))
        assert first_use.json()["handle"] == signed_in.json()["handle"]
        assert tokens.payload(first_use.headers["st-access-token"])["parentRefreshTokenHash1"] is None
        stolen = http.post(f"{sdk.API_BASE_PATH}/session/refresh", headers=bearer(signed_in.headers["st-refresh-token"]))
        assert stolen.json() == {"message": "token theft detected"}


def test_g47_times_of_access_tokens_are_whole_seconds_and_the_front_token_agrees(app, browser):
    body = {"userId": "alice", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": False}
    answer = app.request("POST", "/public/recipe/session", body, cdi=sdk.CDI).json()
    access, payload = answer["accessToken"], tokens.payload(answer["accessToken"]["token"])
    assert access["expiry"] == payload["exp"] * 1000 and access["createdTime"] == payload["iat"] * 1000
    refresh = answer["refreshToken"]
    assert refresh["expiry"] - refresh["createdTime"] == HUNDRED_DAYS_MS

    page = browser()
    page.sign_in("alice", {"plan": "pro"})
    front = tokens.front_token(page.front_token)
    payload = tokens.payload(page.access_token)
    assert front == {"uid": "alice", "ate": payload["exp"] * 1000, "up": payload}


def test_g5_g6_creation_answers_exactly_the_members_of_its_version(app):
    body = {"userId": "alice", "userDataInJWT": {"n": None}, "userDataInDatabase": {}, "enableAntiCsrf": False}
    answer = app.request("POST", "/public/recipe/session", body, cdi=sdk.CDI).json()
    assert set(answer) == {"status", "session", "accessToken", "refreshToken"}
    ids = {"recipeUserId": "alice"} if sdk.KNOWS_RECIPE_USERS else {}
    assert answer["session"].pop("handle")
    assert answer["session"] == {"userId": "alice", "userDataInJWT": {"n": None}, "tenantId": "public", **ids}


def test_what_is_stored_of_a_session_can_be_read_by_its_handle(app):
    before = int(time.time() * 1000)
    session = sdk.create("alice", {"plan": "pro"}, {"cart": [1, 2]})
    info = get_session_information(session.get_handle())
    assert (info.session_handle, info.user_id, info.tenant_id) == (session.get_handle(), "alice", "public")
    assert info.session_data_in_database == {"cart": [1, 2]}
    assert info.custom_claims_in_access_token_payload["plan"] == "pro"
    assert before - 1000 <= info.time_created <= int(time.time() * 1000) + 1000
    assert info.expiry - info.time_created == HUNDRED_DAYS_MS
    assert session.sync_get_time_created() == info.time_created and session.sync_get_expiry() == info.expiry
    assert get_session_information("no-such-handle") is None
    assert get_session_information("") is None


def test_session_data_is_replaced_as_a_whole(app):
    session = sdk.create(data={"a": 1, "b": 2})
    session.sync_update_session_data_in_database({"c": None, "d": {"e": None}})
    assert session.sync_get_session_data_from_database() == {"c": None, "d": {"e": None}}
    assert update_session_data_in_database(session.get_handle(), {}) is True
    assert session.sync_get_session_data_from_database() == {}


def test_a_user_has_as_many_sessions_as_were_created(app):
    handles = {sdk.create("alice").get_handle() for _ in range(3)}
    sdk.create("bob")
    assert set(get_all_session_handles_for_user("alice")) == handles and len(handles) == 3


def test_an_expired_access_token_asks_for_a_refresh_and_updates_meanwhile_are_kept(connect):
    connect({"access_token_validity": 3})
    session = sdk.create("alice", {"plan": "free"})
    token = sdk.access_token(session)
    payload = tokens.payload(token)
    assert payload["exp"] - payload["iat"] == 3  # G48: to the second, where suites run
    assert sdk.verify(token).get_user_id() == "alice"
    time.sleep(3.3)
    with pytest.raises(TryRefreshTokenError):
        sdk.verify(token)
    # The token is past its end, so there is nothing to replace it by; the payload is stored all the same.
    session.sync_merge_into_access_token_payload({"plan": "pro"})
    assert sdk.access_token(session) == token
    assert session.get_access_token_payload()["plan"] == "pro"

    refreshed = sdk.refresh(sdk.refresh_token(session))
    assert refreshed.get_access_token_payload()["plan"] == "pro"
    assert sdk.verify(sdk.access_token(refreshed)).get_handle() == session.get_handle()


def test_a_session_past_its_end_is_gone_everywhere(connect):
    connect({"access_token_validity": 2, "refresh_token_validity": "0.05"})
    session = sdk.create("alice")
    assert get_session_information(session.get_handle()) is not None
    time.sleep(3.3)
    assert get_session_information(session.get_handle()) is None
    assert get_all_session_handles_for_user("alice") == []
    assert update_session_data_in_database(session.get_handle(), {"a": 1}) is False
    with pytest.raises(UnauthorisedError):
        sdk.refresh(sdk.refresh_token(session))
    with pytest.raises(UnauthorisedError):
        session.sync_merge_into_access_token_payload({"a": 1})


@pytest.mark.parametrize("forged", ["payload", "signature"])
def test_a_token_that_was_changed_asks_for_a_refresh(app, forged):
    header, payload, signature = sdk.access_token(sdk.create("alice")).split(".")
    other_header, other_payload, other_signature = sdk.access_token(sdk.create("bob")).split(".")
    assert header == other_header
    token = ".".join([header, other_payload, signature] if forged == "payload" else [header, payload, other_signature])
    with pytest.raises(TryRefreshTokenError):
        sdk.verify(token)

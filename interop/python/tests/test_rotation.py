from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import sdk, tokens
from supertokens_python.recipe.session.exceptions import TokenTheftError, UnauthorisedError
from supertokens_python.recipe.session.syncio import get_session_information

VERIFY = "POST /recipe/session/verify"
REFRESH = "POST /recipe/session/refresh"
REMOVE = "POST /recipe/session/remove"


def test_a_refresh_brings_new_tokens_for_the_same_session_and_payload(app):
    session = sdk.create("alice", {"plan": "pro"})
    refreshed = sdk.refresh(sdk.refresh_token(session))
    assert refreshed.get_handle() == session.get_handle()
    assert refreshed.get_access_token_payload()["plan"] == "pro"
    assert sdk.refresh_token(refreshed) != sdk.refresh_token(session)
    old, new = (tokens.payload(sdk.access_token(each)) for each in (session, refreshed))
    assert new["parentRefreshTokenHash1"] == old["refreshTokenHash1"] != new["refreshTokenHash1"]
    assert set(new) == set(old)


def test_g8_the_first_verify_after_a_refresh_asks_the_core_and_brings_a_new_access_token(app):
    refreshed = sdk.access_token(sdk.refresh(sdk.refresh_token(sdk.create())))
    session, calls = app.calls_of(lambda: sdk.verify(refreshed))
    assert calls == [VERIFY]
    promoted = sdk.access_token(session)
    before, after = tokens.payload(refreshed), tokens.payload(promoted)
    assert before["parentRefreshTokenHash1"] is not None and after["parentRefreshTokenHash1"] is None
    assert after["refreshTokenHash1"] == before["refreshTokenHash1"]
    assert tokens.header(promoted) == tokens.header(refreshed)

    session, calls = app.calls_of(lambda: sdk.verify(promoted))
    assert calls == [] and sdk.access_token(session) == promoted


def test_g8_in_the_web_app_the_new_access_token_replaces_the_cookie(app, browser):
    page = browser()
    page.sign_in()
    assert page.refresh().status_code == 200
    refreshed = page.access_token
    answer, calls = app.calls_of(lambda: page.get("/me"))
    assert answer.status_code == 200 and calls == [VERIFY]
    assert page.access_token != refreshed and tokens.payload(page.access_token)["parentRefreshTokenHash1"] is None
    assert tokens.front_token(page.front_token)["up"] == tokens.payload(page.access_token)
    _, calls = app.calls_of(lambda: page.get("/me"))
    assert calls == []


def test_the_refreshed_access_token_may_be_verified_twice(app):
    """Two requests leave the page before the answer of the first brings the new token."""
    refreshed = sdk.access_token(sdk.refresh(sdk.refresh_token(sdk.create())))
    for _ in range(2):
        promoted = sdk.access_token(sdk.verify(refreshed))
        assert tokens.payload(promoted)["parentRefreshTokenHash1"] is None


def test_g9_the_old_token_still_works_until_the_new_one_was_used(app):
    session = sdk.create()
    old = sdk.refresh_token(session)
    sdk.refresh(old)
    again = sdk.refresh(old)
    assert again.get_handle() == session.get_handle()
    assert sdk.verify(sdk.access_token(again)).get_handle() == session.get_handle()


@pytest.mark.parametrize("used_by", ["verify", "refresh"])
def test_g9_the_old_token_is_theft_once_the_new_one_was_used(app, used_by):
    session = sdk.create("alice")
    old = sdk.refresh_token(session)
    refreshed = sdk.refresh(old)
    if used_by == "verify":
        sdk.verify(sdk.access_token(refreshed))
    else:
        sdk.refresh(sdk.refresh_token(refreshed))
    with pytest.raises(TokenTheftError) as theft:
        sdk.refresh(old)
    assert (theft.value.session_handle, theft.value.user_id) == (session.get_handle(), "alice")
    if sdk.KNOWS_RECIPE_USERS:
        assert theft.value.recipe_user_id.get_as_string() == "alice"
    # The server reports; what follows from it is the SDK's error handler's to decide.
    assert get_session_information(session.get_handle()) is not None


def test_g9_in_the_web_app_theft_ends_the_session_of_both(app, browser):
    owner = browser()
    handle = owner.sign_in("alice")["handle"]
    thief = owner.copy()
    owner.refresh()
    owner.get("/me")

    answer, calls = app.calls_of(thief.refresh)
    assert (answer.status_code, answer.json()) == (401, {"message": "token theft detected"})
    assert calls == [REFRESH, REMOVE]
    assert get_session_information(handle) is None
    assert (thief.access_token, thief.refresh_token, thief.front_token) == (None, None, "remove")

    assert owner.get("/me").status_code == 200, "an access token is good until its end"
    assert owner.get("/checked").json() == {"message": "unauthorised"}
    assert owner.refresh().json() == {"message": "unauthorised"}
    assert owner.access_token is None
    thief.http.close()


def test_g29_g30_a_token_that_makes_no_sense_is_unauthorised_and_says_why(app, browser):
    for nonsense in ("", "nonsense", "hp1_nonsense", "a.b.V2", "é" * 50):
        with pytest.raises(UnauthorisedError) as refused:
            sdk.refresh(nonsense)
        assert str(refused.value)
    page = browser()
    page.sign_in()
    page.http.cookies.set("sRefreshToken", "nonsense", domain="127.0.0.1", path=f"{sdk.API_BASE_PATH}/session/refresh")
    assert page.refresh().json() == {"message": "unauthorised"}


def test_a_refresh_whose_answer_was_lost_can_be_made_again(app, browser):
    page = browser()
    page.sign_in()
    connection_that_breaks = page.copy()
    assert connection_that_breaks.refresh().status_code == 200
    connection_that_breaks.http.close()

    assert page.refresh().status_code == 200
    assert page.get("/me").status_code == 200
    assert page.refresh().status_code == 200


def test_parallel_refreshes_all_succeed_and_meet_at_one_token(app, browser):
    page = browser()
    handle = page.sign_in()["handle"]
    tabs = [page.copy() for _ in range(8)]
    with ThreadPoolExecutor(len(tabs)) as pool:
        answers = list(pool.map(lambda tab: tab.refresh().status_code, tabs))
    assert answers == [200] * len(tabs)
    assert len({tab.refresh_token for tab in tabs}) == 1 and tabs[0].refresh_token != page.refresh_token

    for tab in tabs:
        assert tab.get("/me").json()["handle"] == handle
        assert tab.refresh().status_code == 200
        tab.http.close()


def test_parallel_verifications_of_one_refreshed_token_all_succeed(app, browser):
    page = browser()
    page.sign_in()
    page.refresh()
    tabs = [page.copy() for _ in range(8)]
    with ThreadPoolExecutor(len(tabs)) as pool:
        answers = list(pool.map(lambda tab: tab.get("/me").status_code, tabs))
    assert answers == [200] * len(tabs)
    for tab in tabs:
        assert tokens.payload(tab.access_token)["parentRefreshTokenHash1"] is None
        tab.http.close()


def test_g39_an_update_of_a_token_not_yet_seen_in_use_keeps_it_waiting(app):
    session = sdk.create()
    old = sdk.refresh_token(session)
    refreshed = sdk.refresh(old)
    parent = tokens.payload(sdk.access_token(refreshed))["parentRefreshTokenHash1"]
    refreshed.sync_merge_into_access_token_payload({"plan": "pro"})
    updated = tokens.payload(sdk.access_token(refreshed))
    assert (updated["parentRefreshTokenHash1"], updated["plan"]) == (parent, "pro")
    sdk.refresh(old)  # the new token was not used, so this is no theft

    promoted = sdk.verify(sdk.access_token(refreshed))
    payload = tokens.payload(sdk.access_token(promoted))
    assert (payload["parentRefreshTokenHash1"], payload["plan"]) == (None, "pro")
    with pytest.raises(TokenTheftError):
        sdk.refresh(old)


def test_a_long_life_of_refreshes_and_uses(app, browser):
    page = browser()
    handle = page.sign_in()["handle"]
    seen = set()
    for _ in range(10):
        assert page.refresh().status_code == 200
        assert page.get("/me").json()["handle"] == handle
        seen.add(page.refresh_token)
    assert len(seen) == 10

import pytest
from harness import sdk, tokens
from supertokens_python.async_to_sync_wrapper import sync
from supertokens_python.recipe.session.syncio import get_session_information, merge_into_access_token_payload

MILLISECONDS = 1763948096789
BIG = {"milliseconds": MILLISECONDS, "beyond_a_double": 2**53 + 1, "largest": 2**63 - 1, "smallest": -(2**63)}
PROTECTED_FIELD = "The user payload contains protected field"


def stored(session):
    return get_session_information(session.get_handle()).custom_claims_in_access_token_payload


def test_a_merge_adds_replaces_and_a_null_removes(app):
    session = sdk.create(payload={"keep": 1, "change": 1, "remove": 1, "nested": {"a": 1}})
    session.sync_merge_into_access_token_payload({"change": 2, "remove": None, "new": 3, "nested": {"b": None}})
    expected = {"keep": 1, "change": 2, "new": 3, "nested": {"b": None}}
    for payload in (session.get_access_token_payload(), tokens.payload(sdk.access_token(session)), stored(session)):
        assert {name: value for name, value in payload.items() if name not in sdk.PROTECTED | {"iss", "st-role", "st-perm"}} == expected


def test_a_merge_in_the_web_app_replaces_the_cookie_and_keeps_the_end_of_the_token(app, browser):
    page = browser()
    page.sign_in(payload={"plan": "free"})
    before = tokens.payload(page.access_token)
    answer, calls = app.calls_of(lambda: page.request("PUT", "/payload", {"plan": "pro"}))
    assert answer.json()["payload"]["plan"] == "pro" and calls == ["POST /recipe/session/regenerate"]
    after = tokens.payload(page.access_token)
    assert after["plan"] == "pro" and after["exp"] == before["exp"]
    assert {name for name in after if after[name] != before[name]} <= {"plan", "iat"}
    assert tokens.front_token(page.front_token)["up"]["plan"] == "pro"
    assert page.get("/me").json()["payload"]["plan"] == "pro"


def test_g38_a_change_by_handle_comes_with_the_next_look_at_the_database(app, browser):
    page = browser()
    handle = page.sign_in(payload={"plan": "free"})["handle"]
    assert merge_into_access_token_payload(handle, {"plan": "pro"}) is True
    assert page.get("/me").json()["payload"]["plan"] == "free"
    before = page.access_token
    assert page.get("/checked").json()["payload"]["plan"] == "pro"
    assert page.access_token != before
    answer, calls = app.calls_of(lambda: page.get("/me"))
    assert answer.json()["payload"]["plan"] == "pro" and calls == []


def test_a_change_by_handle_comes_with_the_next_refresh(app, browser):
    page = browser()
    handle = page.sign_in(payload={"plan": "free", "trial": True})["handle"]
    merge_into_access_token_payload(handle, {"plan": "pro", "trial": None})
    page.refresh()
    payload = page.get("/me").json()["payload"]
    assert payload["plan"] == "pro" and "trial" not in payload


def test_g36_whole_numbers_stay_what_they_are(app):
    session = sdk.create(payload=BIG, data=BIG)
    token = sdk.access_token(session)
    assert {name: tokens.payload(token)[name] for name in BIG} == BIG
    assert f'"milliseconds":{MILLISECONDS}' in tokens.payload_text(token).replace(" ", "")
    assert {name: stored(session)[name] for name in BIG} == BIG
    assert session.sync_get_session_data_from_database() == BIG

    refreshed = sdk.refresh(sdk.refresh_token(session))
    assert {name: refreshed.get_access_token_payload()[name] for name in BIG} == BIG
    refreshed.sync_merge_into_access_token_payload({"more": 2**53 + 3})
    assert tokens.payload(sdk.access_token(refreshed))["more"] == 2**53 + 3
    assert sdk.verify(sdk.access_token(refreshed)).get_access_token_payload()["beyond_a_double"] == 2**53 + 1


def test_any_json_comes_back_as_it_went(app):
    value = {"text": 'żółć 🎟 " \\ \n \u0000', "list": [1, [2.5, None], {}], "no": False, "nil": None, "": "", "0.5": 0.5}
    session = sdk.create(payload=value, data=value)
    for read in (stored(session), tokens.payload(sdk.access_token(session))):
        assert {name: read[name] for name in value} == value
    assert session.sync_get_session_data_from_database() == value


@pytest.mark.parametrize("name", sorted(sdk.PROTECTED))
def test_g11_a_protected_claim_at_creation_is_an_error_and_no_session(app, name):
    with pytest.raises(Exception, match=PROTECTED_FIELD):
        sync(sdk.create_uncleaned("alice", {name: "mine"}))
    answer = app.request("GET", "/recipe/session/user?userId=alice", cdi=sdk.CDI)
    assert answer.json() == {"status": "OK", "sessionHandles": []}


def test_a_protected_claim_by_handle_is_an_error_and_changes_nothing(app):
    session = sdk.create(payload={"plan": "free"})
    with pytest.raises(Exception, match=PROTECTED_FIELD):
        merge_into_access_token_payload(session.get_handle(), {"sub": "mallory", "plan": "pro"})
    assert stored(session)["plan"] == "free"


def test_a_protected_claim_in_a_merge_is_an_error_and_changes_nothing(app):
    session = sdk.create(payload={"plan": "free"})
    with pytest.raises(Exception, match=PROTECTED_FIELD):
        session.sync_merge_into_access_token_payload({"sessionHandle": "other", "plan": "pro"})
    assert stored(session)["plan"] == "free"


def test_nulls_inside_of_what_the_app_stores_stay_nulls(app):
    """The SDK drops members that a merge sets to null; what the server is given, it keeps."""
    body = {"userId": "alice", "userDataInJWT": {"a": None}, "userDataInDatabase": {"b": None}, "enableAntiCsrf": False}
    created = app.request("POST", "/public/recipe/session", body, cdi=sdk.CDI).json()
    handle = created["session"]["handle"]
    assert tokens.payload(created["accessToken"]["token"])["a"] is None
    read = app.request("GET", f"/recipe/session?sessionHandle={handle}", cdi=sdk.CDI).json()
    assert (read["userDataInJWT"], read["userDataInDatabase"]) == ({"a": None}, {"b": None})

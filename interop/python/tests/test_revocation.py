import pytest
from harness import sdk
from supertokens_python.recipe.session.exceptions import UnauthorisedError
from supertokens_python.recipe.session.syncio import (
    get_all_session_handles_for_user,
    get_session_information,
    merge_into_access_token_payload,
    revoke_all_sessions_for_user,
    revoke_multiple_sessions,
    revoke_session,
    update_session_data_in_database,
)


def test_one_session_is_revoked_by_its_handle_and_only_once(app):
    one, other = sdk.create("alice"), sdk.create("alice")
    assert revoke_session(one.get_handle()) is True
    assert revoke_session(one.get_handle()) is False
    assert get_all_session_handles_for_user("alice") == [other.get_handle()]


def test_g37_a_revoked_session_is_refused_with_the_database_and_good_without_it_until_its_end(app, browser):
    page = browser()
    revoke_session(page.sign_in()["handle"])
    assert page.get("/me").status_code == 200
    answer = page.get("/checked")
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorised"})


def test_g28_unknown_handles_are_no_error(app):
    assert revoke_session("") is False
    assert revoke_session("no-such-handle") is False
    assert revoke_multiple_sessions(["", "no-such-handle"]) == []
    assert revoke_multiple_sessions([]) == []
    assert update_session_data_in_database("no-such-handle", {"a": 1}) is False
    assert merge_into_access_token_payload("no-such-handle", {"a": 1}) is False
    for path, member in (("session", "userDataInDatabase"), ("jwt", "userDataInJWT")):
        answer = app.request("PUT", f"/recipe/{path}/data", {"sessionHandle": "no-such-handle", member: {}}, cdi=sdk.CDI)
        assert (answer.status_code, answer.json()["status"]) == (200, "UNAUTHORISED")
        assert isinstance(answer.json()["message"], str)


def test_several_sessions_are_revoked_at_once_and_the_answer_names_those_that_were_there(app):
    handles = [sdk.create("alice").get_handle() for _ in range(3)]
    assert sorted(revoke_multiple_sessions([*handles[:2], "no-such-handle"])) == sorted(handles[:2])
    assert get_all_session_handles_for_user("alice") == handles[2:]


def test_all_sessions_of_a_user_are_revoked_and_nobody_elses(app):
    handles = [sdk.create("alice").get_handle() for _ in range(3)]
    bob = sdk.create("bob").get_handle()
    assert sorted(revoke_all_sessions_for_user("alice")) == sorted(handles)
    assert revoke_all_sessions_for_user("alice") == []
    assert get_all_session_handles_for_user("alice") == []
    assert get_all_session_handles_for_user("bob") == [bob]


def test_g33_lists_of_nothing_are_empty_lists(app):
    assert get_all_session_handles_for_user("nobody") == []
    assert revoke_all_sessions_for_user("nobody") == []


def test_a_session_ends_itself_and_its_cookies_go(app, browser):
    page = browser()
    handle = page.sign_in()["handle"]
    assert page.request("DELETE", "/session").status_code == 200
    assert (page.access_token, page.refresh_token) == (None, None)
    assert get_session_information(handle) is None


def test_nothing_can_be_done_with_a_revoked_session(app):
    session = sdk.create()
    session.sync_revoke_session()
    for action in (
        lambda: sdk.refresh(sdk.refresh_token(session)),
        lambda: sdk.verify(sdk.access_token(session), check_database=True),
        lambda: session.sync_merge_into_access_token_payload({"a": 1}),
        lambda: session.sync_update_session_data_in_database({"a": 1}),
        session.sync_get_session_data_from_database,
        session.sync_get_expiry,
    ):
        with pytest.raises(UnauthorisedError):
            action()


def test_a_refreshed_session_that_was_revoked_is_refused_at_its_first_use(app, browser):
    page = browser()
    handle = page.sign_in()["handle"]
    page.refresh()
    revoke_session(handle)
    answer = page.get("/me")
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorised"})


def test_signing_out_ends_this_session_and_no_other(app, browser):
    here, there = browser(), browser()
    here.sign_in("alice")
    handle = there.sign_in("alice")["handle"]
    assert here.sign_out().status_code == 200
    assert get_all_session_handles_for_user("alice") == [handle]
    assert there.get("/checked").status_code == 200

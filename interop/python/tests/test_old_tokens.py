"""Sessions that were created through an older interface and live on."""

import pytest
from harness import sdk, tokens
from supertokens_python.recipe.session.exceptions import UnauthorisedError
from supertokens_python.recipe.session.syncio import get_session_information, merge_into_access_token_payload, revoke_session


def created_at(app, cdi: str, payload: dict) -> dict:
    tenant = "/public" if cdi >= "3" else ""
    body = {"userId": "alice", "userDataInJWT": payload, "userDataInDatabase": {}, "enableAntiCsrf": False}
    answer = app.request("POST", f"{tenant}/recipe/session", body, cdi=cdi)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("cdi", "version"), [("2.21", "3"), ("3.0", "4"), ("3.1", "4"), ("4.0", "5"), ("5.0", "5"), ("5.4", "5")])
def test_g46_a_session_of_another_version_is_verified_updated_and_refreshed_to_the_own_version(app, cdi, version):
    old = created_at(app, cdi, {"plan": "free"})
    token = old["accessToken"]["token"]
    assert tokens.header(token)["version"] == version
    session = sdk.verify(token, check_database=True)
    assert (session.get_handle(), session.get_user_id(), session.get_tenant_id()) == (old["session"]["handle"], "alice", "public")
    assert sdk.verify(token).get_user_id() == "alice"

    session.sync_merge_into_access_token_payload({"plan": "pro"})
    assert tokens.header(sdk.access_token(session))["version"] == version
    assert tokens.payload(sdk.access_token(session))["plan"] == "pro"

    refreshed = sdk.refresh(old["refreshToken"]["token"])
    assert tokens.header(sdk.access_token(refreshed))["version"] == sdk.TOKEN_VERSION
    assert set(tokens.payload(sdk.access_token(refreshed))) - {"iss"} == sdk.PROTECTED | {"plan"}
    promoted = sdk.verify(sdk.access_token(refreshed))
    assert promoted.get_access_token_payload()["plan"] == "pro"


@pytest.mark.parametrize("cdi", ["2.8", "2.18"])
def test_a_session_of_the_second_version_lives_on(app, cdi):
    old = created_at(app, cdi, {"plan": "free", "sub": "the app's own"})
    token, handle = old["accessToken"]["token"], old["session"]["handle"]
    assert token.split(".")[0] == "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIyIn0="
    session = sdk.verify(token)
    assert (session.get_handle(), session.get_user_id()) == (handle, "alice")
    assert session.get_access_token_payload() == {"plan": "free", "sub": "the app's own"}

    # Its payload has a claim that newer tokens need for themselves, so it cannot be refreshed before that is gone.
    with pytest.raises(UnauthorisedError):
        sdk.refresh(old["refreshToken"]["token"])
    assert merge_into_access_token_payload(handle, {"plan": "pro"}) is True
    refreshed = sdk.refresh(old["refreshToken"]["token"])
    assert tokens.header(sdk.access_token(refreshed))["version"] == sdk.TOKEN_VERSION
    assert sdk.verify(sdk.access_token(refreshed)).get_access_token_payload()["plan"] == "pro"


def test_g37_a_revoked_session_of_the_second_version_is_refused_with_the_database(app):
    old = created_at(app, "2.18", {"plan": "free"})
    token = old["accessToken"]["token"]
    assert sdk.verify(token, check_database=True).get_access_token_payload() == {"plan": "free"}
    assert revoke_session(old["session"]["handle"]) is True
    with pytest.raises(UnauthorisedError):
        sdk.verify(token, check_database=True)
    assert get_session_information(old["session"]["handle"]) is None

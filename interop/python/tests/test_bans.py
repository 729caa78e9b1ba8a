import pytest
from harness import sdk
from supertokens_python.recipe.session.exceptions import UnauthorisedError


def ban(app, path="/hallpass/ban"):
    answer = app.request("POST", path, {"userId": "mallory"}, cdi=sdk.CDI)
    assert (answer.status_code, answer.json()["status"]) == (200, "OK")


def test_the_sessions_of_a_banned_user_end_and_nobody_elses(app):
    session, other = sdk.create("mallory"), sdk.create("alice")
    ban(app)
    with pytest.raises(UnauthorisedError):
        sdk.verify(sdk.access_token(session), check_database=True)
    with pytest.raises(UnauthorisedError):
        sdk.refresh(sdk.refresh_token(session))
    assert sdk.verify(sdk.access_token(session)).get_user_id() == "mallory", "the database is not asked"
    sdk.refresh(sdk.refresh_token(other))


def test_a_banned_user_cannot_sign_in_until_the_ban_is_lifted(app):
    ban(app)
    with pytest.raises(Exception, match="status code: 403 and message: User is banned\n$"):
        sdk.create("mallory")
    sdk.create("alice")
    ban(app, "/hallpass/ban/remove")
    sdk.create("mallory")

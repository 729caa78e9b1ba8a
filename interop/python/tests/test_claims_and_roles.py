import pytest
from harness import sdk, tokens
from supertokens_python.recipe.session.claims import BooleanClaim, PrimitiveClaim
from supertokens_python.recipe.session.exceptions import InvalidClaimsError, UnauthorisedError
from supertokens_python.recipe.session.interfaces import SessionDoesNotExistError
from supertokens_python.recipe.session.syncio import (
    fetch_and_set_claim,
    get_claim_value,
    remove_claim,
    set_claim_value,
    validate_claims_for_session_handle,
)
from supertokens_python.recipe.userroles import PermissionClaim, UserRoleClaim
from supertokens_python.recipe.userroles.interfaces import UnknownRoleError
from supertokens_python.recipe.userroles.syncio import (
    add_role_to_user,
    create_new_role_or_add_permissions,
    delete_role,
    get_all_roles,
    get_permissions_for_role,
    get_roles_for_user,
    get_roles_that_have_permission,
    get_users_that_have_role,
    remove_permissions_from_role,
    remove_user_role,
)

PLAN = sdk.claim(PrimitiveClaim, "plan", lambda user_id, tenant: f"plan of {user_id} in {tenant}")
OVER_18 = sdk.claim(BooleanClaim, "over18", lambda user_id, tenant: True)


def give(user: str, role: str, *permissions: str, tenant: str = "public") -> None:
    create_new_role_or_add_permissions(role, list(permissions))
    add_role_to_user(tenant, user, role)


# Claims


def test_a_claim_is_set_read_and_removed_through_the_session(app):
    session = sdk.create()
    session.sync_set_claim_value(PLAN, "pro")
    assert session.sync_get_claim_value(PLAN) == "pro"
    assert tokens.payload(sdk.access_token(session))["plan"]["v"] == "pro"
    session.sync_fetch_and_set_claim(PLAN)
    assert session.sync_get_claim_value(PLAN) == "plan of alice in public"
    session.sync_remove_claim(PLAN)
    assert session.sync_get_claim_value(PLAN) is None
    assert "plan" not in tokens.payload(sdk.access_token(session))


def test_a_claim_is_set_read_and_removed_by_handle(app):
    session = sdk.create()
    handle = session.get_handle()
    assert set_claim_value(handle, PLAN, "pro") is True
    assert get_claim_value(handle, PLAN).value == "pro"
    assert fetch_and_set_claim(handle, PLAN) is True
    assert get_claim_value(handle, PLAN).value == "plan of alice in public"
    checked = sdk.verify(sdk.access_token(session), check_database=True)
    assert checked.sync_get_claim_value(PLAN) == "plan of alice in public"
    assert remove_claim(handle, PLAN) is True
    assert get_claim_value(handle, PLAN).value is None


def test_claims_of_a_session_that_is_not_there(app):
    assert set_claim_value("no-such-handle", PLAN, "pro") is False
    assert fetch_and_set_claim("no-such-handle", PLAN) is False
    assert remove_claim("no-such-handle", PLAN) is False
    assert isinstance(get_claim_value("no-such-handle", PLAN), SessionDoesNotExistError)
    assert isinstance(validate_claims_for_session_handle("no-such-handle"), SessionDoesNotExistError)
    session = sdk.create()
    session.sync_revoke_session()
    with pytest.raises(UnauthorisedError):
        session.sync_set_claim_value(PLAN, "pro")


def test_a_validator_that_needs_a_value_fetches_and_stores_it(app):
    session = sdk.create()
    session.sync_assert_claims([OVER_18.validators.is_true(None)])
    assert tokens.payload(sdk.access_token(session))["over18"]["v"] is True
    with pytest.raises(InvalidClaimsError):
        session.sync_assert_claims([OVER_18.validators.is_false(None)])


def test_validating_by_handle_stores_what_it_fetched(app):
    handle = sdk.create().get_handle()
    result = validate_claims_for_session_handle(handle, lambda others, _info, _context: [*others, OVER_18.validators.is_false(None)])
    assert len(result.invalid_claims) == 1
    assert get_claim_value(handle, OVER_18).value is True


# Roles and permissions


def test_a_role_is_created_once_and_gathers_permissions(app):
    assert create_new_role_or_add_permissions("editor", ["read"]).created_new_role is True
    assert create_new_role_or_add_permissions("editor", ["write", "read"]).created_new_role is False
    assert create_new_role_or_add_permissions("editor", []).created_new_role is False
    assert sorted(get_permissions_for_role("editor").permissions) == ["read", "write"]
    assert create_new_role_or_add_permissions("guest", []).created_new_role is True
    assert sorted(get_all_roles().roles) == ["editor", "guest"]
    assert get_permissions_for_role("guest").permissions == []


def test_permissions_are_taken_from_a_role_one_by_one(app):
    create_new_role_or_add_permissions("editor", ["read", "write", "publish"])
    remove_permissions_from_role("editor", ["write", "never-had"])
    assert sorted(get_permissions_for_role("editor").permissions) == ["publish", "read"]
    remove_permissions_from_role("editor", [])
    assert sorted(get_permissions_for_role("editor").permissions) == ["publish", "read"]


def test_a_user_gets_and_loses_roles(app):
    create_new_role_or_add_permissions("editor", [])
    assert add_role_to_user("public", "alice", "editor").did_user_already_have_role is False
    assert add_role_to_user("public", "alice", "editor").did_user_already_have_role is True
    assert get_roles_for_user("public", "alice").roles == ["editor"]
    assert get_users_that_have_role("public", "editor").users == ["alice"]
    assert remove_user_role("public", "alice", "editor").did_user_have_role is True
    assert remove_user_role("public", "alice", "editor").did_user_have_role is False
    assert get_roles_for_user("public", "alice").roles == []


def test_permissions_lead_to_roles(app):
    create_new_role_or_add_permissions("editor", ["write"])
    create_new_role_or_add_permissions("admin", ["write", "ban"])
    assert sorted(get_roles_that_have_permission("write").roles) == ["admin", "editor"]
    assert get_roles_that_have_permission("ban").roles == ["admin"]
    assert get_roles_that_have_permission("fly").roles == []


def test_deleting_a_role_takes_its_permissions_and_assignments_along(app):
    give("alice", "editor", "write")
    assert delete_role("editor").did_role_exist is True
    assert delete_role("editor").did_role_exist is False
    assert get_roles_for_user("public", "alice").roles == []
    assert get_roles_that_have_permission("write").roles == []
    assert get_all_roles().roles == []
    create_new_role_or_add_permissions("editor", [])
    assert get_permissions_for_role("editor").permissions == []
    assert get_users_that_have_role("public", "editor").users == []


def test_a_role_that_does_not_exist_is_said_to_be_unknown(app):
    assert isinstance(add_role_to_user("public", "alice", "nobody"), UnknownRoleError)
    assert isinstance(remove_user_role("public", "alice", "nobody"), UnknownRoleError)
    assert isinstance(get_users_that_have_role("public", "nobody"), UnknownRoleError)
    assert isinstance(get_permissions_for_role("nobody"), UnknownRoleError)
    assert isinstance(remove_permissions_from_role("nobody", ["read"]), UnknownRoleError)


def test_g33_lists_of_nothing_are_empty_lists(app):
    assert get_all_roles().roles == []
    assert get_roles_for_user("public", "nobody").roles == []
    create_new_role_or_add_permissions("guest", [])
    assert get_users_that_have_role("public", "guest").users == []


def test_names_are_trimmed_and_an_empty_one_is_refused(app):
    create_new_role_or_add_permissions("  editor ", [" write "])
    assert get_all_roles().roles == ["editor"]
    assert get_permissions_for_role("editor").permissions == ["write"]
    with pytest.raises(Exception, match="Field name 'role' cannot be an empty String"):
        create_new_role_or_add_permissions("  ", [])
    with pytest.raises(Exception, match="Field name 'permissions' cannot contain an empty string"):
        create_new_role_or_add_permissions("editor", [" "])


def test_role_names_are_exact(app):
    create_new_role_or_add_permissions("Editor", [])
    create_new_role_or_add_permissions("editor", [])
    add_role_to_user("public", "alice", "Editor")
    assert get_roles_for_user("public", "alice").roles == ["Editor"]
    assert get_roles_for_user("public", "Alice").roles == []
    assert get_users_that_have_role("public", "editor").users == []


def test_roles_and_permissions_are_in_the_token_from_sign_in_on(app, browser):
    give("alice", "admin", "ban", "write")
    give("alice", "editor", "write")
    page = browser()
    page.sign_in("alice")
    payload = tokens.payload(page.access_token)
    assert sorted(payload["st-role"]["v"]) == ["admin", "editor"]
    assert sorted(payload["st-perm"]["v"]) == ["ban", "write"]
    assert page.get("/admin").status_code == 200
    assert page.get("/editor").status_code == 200


def test_a_page_that_needs_a_role_is_closed_to_others(app, browser):
    page = browser()
    page.sign_in("bob")
    for path, claim in (("/admin", "st-role"), ("/editor", "st-perm")):
        answer = page.get(path)
        assert answer.status_code == 403
        (error,) = answer.json()["claimValidationErrors"]
        assert error["id"] == claim


def test_a_role_given_later_counts_once_the_claim_is_fetched_anew(app, browser):
    page = browser()
    handle = page.sign_in("bob")["handle"]
    give("bob", "admin", "write")
    assert page.get("/admin").status_code == 403
    for claim in (UserRoleClaim, PermissionClaim):
        assert fetch_and_set_claim(handle, claim) is True
    assert page.get("/checked").status_code == 200
    assert page.get("/admin").status_code == 200
    assert page.get("/editor").status_code == 200

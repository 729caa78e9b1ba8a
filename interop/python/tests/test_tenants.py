import pytest
from harness import sdk, tokens
from supertokens_python.recipe.multitenancy.syncio import (
    create_or_update_tenant,
    create_or_update_third_party_config,
    delete_tenant,
    delete_third_party_config,
    get_tenant,
    list_all_tenants,
)
from supertokens_python.recipe.session.exceptions import TryRefreshTokenError, UnauthorisedError
from supertokens_python.recipe.session.syncio import (
    get_all_session_handles_for_user,
    get_session_information,
    merge_into_access_token_payload,
    revoke_all_sessions_for_user,
    revoke_session,
)
from supertokens_python.recipe.thirdparty.provider import ProviderClientConfig, ProviderConfig
from supertokens_python.recipe.usermetadata.syncio import get_user_metadata, update_user_metadata
from supertokens_python.recipe.userroles.syncio import (
    add_role_to_user,
    create_new_role_or_add_permissions,
    get_roles_for_user,
    get_users_that_have_role,
)

with_flags = pytest.mark.skipif(sdk.KNOWS_RECIPE_USERS, reason="this version of the SDK uses first factors")
with_first_factors = pytest.mark.skipif(not sdk.KNOWS_RECIPE_USERS, reason="this version of the SDK uses flags")


def create_tenant(name: str, config=sdk.NO_CHANGE_TO_A_TENANT) -> bool:
    return create_or_update_tenant(name, config).created_new


# The tenants themselves


def test_a_tenant_is_created_once_listed_and_deleted_once(app):
    assert create_tenant("t1") is True
    assert create_tenant("t1") is False
    assert {tenant.tenant_id for tenant in list_all_tenants().tenants} == {"public", "t1"}
    assert delete_tenant("t1").did_exist is True
    assert delete_tenant("t1").did_exist is False  # G27
    assert {tenant.tenant_id for tenant in list_all_tenants().tenants} == {"public"}


def test_a_tenant_that_does_not_exist_is_none(app):
    assert get_tenant("t1") is None
    assert get_tenant("public") is not None


@pytest.mark.parametrize("name", ["with_underscore", "recipe", "config", "users", "hello", "appid-x", "a.b", " "])
def test_a_name_that_cannot_be_in_a_path_is_refused(app, name):
    with pytest.raises(Exception, match="status code: 400"):
        create_tenant(name)


def test_the_public_tenant_stays(app):
    with pytest.raises(Exception, match="status code: 403"):
        delete_tenant("public")


@with_first_factors
def test_g25_a_new_tenant_has_no_first_factors_and_an_empty_core_config(app):
    create_tenant("t1")
    tenant = get_tenant("t1")
    assert (tenant.tenant_id, tenant.first_factors, tenant.core_config) == ("t1", [], {})
    assert tenant.required_secondary_factors is None and tenant.third_party_providers == []
    public = get_tenant("public")
    assert (public.first_factors, public.core_config) == (None, {})


@with_first_factors
def test_factors_are_set_and_cleared(app):
    from supertokens_python.recipe.multitenancy.interfaces import TenantConfigCreateOrUpdate as Config

    create_tenant("t1", Config(first_factors=["emailpassword", "custom"], required_secondary_factors=["totp"]))
    tenant = get_tenant("t1")
    assert (sorted(tenant.first_factors), tenant.required_secondary_factors) == (["custom", "emailpassword"], ["totp"])
    create_tenant("t1", Config(first_factors=["thirdparty"]))
    tenant = get_tenant("t1")
    assert (tenant.first_factors, tenant.required_secondary_factors) == (["thirdparty"], ["totp"])
    create_tenant("t1", Config(first_factors=[], required_secondary_factors=None))
    tenant = get_tenant("t1")
    assert (tenant.first_factors, tenant.required_secondary_factors) == ([], None)
    create_tenant("t1", Config(first_factors=None))
    assert get_tenant("t1").first_factors is None
    with pytest.raises(Exception, match="status code: 400"):
        create_tenant("t1", Config(first_factors=["thirdparty", "thirdparty"]))
    with pytest.raises(Exception, match="status code: 400"):
        create_tenant("t1", Config(first_factors=["no spaces"]))


@with_first_factors
def test_a_core_config_of_a_tenant_is_echoed_as_given_and_merged(app):
    from supertokens_python.recipe.multitenancy.interfaces import TenantConfigCreateOrUpdate as Config

    create_tenant("t1", Config(core_config={"password_reset_token_lifetime": "1000"}))
    assert get_tenant("t1").core_config == {"password_reset_token_lifetime": "1000"}
    create_tenant("t1", Config(core_config={"email_verification_token_lifetime": 2000}))
    assert get_tenant("t1").core_config == {"password_reset_token_lifetime": "1000", "email_verification_token_lifetime": 2000}
    create_tenant("t1", Config(core_config={"password_reset_token_lifetime": None}))
    assert get_tenant("t1").core_config == {"email_verification_token_lifetime": 2000}


@with_flags
def test_g32_a_tenant_allows_what_its_flags_say(app):
    from supertokens_python.recipe.multitenancy.interfaces import TenantConfig as Config

    def flags(name):
        tenant = get_tenant(name)
        return tenant.emailpassword.enabled, tenant.third_party.enabled, tenant.passwordless.enabled

    assert flags("public") == (True, True, True)
    create_tenant("t1", Config(email_password_enabled=True))
    assert flags("t1") == (True, False, False)
    create_tenant("t1", Config(third_party_enabled=True, passwordless_enabled=True))
    assert flags("t1") == (True, True, True)
    create_tenant("t1", Config(email_password_enabled=False))
    assert flags("t1") == (False, True, True)
    (listed,) = [tenant for tenant in list_all_tenants().tenants if tenant.tenant_id == "t1"]
    assert (listed.emailpassword.enabled, listed.third_party.enabled) == (False, True)
    assert get_tenant("t1").core_config == {}
    create_tenant("t2")
    assert flags("t2") == (False, False, False)


def test_a_mistake_in_a_core_config_is_refused_and_nothing_is_created(app):
    body = {"tenantId": "t1", "coreConfig": {"no_such_setting": 1}}
    answer = app.request("PUT", "/recipe/multitenancy/tenant/v2", body)
    assert answer.status_code == 400 and answer.text.startswith("Invalid core config: ")
    assert get_tenant("t1") is None


def test_a_provider_is_kept_for_the_sdk(app):
    def providers():
        tenant = get_tenant("t1")
        return tenant.third_party_providers if sdk.KNOWS_RECIPE_USERS else tenant.third_party.providers

    create_tenant("t1")
    assert providers() == []
    client = ProviderClientConfig("client-id", "secret", scope=["profile"], force_pkce=False)
    config = ProviderConfig("custom", "Custom", [client], token_endpoint_body_params={"resource": None, "a": "b"})
    assert create_or_update_third_party_config("t1", config).created_new is True
    assert create_or_update_third_party_config("t1", config).created_new is False
    (provider,) = providers()
    assert (provider.third_party_id, provider.name) == ("custom", "Custom")
    assert (provider.clients[0].client_id, provider.clients[0].client_secret, provider.clients[0].scope) == (
        "client-id",
        "secret",
        ["profile"],
    )
    assert provider.token_endpoint_body_params == {"resource": None, "a": "b"}
    assert delete_third_party_config("t1", "custom").did_config_exist is True
    assert delete_third_party_config("t1", "custom").did_config_exist is False
    assert providers() == []


# What is inside them


def test_g40_a_session_of_a_tenant_is_found_without_naming_the_tenant(app):
    create_tenant("t1")
    session = sdk.create("alice", {"plan": "free"}, tenant="t1")
    assert session.get_handle().endswith("_t1") and session.get_tenant_id() == "t1"
    assert tokens.payload(sdk.access_token(session))["tId"] == "t1"
    assert sdk.verify(sdk.access_token(session), check_database=True).get_tenant_id() == "t1"
    info = get_session_information(session.get_handle())
    assert (info.tenant_id, info.user_id) == ("t1", "alice")

    refreshed = sdk.refresh(sdk.refresh_token(session))
    assert refreshed.get_tenant_id() == "t1"
    promoted = sdk.verify(sdk.access_token(refreshed))
    assert promoted.get_tenant_id() == "t1"
    promoted.sync_merge_into_access_token_payload({"plan": "pro"})
    assert merge_into_access_token_payload(session.get_handle(), {"more": 1}) is True
    checked = sdk.verify(sdk.access_token(promoted), check_database=True).get_access_token_payload()
    assert (checked["plan"], checked["more"], checked["tId"]) == ("pro", 1, "t1")
    promoted.sync_update_session_data_in_database({"a": 1})
    assert promoted.sync_get_session_data_from_database() == {"a": 1}
    assert revoke_session(session.get_handle()) is True


def test_a_session_of_a_tenant_through_the_web_app(app, browser):
    create_tenant("t1")
    page = browser()
    handle = page.sign_in("alice", tenant="t1")["handle"]
    assert page.get("/checked").json()["tenant"] == "t1"
    assert page.refresh().status_code == 200
    assert page.get("/me").json()["handle"] == handle
    assert page.sign_out().status_code == 200
    assert get_session_information(handle) is None


def test_sessions_are_listed_and_revoked_in_one_tenant_or_in_all(app):
    create_tenant("t1")
    create_tenant("t2")
    handles = {tenant: sdk.create("alice", tenant=tenant).get_handle() for tenant in ("public", "t1", "t2")}
    assert sorted(get_all_session_handles_for_user("alice")) == sorted(handles.values())
    for tenant, handle in handles.items():
        assert get_all_session_handles_for_user("alice", tenant_id=tenant) == [handle]
    assert revoke_all_sessions_for_user("alice", tenant_id="t1") == [handles["t1"]]
    assert sorted(get_all_session_handles_for_user("alice")) == sorted([handles["public"], handles["t2"]])
    assert sorted(revoke_all_sessions_for_user("alice")) == sorted([handles["public"], handles["t2"]])


def test_roles_are_of_the_app_and_who_has_them_is_of_the_tenant(app):
    create_tenant("t1")
    create_new_role_or_add_permissions("editor", ["write"])
    add_role_to_user("t1", "alice", "editor")
    assert get_roles_for_user("t1", "alice").roles == ["editor"]
    assert get_roles_for_user("public", "alice").roles == []
    assert get_users_that_have_role("t1", "editor").users == ["alice"]
    assert get_users_that_have_role("public", "editor").users == []
    for tenant, roles in (("t1", ["editor"]), ("public", [])):
        assert tokens.payload(sdk.access_token(sdk.create("alice", tenant=tenant)))["st-role"]["v"] == roles


def test_deleting_a_tenant_ends_its_sessions_and_forgets_who_had_which_role(app):
    create_tenant("t1")
    create_new_role_or_add_permissions("editor", [])
    add_role_to_user("t1", "alice", "editor")
    inside, outside = sdk.create("alice", tenant="t1"), sdk.create("alice")
    delete_tenant("t1")
    assert get_all_session_handles_for_user("alice") == [outside.get_handle()]
    with pytest.raises(UnauthorisedError):
        sdk.refresh(sdk.refresh_token(inside))
    create_tenant("t1")
    assert get_roles_for_user("t1", "alice").roles == []
    assert get_session_information(inside.get_handle()) is None


def test_a_user_taken_out_of_a_tenant_loses_the_sessions_and_roles_there(app):
    create_tenant("t1")
    create_new_role_or_add_permissions("editor", [])
    for tenant in ("public", "t1"):
        add_role_to_user(tenant, "alice", "editor")
    outside = sdk.create("alice")
    sdk.create("alice", tenant="t1")
    assert sdk.take_out_of_tenant("t1", "alice") is True
    assert sdk.take_out_of_tenant("t1", "alice") is False
    assert get_all_session_handles_for_user("alice") == [outside.get_handle()]
    assert (get_roles_for_user("t1", "alice").roles, get_roles_for_user("public", "alice").roles) == ([], ["editor"])


def test_nothing_can_be_created_in_a_tenant_that_does_not_exist(app):
    with pytest.raises(Exception, match="status code: 400 .*AppId or tenantId not found => "):
        sdk.create("alice", tenant="t1")


def test_apps_know_nothing_of_each_other(connect):
    one = connect()
    session = sdk.create("alice")
    create_new_role_or_add_permissions("editor", [])
    add_role_to_user("public", "alice", "editor")
    update_user_metadata("alice", {"a": 1})
    create_tenant("t1")

    connect()
    assert get_session_information(session.get_handle()) is None
    assert get_all_session_handles_for_user("alice") == []
    assert get_roles_for_user("public", "alice").roles == []
    assert get_user_metadata("alice").metadata == {}
    assert get_tenant("t1") is None
    with pytest.raises(UnauthorisedError):
        sdk.refresh(sdk.refresh_token(session))
    with pytest.raises(TryRefreshTokenError):
        sdk.verify(sdk.access_token(session))
    assert revoke_session(session.get_handle()) is False

    connect(app=one)
    assert sdk.verify(sdk.access_token(session), check_database=True).get_user_id() == "alice"

package interop

import (
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/multitenancy"
	"github.com/supertokens/supertokens-golang/recipe/multitenancy/multitenancymodels"
	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
	"github.com/supertokens/supertokens-golang/recipe/thirdparty/tpmodels"
	"github.com/supertokens/supertokens-golang/recipe/usermetadata"
	"github.com/supertokens/supertokens-golang/recipe/userroles"
)

type tenantConfig = multitenancymodels.TenantConfig

func createTenant(name string, config tenantConfig) bool {
	running.Helper()
	return must(multitenancy.CreateOrUpdateTenant(name, config)).OK.CreatedNew
}

func tenantIds() []string {
	running.Helper()
	var ids []string
	for _, tenant := range must(multitenancy.ListAllTenants()).OK.Tenants {
		ids = append(ids, tenant.TenantId)
	}
	return sorted(ids)
}

func Test_a_tenant_is_created_once_listed_and_deleted_once(t *testing.T) {
	connect(t, options{})
	equal(t, []bool{createTenant("t1", tenantConfig{}), createTenant("t1", tenantConfig{})}, []bool{true, false})
	equal(t, tenantIds(), []string{"public", "t1"})
	existed := func() bool { return must(multitenancy.DeleteTenant("t1")).OK.DidExist }
	equal(t, []bool{existed(), existed()}, []bool{true, false}) // G27
	equal(t, tenantIds(), []string{"public"})
	equal(t, must(multitenancy.GetTenant("t1")) == nil, true)
}

func TestG32_a_tenant_allows_what_its_flags_say(t *testing.T) {
	connect(t, options{})
	flags := func(name string) []bool {
		tenant := must(multitenancy.GetTenant(name))
		return []bool{tenant.EmailPassword.Enabled, tenant.ThirdParty.Enabled, tenant.Passwordless.Enabled}
	}
	yes, no := pointer(true), pointer(false)
	equal(t, flags("public"), []bool{true, true, true})
	createTenant("t1", tenantConfig{EmailPasswordEnabled: yes})
	equal(t, flags("t1"), []bool{true, false, false})
	createTenant("t1", tenantConfig{ThirdPartyEnabled: yes, PasswordlessEnabled: yes})
	equal(t, flags("t1"), []bool{true, true, true})
	createTenant("t1", tenantConfig{EmailPasswordEnabled: no})
	equal(t, flags("t1"), []bool{false, true, true})
	createTenant("t2", tenantConfig{})
	equal(t, flags("t2"), []bool{false, false, false})
	for _, tenant := range must(multitenancy.ListAllTenants()).OK.Tenants {
		equal(t, tenant.EmailPassword.Enabled, tenant.TenantId == "public")
		equal(t, tenant.CoreConfig, object{})
	}
}

func Test_a_core_config_of_a_tenant_is_echoed_as_given_and_merged(t *testing.T) {
	connect(t, options{})
	config := func() object { return must(multitenancy.GetTenant("t1")).CoreConfig }
	createTenant("t1", tenantConfig{CoreConfig: object{"password_reset_token_lifetime": "1000"}})
	equal(t, config(), object{"password_reset_token_lifetime": "1000"})
	createTenant("t1", tenantConfig{CoreConfig: object{"email_verification_token_lifetime": 2000}})
	equal(t, config(), object{"password_reset_token_lifetime": "1000", "email_verification_token_lifetime": 2000.0})
	createTenant("t1", tenantConfig{CoreConfig: object{"password_reset_token_lifetime": nil}})
	equal(t, config(), object{"email_verification_token_lifetime": 2000.0})
	_, err := multitenancy.CreateOrUpdateTenant("t2", tenantConfig{CoreConfig: object{"no_such_setting": 1}})
	failsWith(t, err, "Invalid core config: ")
}

func Test_names_that_cannot_be_in_a_path_and_the_public_tenant(t *testing.T) {
	connect(t, options{})
	for _, name := range []string{"with_underscore", "recipe", "config", "users", "hello", "appid-x", "a.b"} {
		_, err := multitenancy.CreateOrUpdateTenant(name, tenantConfig{})
		failsWith(t, err, "status code: 400")
	}
	_, err := multitenancy.DeleteTenant("public")
	failsWith(t, err, "status code: 403")
}

func Test_a_provider_is_kept_for_the_sdk(t *testing.T) {
	connect(t, options{})
	createTenant("t1", tenantConfig{})
	provider := tpmodels.ProviderConfig{
		ThirdPartyId: "custom", Name: "Custom",
		Clients:                 []tpmodels.ProviderClientConfig{{ClientID: "client-id", ClientSecret: "secret", Scope: []string{"profile"}}},
		TokenEndpointBodyParams: object{"resource": nil, "a": "b"},
	}
	put := func() bool {
		return must(multitenancy.CreateOrUpdateThirdPartyConfig("t1", provider, nil)).OK.CreatedNew
	}
	equal(t, []bool{put(), put()}, []bool{true, false})
	kept := must(multitenancy.GetTenant("t1")).ThirdParty.Providers
	equal(t, len(kept), 1)
	equal(t, []interface{}{kept[0].ThirdPartyId, kept[0].Name, kept[0].TokenEndpointBodyParams}, []interface{}{"custom", "Custom", object{"resource": nil, "a": "b"}})
	equal(t, kept[0].Clients[0].Scope, []string{"profile"})
	existed := func() bool { return must(multitenancy.DeleteThirdPartyConfig("t1", "custom")).OK.DidConfigExist }
	equal(t, []bool{existed(), existed()}, []bool{true, false})
}

func TestG40_a_session_of_a_tenant_is_found_without_naming_the_tenant(t *testing.T) {
	connect(t, options{})
	createTenant("t1", tenantConfig{})
	s := createIn("t1", "alice", object{"plan": "free"})
	equal(t, strings.HasSuffix(s.GetHandle(), "_t1"), true)
	equal(t, payload(accessToken(s))["tId"], "t1")
	equal(t, must(verifyWithDatabase(accessToken(s))).GetTenantId(), "t1")
	equal(t, stored(s.GetHandle()).TenantId, "t1")

	refreshed := must(refresh(refreshToken(s)))
	promoted := must(verify(accessToken(refreshed)))
	equal(t, []string{refreshed.GetTenantId(), promoted.GetTenantId()}, []string{"t1", "t1"})
	equal(t, promoted.MergeIntoAccessTokenPayload(object{"plan": "pro"}), nil)
	equal(t, must(session.MergeIntoAccessTokenPayload(s.GetHandle(), object{"more": "1"})), true)
	checked := must(verifyWithDatabase(accessToken(promoted))).GetAccessTokenPayload()
	equal(t, []interface{}{checked["plan"], checked["more"], checked["tId"]}, []interface{}{"pro", "1", "t1"})
	equal(t, must(session.RevokeSession(s.GetHandle())), true)
}

func Test_a_session_of_a_tenant_through_the_web_app(t *testing.T) {
	_, site := connect(t, options{})
	createTenant("t1", tenantConfig{})
	page := site.browser()
	handle := page.signIn(form{User: "alice", Tenant: "t1"})["handle"].(string)
	equal(t, page.get("/checked").json()["tenant"], "t1")
	equal(t, page.refresh().status, 200)
	equal(t, page.get("/me").json()["handle"], handle)
	equal(t, page.signOut().status, 200)
	equal(t, stored(handle) == nil, true)
}

func TestG42_sessions_are_listed_and_revoked_in_one_tenant_or_in_all(t *testing.T) {
	connect(t, options{})
	all := map[string]string{}
	for _, tenant := range []string{"public", "t1", "t2"} {
		if tenant != "public" {
			createTenant(tenant, tenantConfig{})
		}
		all[tenant] = createIn(tenant, "alice", nil).GetHandle()
		equal(t, must(session.GetAllSessionHandlesForUser("alice", pointer(tenant))), []string{all[tenant]})
	}
	equal(t, handles("alice"), sorted([]string{all["public"], all["t1"], all["t2"]}))
	equal(t, must(session.RevokeAllSessionsForUser("alice", pointer("t1"))), []string{all["t1"]})
	equal(t, sorted(must(session.RevokeAllSessionsForUser("alice", nil))), sorted([]string{all["public"], all["t2"]}))
}

func Test_roles_are_of_the_app_and_who_has_them_is_of_the_tenant(t *testing.T) {
	connect(t, options{})
	createTenant("t1", tenantConfig{})
	must(userroles.CreateNewRoleOrAddPermissions("editor", []string{}))
	must(userroles.AddRoleToUser("t1", "alice", "editor"))
	equal(t, [][]string{rolesOf("t1", "alice"), rolesOf("public", "alice")}, [][]string{{"editor"}, {}})
}

func Test_deleting_a_tenant_ends_its_sessions_and_forgets_who_had_which_role(t *testing.T) {
	connect(t, options{})
	createTenant("t1", tenantConfig{})
	must(userroles.CreateNewRoleOrAddPermissions("editor", []string{}))
	must(userroles.AddRoleToUser("t1", "alice", "editor"))
	inside, outside := createIn("t1", "alice", nil), create("alice", nil)
	must(multitenancy.DeleteTenant("t1"))
	equal(t, handles("alice"), []string{outside.GetHandle()})
	_, err := refresh(refreshToken(inside))
	fails[sessionerrors.UnauthorizedError](t, err)
	createTenant("t1", tenantConfig{})
	equal(t, rolesOf("t1", "alice"), []string{})
}

func Test_a_user_taken_out_of_a_tenant_loses_the_sessions_and_roles_there(t *testing.T) {
	connect(t, options{})
	createTenant("t1", tenantConfig{})
	give("alice", "editor", "write")
	must(userroles.AddRoleToUser("t1", "alice", "editor"))
	outside := create("alice", nil)
	createIn("t1", "alice", nil)
	was := func() bool { return must(multitenancy.DisassociateUserFromTenant("t1", "alice")).OK.WasAssociated }
	equal(t, []bool{was(), was()}, []bool{true, false})
	equal(t, handles("alice"), []string{outside.GetHandle()})
	equal(t, [][]string{rolesOf("t1", "alice"), rolesOf("public", "alice")}, [][]string{{}, {"editor"}})
}

// The SDK reads only the flag and panics where there is none.
func Test_a_user_whom_nobody_knows_is_put_into_no_tenant(t *testing.T) {
	connect(t, options{})
	createTenant("t1", tenantConfig{})
	equal(t, must(multitenancy.AssociateUserToTenant("t1", "nobody")).OK.WasAlreadyAssociated, false)
}

func Test_nothing_can_be_created_in_a_tenant_that_does_not_exist(t *testing.T) {
	connect(t, options{})
	_, err := session.CreateNewSessionWithoutRequestResponse("t1", "alice", object{}, object{}, nil)
	failsWith(t, err, "status code: 400 and message: AppId or tenantId not found => ")
}

func Test_apps_know_nothing_of_each_other(t *testing.T) {
	one, _ := connect(t, options{})
	s := create("alice", nil)
	give("alice", "editor", "write")
	must(usermetadata.UpdateUserMetadata("alice", object{"a": 1}))
	createTenant("t1", tenantConfig{})

	connect(t, options{})
	equal(t, stored(s.GetHandle()) == nil, true)
	equal(t, [][]string{handles("alice"), rolesOf("public", "alice"), allRoles(), tenantIds()}, [][]string{{}, {}, {}, {"public"}})
	equal(t, metadata("alice"), object{})
	_, err := refresh(refreshToken(s))
	fails[sessionerrors.UnauthorizedError](t, err)
	_, err = verify(accessToken(s))
	fails[sessionerrors.TryRefreshTokenError](t, err)
	equal(t, must(session.RevokeSession(s.GetHandle())), false)

	connect(t, options{app: one})
	equal(t, must(verifyWithDatabase(accessToken(s))).GetUserID(), "alice")
}

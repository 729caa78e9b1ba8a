package interop

import (
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	"github.com/supertokens/supertokens-golang/recipe/session/claims"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
	"github.com/supertokens/supertokens-golang/recipe/userroles"
	"github.com/supertokens/supertokens-golang/recipe/userroles/userrolesclaims"
	"github.com/supertokens/supertokens-golang/supertokens"
)

var planClaim, planValidators = claims.PrimitiveClaim("plan", func(user, tenant string, _ supertokens.UserContext) (interface{}, error) {
	return "plan of " + user + " in " + tenant, nil
}, nil)

func give(user, role string, permissions ...string) {
	running.Helper()
	must(userroles.CreateNewRoleOrAddPermissions(role, permissions))
	must(userroles.AddRoleToUser("public", user, role))
}

func rolesOf(tenant, user string) []string {
	running.Helper()
	return sorted(must(userroles.GetRolesForUser(tenant, user)).OK.Roles)
}

func allRoles() []string {
	running.Helper()
	return sorted(must(userroles.GetAllRoles()).OK.Roles)
}

func permissionsOf(role string) []string {
	running.Helper()
	return sorted(must(userroles.GetPermissionsForRole(role)).OK.Permissions)
}

func Test_a_claim_is_set_read_and_removed_through_the_session(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	equal(t, s.SetClaimValue(planClaim, "pro"), nil)
	equal(t, s.GetClaimValue(planClaim), "pro")
	equal(t, payload(accessToken(s))["plan"].(object)["v"], "pro")
	equal(t, s.FetchAndSetClaim(planClaim), nil)
	equal(t, s.GetClaimValue(planClaim), "plan of alice in public")
	equal(t, s.RemoveClaim(planClaim), nil)
	equal(t, s.GetClaimValue(planClaim), nil)
}

func Test_a_claim_is_set_read_and_removed_by_handle(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	value := func() interface{} { return must(session.GetClaimValue(s.GetHandle(), planClaim)).OK.Value }
	equal(t, must(session.SetClaimValue(s.GetHandle(), planClaim, "pro")), true)
	equal(t, value(), "pro")
	equal(t, must(session.FetchAndSetClaim(s.GetHandle(), planClaim)), true)
	equal(t, value(), "plan of alice in public")
	equal(t, must(verifyWithDatabase(accessToken(s))).GetClaimValue(planClaim), "plan of alice in public")
	equal(t, must(session.RemoveClaim(s.GetHandle(), planClaim)), true)
	equal(t, value(), nil)
}

func Test_claims_of_a_session_that_is_not_there(t *testing.T) {
	connect(t, options{})
	equal(t, must(session.SetClaimValue("no-such-handle", planClaim, "pro")), false)
	equal(t, must(session.FetchAndSetClaim("no-such-handle", planClaim)), false)
	equal(t, must(session.RemoveClaim("no-such-handle", planClaim)), false)
	equal(t, must(session.GetClaimValue("no-such-handle", planClaim)).SessionDoesNotExistError != nil, true)
	equal(t, must(session.ValidateClaimsForSessionHandle("no-such-handle", nil)).SessionDoesNotExistError != nil, true)
}

func Test_a_validator_that_needs_a_value_fetches_and_stores_it(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	equal(t, s.AssertClaims([]claims.SessionClaimValidator{planValidators.HasValue("plan of alice in public", nil, nil)}), nil)
	equal(t, stored(s.GetHandle()).CustomClaimsInAccessTokenPayload["plan"].(object)["v"], "plan of alice in public")
	fails[sessionerrors.InvalidClaimError](t, s.AssertClaims([]claims.SessionClaimValidator{planValidators.HasValue("other", nil, nil)}))

	other := create("bob", nil)
	result := must(session.ValidateClaimsForSessionHandle(other.GetHandle(), func(others []claims.SessionClaimValidator, _ sessmodels.SessionInformation, _ supertokens.UserContext) []claims.SessionClaimValidator {
		return append(others, planValidators.HasValue("other", nil, nil))
	}))
	equal(t, len(result.OK.InvalidClaims), 1)
	equal(t, must(session.GetClaimValue(other.GetHandle(), planClaim)).OK.Value, "plan of bob in public")
}

func Test_a_role_is_created_once_and_gathers_permissions(t *testing.T) {
	connect(t, options{})
	created := func(permissions ...string) bool {
		return must(userroles.CreateNewRoleOrAddPermissions("editor", permissions)).OK.CreatedNewRole
	}
	equal(t, []bool{created("read"), created("write", "read"), created([]string{}...)}, []bool{true, false, false})
	equal(t, permissionsOf("editor"), []string{"read", "write"})
}

func Test_a_role_may_be_created_with_no_list_of_permissions_at_all(t *testing.T) {
	connect(t, options{})
	equal(t, must(userroles.CreateNewRoleOrAddPermissions("guest", nil)).OK.CreatedNewRole, true) // sent as `"permissions": null`
	equal(t, permissionsOf("guest"), []string{})
}

func Test_permissions_are_taken_from_a_role_one_by_one(t *testing.T) {
	connect(t, options{})
	must(userroles.CreateNewRoleOrAddPermissions("editor", []string{"read", "write", "publish"}))
	equal(t, must(userroles.RemovePermissionsFromRole("editor", []string{"write", "never-had"})).OK != nil, true)
	equal(t, permissionsOf("editor"), []string{"publish", "read"})
	must(userroles.RemovePermissionsFromRole("editor", []string{}))
	equal(t, permissionsOf("editor"), []string{"publish", "read"})
}

func Test_a_user_gets_and_loses_roles(t *testing.T) {
	connect(t, options{})
	must(userroles.CreateNewRoleOrAddPermissions("editor", []string{}))
	had := func() bool {
		return must(userroles.AddRoleToUser("public", "alice", "editor")).OK.DidUserAlreadyHaveRole
	}
	equal(t, []bool{had(), had()}, []bool{false, true})
	equal(t, rolesOf("public", "alice"), []string{"editor"})
	equal(t, must(userroles.GetUsersThatHaveRole("public", "editor")).OK.Users, []string{"alice"})
	lost := func() bool { return must(userroles.RemoveUserRole("public", "alice", "editor")).OK.DidUserHaveRole }
	equal(t, []bool{lost(), lost()}, []bool{true, false})
	equal(t, rolesOf("public", "alice"), []string{})
}

func Test_permissions_lead_to_roles(t *testing.T) {
	connect(t, options{})
	must(userroles.CreateNewRoleOrAddPermissions("editor", []string{"write"}))
	must(userroles.CreateNewRoleOrAddPermissions("admin", []string{"write", "ban"}))
	for permission, roles := range map[string][]string{"write": {"admin", "editor"}, "ban": {"admin"}, "fly": {}} {
		equal(t, sorted(must(userroles.GetRolesThatHavePermission(permission)).OK.Roles), roles)
	}
}

func Test_deleting_a_role_takes_its_permissions_and_assignments_along(t *testing.T) {
	connect(t, options{})
	give("alice", "editor", "write")
	// The SDK panics when it is given no context here.
	existed := func() bool { return must(userroles.DeleteRole("editor", &object{})).OK.DidRoleExist }
	equal(t, []bool{existed(), existed()}, []bool{true, false})
	equal(t, rolesOf("public", "alice"), []string{})
	equal(t, allRoles(), []string{})
	must(userroles.CreateNewRoleOrAddPermissions("editor", []string{}))
	equal(t, permissionsOf("editor"), []string{})
}

func Test_a_role_that_does_not_exist_is_said_to_be_unknown(t *testing.T) {
	connect(t, options{})
	equal(t, must(userroles.AddRoleToUser("public", "alice", "nobody")).UnknownRoleError != nil, true)
	equal(t, must(userroles.RemoveUserRole("public", "alice", "nobody")).UnknownRoleError != nil, true)
	equal(t, must(userroles.GetUsersThatHaveRole("public", "nobody")).UnknownRoleError != nil, true)
	equal(t, must(userroles.GetPermissionsForRole("nobody")).UnknownRoleError != nil, true)
	equal(t, must(userroles.RemovePermissionsFromRole("nobody", []string{"read"})).UnknownRoleError != nil, true)
}

func TestG33_lists_of_roles_and_users_are_lists_even_when_empty(t *testing.T) {
	connect(t, options{})
	equal(t, allRoles(), []string{})
	equal(t, rolesOf("public", "nobody"), []string{})
	must(userroles.CreateNewRoleOrAddPermissions("guest", []string{}))
	equal(t, len(must(userroles.GetUsersThatHaveRole("public", "guest")).OK.Users), 0)
	equal(t, len(must(userroles.GetRolesThatHavePermission("fly")).OK.Roles), 0)
}

func Test_roles_and_permissions_are_in_the_token_from_sign_in_on(t *testing.T) {
	_, site := connect(t, options{})
	give("alice", "admin", "write")
	page := site.browser()
	page.signIn(form{User: "alice"})
	token := payload(page.accessToken())
	equal(t, token["st-role"].(object)["v"], []interface{}{"admin"})
	equal(t, token["st-perm"].(object)["v"], []interface{}{"write"})
	equal(t, []int{page.get("/admin").status, page.get("/editor").status}, []int{200, 200})
}

func Test_a_page_that_needs_a_role_is_closed_to_others_until_the_claim_is_fetched_anew(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	handle := page.signIn(form{User: "bob"})["handle"].(string)
	for path, claim := range map[string]string{"/admin": "st-role", "/editor": "st-perm"} {
		got := page.get(path)
		equal(t, got.status, 403)
		equal(t, got.json()["claimValidationErrors"].([]interface{})[0].(object)["id"], claim)
	}
	give("bob", "admin", "write")
	equal(t, page.get("/admin").status, 403)
	equal(t, must(session.FetchAndSetClaim(handle, userrolesclaims.UserRoleClaim)), true)
	equal(t, must(session.FetchAndSetClaim(handle, userrolesclaims.PermissionClaim)), true)
	equal(t, page.get("/checked").status, 200)
	equal(t, []int{page.get("/admin").status, page.get("/editor").status}, []int{200, 200})
}

package interop

import (
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
)

const apiKey = "a-key-of-26-characters-abc"

func TestG16_with_the_key_everything_works_and_the_key_set_needs_none(t *testing.T) {
	a, site := connect(t, options{core: object{"api_keys": apiKey}, apiKey: apiKey})
	page := site.browser()
	page.signIn(form{User: "alice"})
	for _, got := range []answer{page.get("/me"), page.get("/checked"), page.refresh(), page.get("/me")} {
		equal(t, got.status, 200)
	}
	status, _ := a.request("GET", "/.well-known/jwks.json", nil, "")
	equal(t, status, 200)
}

func TestG3_without_the_key_even_the_versions_are_closed(t *testing.T) {
	for _, key := range []string{"", "not-one-of-the-keys-of-the-app"} {
		a, _ := connect(t, options{core: object{"api_keys": apiKey}, apiKey: key})
		_, err := session.CreateNewSessionWithoutRequestResponse("public", "alice", object{}, object{}, nil)
		failsWith(t, err, "status code: 401 and message: Invalid API key\n")
		status, text := a.request("GET", "/apiversion", nil, "")
		equal(t, answer{status, text}, answer{401, "Invalid API key\n"})
	}
}

func TestG23_the_key_of_one_app_can_be_lifted(t *testing.T) {
	a, _ := connect(t, options{core: object{"api_keys": apiKey}})
	lifted := &app{server: a.server, uri: a.server.origin}
	got := lifted.json("PUT", "/recipe/multitenancy/app/v2", object{"appId": strings.TrimPrefix(a.path(), "/appid-"), "coreConfig": object{"api_keys": nil}}, "")
	equal(t, got, object{"status": "OK", "createdNew": false})
	equal(t, create("alice", nil).GetUserID(), "alice")
}

func viaToken() sessmodels.TypeInput {
	return sessmodels.TypeInput{AntiCsrf: pointer(session.AntiCSRF_VIA_TOKEN)}
}

func Test_with_anti_csrf_by_token_a_change_needs_the_token(t *testing.T) {
	_, site := connect(t, options{session: viaToken()})
	page := site.browser()
	page.signIn(form{User: "alice"})
	equal(t, page.send("POST", "/me", nil).status, 200)
	equal(t, payload(page.accessToken())["antiCsrfToken"], page.antiCsrf)
	for _, page.antiCsrf = range []string{"wrong", ""} {
		equal(t, page.send("POST", "/me", nil), tryRefreshToken)
		equal(t, page.get("/me").status, 200)
	}
}

func TestG29_with_anti_csrf_by_token_a_refresh_without_it_is_refused_and_has_no_effect(t *testing.T) {
	_, site := connect(t, options{session: viaToken()})
	page := site.browser()
	page.signIn(form{User: "alice"})
	forger := page.copy()
	forger.antiCsrf = ""
	equal(t, forger.refresh(), unauthorised)

	first := page.antiCsrf
	equal(t, page.refresh().status, 200)
	equal(t, page.antiCsrf != first && page.antiCsrf != "", true)
	equal(t, page.send("POST", "/me", nil).status, 200)
	equal(t, page.send("POST", "/me", nil).status, 200)

	s := must(session.CreateNewSessionWithoutRequestResponse("public", "alice", object{}, object{}, nil))
	_, err := refresh(refreshToken(s))
	fails[sessionerrors.UnauthorizedError](t, err)
	equal(t, must(session.RefreshSessionWithoutRequestResponse(refreshToken(s), pointer(true), nil)).GetHandle(), s.GetHandle())
}

func Test_the_server_checks_the_anti_csrf_token_as_well(t *testing.T) {
	a, _ := connect(t, options{session: viaToken()})
	tokens := create("alice", nil).GetAllSessionTokensDangerously()
	for given, status := range map[string]string{*tokens.AntiCsrfToken: "OK", "wrong": "TRY_REFRESH_TOKEN"} {
		body := object{"accessToken": tokens.AccessToken, "antiCsrfToken": given, "doAntiCsrfCheck": true, "enableAntiCsrf": true, "checkDatabase": false}
		equal(t, a.json("POST", "/recipe/session/verify", body, cdi)["status"], status)
	}
}

func Test_with_anti_csrf_by_a_header_the_server_issues_no_token(t *testing.T) {
	_, site := connect(t, options{session: sessmodels.TypeInput{AntiCsrf: pointer(session.AntiCSRF_VIA_CUSTOM_HEADER)}})
	page := site.browser()
	page.signIn(form{User: "alice"})
	equal(t, page.antiCsrf, "")
	equal(t, page.send("POST", "/me", nil).status, 200)
	equal(t, page.refresh().status, 200)
	page.rid = ""
	equal(t, page.send("POST", "/me", nil), tryRefreshToken)
}

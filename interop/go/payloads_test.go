package interop

import (
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
)

const (
	protectedField = "The user payload contains protected field"
	milliseconds   = 1763948096789
)

func Test_a_merge_adds_replaces_and_a_null_removes(t *testing.T) {
	connect(t, options{})
	s := create("alice", object{"keep": 1, "change": 1, "remove": 1})
	equal(t, s.MergeIntoAccessTokenPayload(object{"change": 2, "remove": nil, "new": object{"a": nil}}), nil)
	for _, read := range []object{s.GetAccessTokenPayload(), payload(accessToken(s)), stored(s.GetHandle()).CustomClaimsInAccessTokenPayload} {
		equal(t, []interface{}{read["keep"], read["change"], read["new"]}, []interface{}{1.0, 2.0, object{"a": nil}})
		_, there := read["remove"]
		equal(t, there, false)
	}
}

func Test_a_merge_in_the_web_app_replaces_the_cookie_and_keeps_the_end_of_the_token(t *testing.T) {
	a, site := connect(t, options{})
	page := site.browser()
	page.signIn(form{User: "alice", Payload: object{"plan": "free"}})
	before := payload(page.accessToken())
	equal(t, a.callsOf(func() { equal(t, page.send("PUT", "/payload", object{"plan": "pro"}).status, 200) }), []string{"POST /recipe/session/regenerate"})
	after := payload(page.accessToken())
	equal(t, after["plan"], "pro")
	delete(before, "plan")
	delete(before, "iat")
	for name, value := range before {
		equal(t, after[name], value)
	}
	equal(t, page.get("/me").json()["payload"].(object)["plan"], "pro")
}

func TestG38_a_change_by_handle_comes_with_the_next_look_at_the_database(t *testing.T) {
	a, site := connect(t, options{})
	page := site.browser()
	handle := page.signIn(form{User: "alice", Payload: object{"plan": "free"}})["handle"].(string)
	plan := func(path string) interface{} { return page.get(path).json()["payload"].(object)["plan"] }
	equal(t, must(session.MergeIntoAccessTokenPayload(handle, object{"plan": "pro"})), true)
	equal(t, plan("/me"), "free")
	before := page.accessToken()
	equal(t, plan("/checked"), "pro")
	equal(t, page.accessToken() != before, true)
	equal(t, a.callsOf(func() { equal(t, plan("/me"), "pro") }), []string{})
}

func Test_a_change_by_handle_comes_with_the_next_refresh(t *testing.T) {
	connect(t, options{})
	s := create("alice", object{"plan": "free"})
	must(session.MergeIntoAccessTokenPayload(s.GetHandle(), object{"plan": "pro"}))
	equal(t, must(refresh(refreshToken(s))).GetAccessTokenPayload()["plan"], "pro")
}

func TestG36_whole_numbers_stay_what_they_are(t *testing.T) {
	a, _ := connect(t, options{})
	big := int64(9007199254740993) // a float64 cannot hold it, and the SDK reads numbers as float64: so the texts are compared
	s := create("alice", object{"ms": int64(milliseconds), "big": big})
	text := part(accessToken(s), 1)
	for _, want := range []string{`"ms":1763948096789`, `"big":9007199254740993`} {
		equal(t, strings.Contains(text, want), true)
	}
	_, text = a.request("GET", "/recipe/session?sessionHandle="+s.GetHandle(), nil, cdi)
	equal(t, strings.Contains(text, `"big":9007199254740993`), true)
	equal(t, stored(s.GetHandle()).CustomClaimsInAccessTokenPayload["ms"], float64(milliseconds))
	equal(t, strings.Contains(part(accessToken(must(refresh(refreshToken(s)))), 1), `"ms":1763948096789`), true)
}

func TestG11_a_protected_claim_is_an_error_and_changes_nothing(t *testing.T) {
	a, _ := connect(t, options{})
	for _, name := range []string{"sub", "exp", "iat", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "tId"} {
		body := object{"userId": "bob", "userDataInJWT": object{name: "x"}, "userDataInDatabase": object{}, "enableAntiCsrf": false}
		status, text := a.request("POST", "/public/recipe/session", body, cdi)
		equal(t, answer{status, text}, answer{400, protectedField + "\n"})
	}
	equal(t, handles("bob"), []string{})

	s := create("alice", object{"plan": "free"})
	failsWith(t, s.MergeIntoAccessTokenPayload(object{"sub": "mallory", "plan": "pro"}), protectedField)
	_, err := session.MergeIntoAccessTokenPayload(s.GetHandle(), object{"exp": 1, "plan": "pro"})
	failsWith(t, err, protectedField)
	equal(t, stored(s.GetHandle()).CustomClaimsInAccessTokenPayload["plan"], "free")
}

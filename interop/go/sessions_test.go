package interop

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
)

const hundredDays = 100 * 24 * time.Hour

func create(user string, payload object) sessmodels.SessionContainer {
	running.Helper()
	return createIn("public", user, payload)
}

func createIn(tenant, user string, payload object) sessmodels.SessionContainer {
	running.Helper()
	if payload == nil {
		payload = object{} // given a nil map, the SDK drops the claims that it adds itself
	}
	return must(session.CreateNewSessionWithoutRequestResponse(tenant, user, payload, object{}, nil))
}

func verify(token string) (sessmodels.SessionContainer, error) {
	return session.GetSessionWithoutRequestResponse(token, nil, nil)
}

func verifyWithDatabase(token string) (sessmodels.SessionContainer, error) {
	return session.GetSessionWithoutRequestResponse(token, nil, &sessmodels.VerifySessionOptions{CheckDatabase: pointer(true), SessionRequired: pointer(true)})
}

func refresh(token string) (sessmodels.SessionContainer, error) {
	return session.RefreshSessionWithoutRequestResponse(token, nil, nil)
}

func accessToken(s sessmodels.SessionContainer) string {
	return s.GetAllSessionTokensDangerously().AccessToken
}

func refreshToken(s sessmodels.SessionContainer) string {
	return *s.GetAllSessionTokensDangerously().RefreshToken
}

func stored(handle string) *sessmodels.SessionInformation {
	running.Helper()
	return must(session.GetSessionInformation(handle))
}

// fails wants an error of type E, with a message.
func fails[E error](t *testing.T, err error) E {
	t.Helper()
	var wanted E
	if !errors.As(err, &wanted) {
		t.Fatalf("got %T (%v), want %T", err, err, wanted)
	}
	if wanted.Error() == "" {
		t.Fatalf("%T says nothing", wanted)
	}
	return wanted
}

func failsWith(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Fatalf("got %v, want an error with %q", err, text)
	}
}

func sorted(list []string) []string {
	list = append([]string{}, list...)
	sort.Strings(list)
	return list
}

func names(o object) []string {
	var names []string
	for name := range o {
		names = append(names, name)
	}
	return sorted(names)
}

func TestG43_the_sdk_finds_its_one_version_among_those_of_the_server(t *testing.T) {
	a, _ := connect(t, options{})
	create("alice", nil)
	equal(t, a.calls[0], "GET /apiversion")
}

func TestG41_creation_names_the_public_tenant_in_the_path(t *testing.T) {
	a, _ := connect(t, options{})
	calls := a.callsOf(func() { create("alice", nil) })
	equal(t, calls[len(calls)-1], "POST /public/recipe/session")
}

func TestG10_the_payload_has_exactly_the_claims_of_its_version_with_nulls_where_nothing_is(t *testing.T) {
	connect(t, options{})
	token := accessToken(create("alice", object{"plan": "pro"}))
	claims := payload(token)
	equal(t, names(claims), []string{"antiCsrfToken", "exp", "iat", "iss", "parentRefreshTokenHash1", "plan", "refreshTokenHash1", "sessionHandle", "st-perm", "st-role", "sub", "tId"})
	equal(t, []interface{}{claims["antiCsrfToken"], claims["parentRefreshTokenHash1"], claims["sub"], claims["tId"]}, []interface{}{nil, nil, "alice", "public"})
	head := header(token)
	equal(t, strings.HasPrefix(head["kid"].(string), "d-"), true)
	delete(head, "kid")
	equal(t, head, object{"alg": "RS256", "typ": "JWT", "version": "4"})
}

func TestG5_creation_answers_exactly_the_members_of_its_version(t *testing.T) {
	a, _ := connect(t, options{})
	body := object{"userId": "alice", "userDataInJWT": object{"n": nil}, "userDataInDatabase": object{}, "enableAntiCsrf": false}
	got := a.json("POST", "/public/recipe/session", body, cdi)
	equal(t, names(got), []string{"accessToken", "refreshToken", "session", "status"})
	made := got["session"].(object)
	delete(made, "handle")
	equal(t, made, object{"userId": "alice", "userDataInJWT": object{"n": nil}, "tenantId": "public"})
}

func TestG1_an_empty_user_id_works_for_creation_listing_verification_and_refresh(t *testing.T) {
	connect(t, options{})
	s := create("", nil)
	equal(t, must(session.GetAllSessionHandlesForUser("", nil)), []string{s.GetHandle()})
	equal(t, must(verifyWithDatabase(accessToken(s))).GetUserID(), "")
	equal(t, must(refresh(refreshToken(s))).GetUserID(), "")
}

func Test_verification_without_the_database_asks_nobody(t *testing.T) {
	a, _ := connect(t, options{})
	token := accessToken(create("alice", object{"plan": "pro"}))
	calls := a.callsOf(func() { equal(t, must(verify(token)).GetAccessTokenPayload()["plan"], "pro") })
	equal(t, calls, []string{})
}

func Test_verification_with_the_database_asks_the_server_and_brings_no_new_token(t *testing.T) {
	a, _ := connect(t, options{})
	token := accessToken(create("alice", nil))
	calls := a.callsOf(func() { equal(t, accessToken(must(verifyWithDatabase(token))), token) })
	equal(t, calls, []string{"POST /recipe/session/verify"})
}

func Test_a_session_through_the_web_app_from_sign_in_to_sign_out(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	signedIn := page.signIn(form{User: "alice", Payload: object{"plan": "pro"}})
	equal(t, page.get("/me").json(), signedIn)
	equal(t, page.get("/checked").json(), signedIn)
	equal(t, page.signOut(), answer{200, `{"status":"OK"}`})
	equal(t, []string{page.accessToken(), page.refreshToken(), page.frontToken}, []string{"", "", "remove"})
	equal(t, page.get("/me").status, 401)
	equal(t, stored(signedIn["handle"].(string)) == nil, true)
}

func Test_a_session_whose_tokens_travel_in_headers(t *testing.T) {
	_, site := connect(t, options{})
	send := func(method, path, bearer string, body string) (answer, http.Header) {
		t.Helper()
		request := must(http.NewRequest(method, site.origin+path, strings.NewReader(body)))
		request.Header.Set("st-auth-mode", "header")
		if bearer != "" {
			request.Header.Set("authorization", "Bearer "+bearer)
		}
		got := must(http.DefaultClient.Do(request))
		defer got.Body.Close()
		return answer{got.StatusCode, strings.TrimSpace(string(must(io.ReadAll(got.Body))))}, got.Header
	}
	_, signedIn := send("POST", "/login", "", `{"user": "alice", "tenant": "public"}`)
	equal(t, signedIn.Get("set-cookie"), "")
	checked, _ := send("GET", "/checked", signedIn.Get("st-access-token"), "")
	equal(t, checked.status, 200)
	_, refreshed := send("POST", refreshPath, signedIn.Get("st-refresh-token"), "")
	equal(t, refreshed.Get("st-refresh-token") != signedIn.Get("st-refresh-token"), true)
	_, firstUse := send("GET", "/me", refreshed.Get("st-access-token"), "")
	equal(t, parent(firstUse.Get("st-access-token")), nil)
	stolen, _ := send("POST", refreshPath, signedIn.Get("st-refresh-token"), "")
	equal(t, stolen, theftDetected)
}

func TestG47_times_of_access_tokens_are_whole_seconds_and_the_front_token_agrees(t *testing.T) {
	a, site := connect(t, options{})
	body := object{"userId": "alice", "userDataInJWT": object{}, "userDataInDatabase": object{}, "enableAntiCsrf": false}
	got := a.json("POST", "/public/recipe/session", body, cdi)
	access, claims := got["accessToken"].(object), payload(got["accessToken"].(object)["token"].(string))
	equal(t, access["expiry"], claims["exp"].(float64)*1000)
	equal(t, access["createdTime"], claims["iat"].(float64)*1000)
	long := got["refreshToken"].(object)
	equal(t, long["expiry"].(float64)-long["createdTime"].(float64), float64(hundredDays.Milliseconds()))

	page := site.browser()
	page.signIn(form{User: "alice"})
	claims = payload(page.accessToken())
	equal(t, frontToken(page.frontToken), object{"uid": "alice", "ate": claims["exp"].(float64) * 1000, "up": claims})
}

func Test_what_is_stored_of_a_session_can_be_read_by_its_handle(t *testing.T) {
	connect(t, options{})
	s := must(session.CreateNewSessionWithoutRequestResponse("public", "alice", object{"plan": "pro"}, object{"cart": []int{1, 2}}, nil))
	info := stored(s.GetHandle())
	equal(t, []string{info.SessionHandle, info.UserId, info.TenantId}, []string{s.GetHandle(), "alice", "public"})
	equal(t, info.SessionDataInDatabase, object{"cart": []interface{}{1.0, 2.0}})
	equal(t, info.CustomClaimsInAccessTokenPayload["plan"], "pro")
	equal(t, info.Expiry-info.TimeCreated, uint64(hundredDays.Milliseconds()))
	equal(t, must(s.GetExpiry()), info.Expiry)
	equal(t, must(s.GetTimeCreated()), info.TimeCreated)
	equal(t, stored("no-such-handle") == nil && stored("") == nil, true)
}

func Test_session_data_is_replaced_as_a_whole(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	for _, data := range []object{{"a": 1.0, "b": 2.0}, {"c": nil, "d": object{"e": nil}}, {}} {
		equal(t, s.UpdateSessionDataInDatabase(data), nil)
		equal(t, must(s.GetSessionDataInDatabase()), data)
	}
}

func Test_an_expired_access_token_asks_for_a_refresh_and_updates_meanwhile_are_kept(t *testing.T) {
	connect(t, options{core: object{"access_token_validity": 3}})
	s := create("alice", object{"plan": "free"})
	token := accessToken(s)
	equal(t, payload(token)["exp"].(float64)-payload(token)["iat"].(float64), 3.0) // G48: to the second, where suites run
	must(verify(token))
	time.Sleep(3300 * time.Millisecond)
	_, err := verify(token)
	fails[sessionerrors.TryRefreshTokenError](t, err)
	// The token is past its end, so there is nothing to replace it by; the payload is stored all the same.
	equal(t, s.MergeIntoAccessTokenPayload(object{"plan": "pro"}), nil)
	equal(t, accessToken(s), token)
	equal(t, s.GetAccessTokenPayload()["plan"], "pro")

	refreshed := must(refresh(refreshToken(s)))
	equal(t, must(verify(accessToken(refreshed))).GetAccessTokenPayload()["plan"], "pro")
}

func Test_a_session_past_its_end_is_gone_everywhere(t *testing.T) {
	connect(t, options{core: object{"access_token_validity": 2, "refresh_token_validity": "0.05"}})
	s := create("alice", nil)
	time.Sleep(3300 * time.Millisecond)
	equal(t, stored(s.GetHandle()) == nil, true)
	equal(t, len(must(session.GetAllSessionHandlesForUser("alice", nil))), 0)
	equal(t, must(session.UpdateSessionDataInDatabase(s.GetHandle(), object{})), false)
	_, err := refresh(refreshToken(s))
	fails[sessionerrors.UnauthorizedError](t, err)
	fails[sessionerrors.UnauthorizedError](t, s.MergeIntoAccessTokenPayload(object{"a": 1}))
}

func Test_a_token_that_was_changed_asks_for_a_refresh(t *testing.T) {
	connect(t, options{})
	mine, other := strings.Split(accessToken(create("alice", nil)), "."), strings.Split(accessToken(create("bob", nil)), ".")
	equal(t, reflect.DeepEqual(mine[0], other[0]), true)
	for _, forged := range [][]string{{mine[0], other[1], mine[2]}, {mine[0], mine[1], other[2]}} {
		_, err := verify(strings.Join(forged, "."))
		fails[sessionerrors.TryRefreshTokenError](t, err)
	}
}

package interop

import (
	"regexp"
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
)

const hundredYears = 3153600000

func createJWT(claims object, validity *uint64, static *bool) string {
	running.Helper()
	return must(session.CreateJWT(claims, validity, static)).OK.Jwt
}

func Test_a_jwt_is_signed_by_the_static_key_and_lives_a_hundred_years_unless_asked_otherwise(t *testing.T) {
	connect(t, options{})
	token := createJWT(object{"plan": "pro"}, nil, nil)
	head := header(token)
	equal(t, strings.HasPrefix(head["kid"].(string), "s-"), true)
	delete(head, "kid")
	equal(t, head, object{"alg": "RS256", "typ": "JWT"})
	claims := payload(token)
	equal(t, claims["plan"], "pro")
	equal(t, claims["exp"].(float64)-claims["iat"].(float64), float64(hundredYears))
}

func TestG13_a_jwt_lives_exactly_as_long_as_asked(t *testing.T) {
	connect(t, options{})
	for _, validity := range []uint64{1, 1000, 123456789} {
		claims := payload(createJWT(object{}, &validity, nil))
		equal(t, claims["exp"].(float64)-claims["iat"].(float64), float64(validity))
	}
}

func TestG34_a_validity_of_nothing_is_refused_in_these_words(t *testing.T) {
	connect(t, options{})
	_, err := session.CreateJWT(object{}, pointer(uint64(0)), nil)
	if err == nil {
		t.Fatal("a JWT without a life")
	}
	equal(t, err.Error(), "SuperTokens core threw an error for a request to path: '/recipe/jwt' with status code: 400 and message: validity must be greater than or equal to 0\n")
}

func TestG12_a_jwt_made_of_a_session_payload_is_good_for_verification_with_the_database(t *testing.T) {
	connect(t, options{})
	s := create("alice", object{"plan": "pro"})
	copied := createJWT(s.GetAccessTokenPayload(), nil, pointer(false))
	equal(t, strings.HasPrefix(kid(copied), "d-"), true)
	// Such a token names no version. The server takes it for one of its newest, which has a claim more than this SDK's.
	withUser := object{"rsub": "alice"}
	for name, value := range s.GetAccessTokenPayload() {
		withUser[name] = value
	}
	got := must(verifyWithDatabase(createJWT(withUser, nil, pointer(false))))
	equal(t, []string{got.GetHandle(), got.GetUserID()}, []string{s.GetHandle(), "alice"})
}

func Test_nulls_of_a_jwt_are_kept(t *testing.T) {
	connect(t, options{})
	claims := payload(createJWT(object{"nil": nil, "nested": object{"nil": nil}, "ms": int64(milliseconds)}, nil, nil))
	value, there := claims["nil"]
	equal(t, []interface{}{value, there}, []interface{}{nil, true})
	equal(t, claims["nested"], object{"nil": nil})
	equal(t, claims["ms"], float64(milliseconds))
}

func TestG15_the_key_set_has_only_keys_and_the_sdk_can_read_them_all(t *testing.T) {
	a, site := connect(t, options{})
	create("alice", nil)
	createJWT(object{}, nil, nil)
	equal(t, names(a.json("GET", "/.well-known/jwks.json", nil, "")), []string{"keys"})
	var kids []string
	for _, key := range must(session.GetJWKS()).OK.Keys {
		kids = append(kids, key.Kid)
		equal(t, []string{key.Kty, key.Alg, key.Use}, []string{"RSA", "RS256", "sig"})
	}
	equal(t, kids, a.kids())
	equal(t, strings.HasPrefix(kids[0], "d-") && strings.HasPrefix(kids[len(kids)-1], "s-"), true)
	equal(t, len(site.browser().get("/auth/jwt/jwks.json").json()["keys"].([]interface{})), len(kids))
}

func TestG14_a_fresh_key_set_may_be_kept_for_almost_a_week(t *testing.T) {
	a, site := connect(t, options{})
	got := must(site.browser().http.Get(a.uri + "/.well-known/jwks.json"))
	got.Body.Close()
	if text := got.Header.Get("Cache-Control"); !regexp.MustCompile(`^max-age=60\d{4}, must-revalidate$`).MatchString(text) {
		t.Fatal(text)
	}
}

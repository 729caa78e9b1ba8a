package interop

import (
	"fmt"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
)

func Test_with_es256_a_session_is_created_verified_and_refreshed(t *testing.T) {
	a, _ := connect(t, options{on: es256})
	s := create("alice", object{"plan": "pro"})
	head := header(accessToken(s))
	equal(t, []interface{}{head["alg"], head["typ"], head["version"], kid(accessToken(s))[:2]}, []interface{}{"ES256", "JWT", "4", "d-"})
	equal(t, must(verify(accessToken(s))).GetAccessTokenPayload()["plan"], "pro")
	equal(t, must(verifyWithDatabase(accessToken(s))).GetUserID(), "alice")

	refreshed := must(refresh(refreshToken(s)))
	var promoted string
	equal(t, a.callsOf(func() { promoted = accessToken(must(verify(accessToken(refreshed)))) }), []string{verifyCall})
	equal(t, a.callsOf(func() { must(verify(promoted)) }), []string{})
	_, err := refresh(refreshToken(s))
	fails[sessionerrors.TokenTheftDetectedError](t, err)
}

func Test_with_es256_a_session_through_the_web_app(t *testing.T) {
	_, site := connect(t, options{on: es256})
	page := site.browser()
	page.signIn(form{User: "alice"})
	equal(t, page.get("/checked").status, 200)
	equal(t, page.send("PUT", "/payload", object{"plan": "pro"}).status, 200)
	equal(t, page.refresh().status, 200)
	equal(t, page.get("/me").json()["payload"].(object)["plan"], "pro")
	equal(t, page.signOut().status, 200)
}

// The SDK looks for the members of an RSA key and panics where they are not. When this test fails, a version of the SDK has
// learned better: say so in the documentation.
func Test_with_es256_the_sdk_cannot_read_the_keys_for_others(t *testing.T) {
	connect(t, options{on: es256})
	create("alice", nil)
	panicked := func() (said string) {
		defer func() { said = fmt.Sprint(recover()) }()
		session.GetJWKS()
		return ""
	}()
	equal(t, panicked, "interface conversion: interface {} is nil, not string")
}

// The SDK always asks for RS256. There is a static RSA key for that beside the EC keys of the sessions, but no dynamic one.
func Test_with_es256_a_jwt_of_the_static_key_is_rs256_as_the_sdk_asks(t *testing.T) {
	connect(t, options{on: es256})
	head := header(createJWT(object{}, nil, nil))
	equal(t, []interface{}{head["alg"], head["kid"].(string)[:2]}, []interface{}{"RS256", "s-"})
	equal(t, must(session.CreateJWT(object{}, nil, pointer(false))).UnsupportedAlgorithmError != nil, true)
}

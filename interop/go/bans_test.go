package interop

import (
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
)

func (a *app) ban(path string) {
	running.Helper()
	equal(running, a.json("POST", path, object{"userId": "mallory"}, cdi)["status"], "OK")
}

func Test_the_sessions_of_a_banned_user_end_and_nobody_elses(t *testing.T) {
	a, _ := connect(t, options{})
	s, other := create("mallory", nil), create("alice", nil)
	a.ban("/hallpass/ban")
	_, err := verifyWithDatabase(accessToken(s))
	fails[sessionerrors.UnauthorizedError](t, err)
	_, err = refresh(refreshToken(s))
	fails[sessionerrors.UnauthorizedError](t, err)
	equal(t, must(verify(accessToken(s))).GetUserID(), "mallory") // the database is not asked
	must(refresh(refreshToken(other)))
}

func Test_a_banned_user_cannot_sign_in_until_the_ban_is_lifted(t *testing.T) {
	a, _ := connect(t, options{})
	a.ban("/hallpass/ban")
	_, err := session.CreateNewSessionWithoutRequestResponse("public", "mallory", object{}, object{}, nil)
	if err == nil || !strings.Contains(err.Error(), "status code: 403") || !strings.Contains(err.Error(), "User is banned") {
		t.Fatal(err)
	}
	create("alice", nil)
	a.ban("/hallpass/ban/remove")
	create("mallory", nil)
}

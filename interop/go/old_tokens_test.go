package interop

import (
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
)

// createdAt creates a session through another version of the interface.
func createdAt(a *app, version string, payload object) (handle, access, refresh string) {
	running.Helper()
	path := "/public/recipe/session"
	if version < "3" {
		path = "/recipe/session"
	}
	got := a.json("POST", path, object{"userId": "alice", "userDataInJWT": payload, "userDataInDatabase": object{}, "enableAntiCsrf": false}, version)
	token := func(name string) string { return got[name].(object)["token"].(string) }
	return got["session"].(object)["handle"].(string), token("accessToken"), token("refreshToken")
}

func TestG46_a_session_of_another_version_is_verified_updated_and_refreshed_to_the_own_version(t *testing.T) {
	for version, tokenVersion := range map[string]string{"2.21": "3", "3.0": "4", "4.0": "5", "5.4": "5"} {
		t.Run(version, func(t *testing.T) {
			a, _ := connect(t, options{})
			handle, access, old := createdAt(a, version, object{"plan": "free"})
			equal(t, header(access)["version"], tokenVersion)
			s := must(verifyWithDatabase(access))
			equal(t, []string{s.GetHandle(), s.GetUserID(), s.GetTenantId()}, []string{handle, "alice", "public"})
			equal(t, must(verify(access)).GetUserID(), "alice")

			equal(t, s.MergeIntoAccessTokenPayload(object{"plan": "pro"}), nil)
			equal(t, header(accessToken(s))["version"], tokenVersion)
			refreshed := must(refresh(old))
			equal(t, header(accessToken(refreshed))["version"], "4")
			equal(t, must(verify(accessToken(refreshed))).GetAccessTokenPayload()["plan"], "pro")
		})
	}
}

func Test_a_session_of_the_second_version_lives_on(t *testing.T) {
	a, _ := connect(t, options{})
	handle, access, old := createdAt(a, "2.18", object{"plan": "free", "sub": "the app's own"})
	equal(t, strings.HasPrefix(access, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIyIn0=."), true)
	s := must(verifyWithDatabase(access))
	equal(t, []string{s.GetHandle(), s.GetUserID()}, []string{handle, "alice"})
	equal(t, s.GetAccessTokenPayload(), object{"plan": "free", "sub": "the app's own"})

	// Its payload has a claim that newer tokens need for themselves, so it cannot be refreshed before that is gone.
	_, err := refresh(old)
	fails[sessionerrors.UnauthorizedError](t, err)
	equal(t, must(session.MergeIntoAccessTokenPayload(handle, object{"plan": "pro"})), true)
	refreshed := must(refresh(old))
	equal(t, header(accessToken(refreshed))["version"], "4")
	equal(t, must(verify(accessToken(refreshed))).GetAccessTokenPayload()["plan"], "pro")

	must(session.RevokeSession(handle))
	_, err = verifyWithDatabase(access)
	fails[sessionerrors.UnauthorizedError](t, err)
}

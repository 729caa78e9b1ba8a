package interop

import (
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
)

func handles(user string) []string {
	running.Helper()
	return sorted(must(session.GetAllSessionHandlesForUser(user, nil)))
}

func Test_one_session_is_revoked_by_its_handle_and_only_once(t *testing.T) {
	connect(t, options{})
	one, other := create("alice", nil), create("alice", nil)
	equal(t, must(session.RevokeSession(one.GetHandle())), true)
	equal(t, must(session.RevokeSession(one.GetHandle())), false)
	equal(t, handles("alice"), []string{other.GetHandle()})
}

func TestG37_a_revoked_session_is_refused_with_the_database_and_good_without_it_until_its_end(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	must(session.RevokeSession(page.signIn(form{User: "alice"})["handle"].(string)))
	equal(t, page.get("/me").status, 200)
	equal(t, page.get("/checked"), unauthorised)
}

func TestG28_unknown_handles_are_no_error(t *testing.T) {
	connect(t, options{})
	for _, handle := range []string{"", "no-such-handle"} {
		equal(t, must(session.RevokeSession(handle)), false)
		equal(t, must(session.UpdateSessionDataInDatabase(handle, object{"a": 1})), false)
		equal(t, must(session.MergeIntoAccessTokenPayload(handle, object{"a": 1})), false)
	}
	equal(t, len(must(session.RevokeMultipleSessions([]string{"", "no-such-handle"}))), 0)
}

func Test_several_sessions_are_revoked_at_once_and_the_answer_names_those_that_were_there(t *testing.T) {
	connect(t, options{})
	list := []string{create("alice", nil).GetHandle(), create("alice", nil).GetHandle(), create("alice", nil).GetHandle()}
	equal(t, sorted(must(session.RevokeMultipleSessions([]string{list[0], list[1], "no-such-handle"}))), sorted(list[:2]))
	equal(t, handles("alice"), list[2:])
}

func TestG42_all_sessions_of_a_user_are_revoked_and_nobody_elses(t *testing.T) {
	a, _ := connect(t, options{})
	list := []string{create("alice", nil).GetHandle(), create("alice", nil).GetHandle()}
	bob := create("bob", nil).GetHandle()
	calls := a.callsOf(func() { equal(t, sorted(must(session.RevokeAllSessionsForUser("alice", nil))), sorted(list)) })
	equal(t, calls, []string{"POST /public/recipe/session/remove"})
	equal(t, len(must(session.RevokeAllSessionsForUser("alice", nil))), 0)
	equal(t, handles("bob"), []string{bob})
}

func TestG33_lists_of_nothing_are_empty_lists(t *testing.T) {
	connect(t, options{})
	equal(t, handles("nobody"), []string{})
	equal(t, len(must(session.RevokeAllSessionsForUser("nobody", nil))), 0)
	equal(t, len(must(session.RevokeMultipleSessions([]string{}))), 0)
}

func Test_a_session_ends_itself_and_its_cookies_go(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	handle := page.signIn(form{User: "alice"})["handle"].(string)
	equal(t, page.send("POST", "/end", nil).status, 200)
	equal(t, page.accessToken()+page.refreshToken(), "")
	equal(t, stored(handle) == nil, true)
}

func Test_nothing_can_be_done_with_a_revoked_session(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	equal(t, s.RevokeSession(), nil)
	for _, action := range []func() error{
		func() error { _, err := refresh(refreshToken(s)); return err },
		func() error { _, err := verifyWithDatabase(accessToken(s)); return err },
		func() error { return s.MergeIntoAccessTokenPayload(object{"a": 1}) },
		func() error { return s.UpdateSessionDataInDatabase(object{"a": 1}) },
		func() error { _, err := s.GetSessionDataInDatabase(); return err },
	} {
		fails[sessionerrors.UnauthorizedError](t, action())
	}
}

func Test_signing_out_ends_this_session_and_no_other(t *testing.T) {
	_, site := connect(t, options{})
	here, there := site.browser(), site.browser()
	here.signIn(form{User: "alice"})
	handle := there.signIn(form{User: "alice"})["handle"].(string)
	equal(t, here.signOut().status, 200)
	equal(t, handles("alice"), []string{handle})
	equal(t, there.get("/checked").status, 200)
}

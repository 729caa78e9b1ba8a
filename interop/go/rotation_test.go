package interop

import (
	"sync"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
)

const (
	verifyCall  = "POST /recipe/session/verify"
	refreshCall = "POST /recipe/session/refresh"
	removeCall  = "POST /recipe/session/remove"
)

func parent(token string) interface{} {
	running.Helper()
	return payload(token)["parentRefreshTokenHash1"]
}

func Test_a_refresh_brings_new_tokens_for_the_same_session_and_payload(t *testing.T) {
	connect(t, options{})
	s := create("alice", object{"plan": "pro"})
	refreshed := must(refresh(refreshToken(s)))
	equal(t, refreshed.GetHandle(), s.GetHandle())
	equal(t, refreshed.GetAccessTokenPayload()["plan"], "pro")
	equal(t, refreshToken(refreshed) != refreshToken(s), true)
	equal(t, parent(accessToken(refreshed)), payload(accessToken(s))["refreshTokenHash1"])
}

func TestG8_the_first_verify_after_a_refresh_asks_the_core_and_brings_a_new_access_token(t *testing.T) {
	a, _ := connect(t, options{})
	refreshed := accessToken(must(refresh(refreshToken(create("alice", nil)))))
	var promoted string
	equal(t, a.callsOf(func() { promoted = accessToken(must(verify(refreshed))) }), []string{verifyCall})
	equal(t, parent(refreshed) != nil, true)
	equal(t, parent(promoted), nil)
	equal(t, payload(promoted)["refreshTokenHash1"], payload(refreshed)["refreshTokenHash1"])
	equal(t, header(promoted), header(refreshed))

	equal(t, a.callsOf(func() { equal(t, accessToken(must(verify(promoted))), promoted) }), []string{})
}

func TestG8_in_the_web_app_the_new_access_token_replaces_the_cookie(t *testing.T) {
	a, site := connect(t, options{})
	page := site.browser()
	page.signIn(form{User: "alice"})
	equal(t, page.refresh().status, 200)
	refreshed := page.accessToken()
	equal(t, a.callsOf(func() { equal(t, page.get("/me").status, 200) }), []string{verifyCall})
	equal(t, page.accessToken() != refreshed, true)
	equal(t, parent(page.accessToken()), nil)
	equal(t, frontToken(page.frontToken)["up"], map[string]interface{}(payload(page.accessToken())))
	equal(t, a.callsOf(func() { equal(t, page.get("/me").status, 200) }), []string{})
}

func TestG9_the_old_token_still_works_until_the_new_one_was_used(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	must(refresh(refreshToken(s)))
	again := must(refresh(refreshToken(s)))
	equal(t, must(verify(accessToken(again))).GetHandle(), s.GetHandle())
}

func TestG9_the_old_token_is_theft_once_the_new_one_was_used(t *testing.T) {
	for _, usedBy := range []string{"verify", "refresh"} {
		t.Run(usedBy, func(t *testing.T) {
			connect(t, options{})
			s := create("alice", nil)
			refreshed := must(refresh(refreshToken(s)))
			if usedBy == "verify" {
				must(verify(accessToken(refreshed)))
			} else {
				must(refresh(refreshToken(refreshed)))
			}
			_, err := refresh(refreshToken(s))
			theft := fails[sessionerrors.TokenTheftDetectedError](t, err)
			equal(t, theft.Payload, sessionerrors.TokenTheftDetectedErrorPayload{SessionHandle: s.GetHandle(), UserID: "alice"})
			// The server reports; what follows from it is the SDK's error handler's to decide.
			equal(t, stored(s.GetHandle()) != nil, true)
		})
	}
}

func TestG9_in_the_web_app_theft_ends_the_session_of_both(t *testing.T) {
	a, site := connect(t, options{})
	owner := site.browser()
	handle := owner.signIn(form{User: "alice"})["handle"].(string)
	thief := owner.copy()
	owner.refresh()
	owner.get("/me")

	equal(t, a.callsOf(func() { equal(t, thief.refresh(), theftDetected) }), []string{refreshCall, removeCall})
	equal(t, stored(handle) == nil, true)
	equal(t, []string{thief.accessToken(), thief.refreshToken(), thief.frontToken}, []string{"", "", "remove"})

	equal(t, owner.get("/me").status, 200) // an access token is good until its end
	equal(t, owner.get("/checked"), unauthorised)
	equal(t, owner.refresh().status, 401)
}

func TestG29_G30_a_token_that_makes_no_sense_is_unauthorised_and_says_why(t *testing.T) {
	connect(t, options{})
	for _, nonsense := range []string{"", "nonsense", "hp1_nonsense", "a.b.V2", "é"} {
		_, err := refresh(nonsense)
		fails[sessionerrors.UnauthorizedError](t, err)
	}
}

func Test_a_refresh_whose_answer_was_lost_can_be_made_again(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	page.signIn(form{User: "alice"})
	equal(t, page.copy().refresh().status, 200) // nobody ever sees what this one got
	equal(t, page.refresh().status, 200)
	equal(t, page.get("/me").status, 200)
	equal(t, page.refresh().status, 200)
}

func Test_parallel_refreshes_all_succeed_and_meet_at_one_token(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	page.signIn(form{User: "alice"})
	var tabs []*browser
	for i := 0; i < 8; i++ {
		tabs = append(tabs, page.copy())
	}
	answers := make([]answer, len(tabs))
	var all sync.WaitGroup
	for i := range tabs {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			answers[i], _ = tabs[i].attempt("POST", refreshPath, nil)
		}(i)
	}
	all.Wait()
	for i, tab := range tabs {
		equal(t, answers[i].status, 200)
		equal(t, tab.refreshToken(), tabs[0].refreshToken())
	}
	equal(t, tabs[0].refreshToken() != page.refreshToken(), true)
	for _, tab := range tabs {
		equal(t, tab.get("/me").status, 200)
		equal(t, tab.refresh().status, 200)
	}
}

func TestG39_an_update_of_a_token_not_yet_seen_in_use_keeps_it_waiting(t *testing.T) {
	connect(t, options{})
	s := create("alice", nil)
	refreshed := must(refresh(refreshToken(s)))
	before := parent(accessToken(refreshed))
	equal(t, refreshed.MergeIntoAccessTokenPayload(object{"plan": "pro"}), nil)
	equal(t, parent(accessToken(refreshed)), before)
	must(refresh(refreshToken(s))) // the new token was not used, so this is no theft

	promoted := must(verify(accessToken(refreshed)))
	equal(t, parent(accessToken(promoted)), nil)
	equal(t, promoted.GetAccessTokenPayload()["plan"], "pro")
	_, err := refresh(refreshToken(s))
	fails[sessionerrors.TokenTheftDetectedError](t, err)
}

func Test_a_long_life_of_refreshes_and_uses(t *testing.T) {
	_, site := connect(t, options{})
	page := site.browser()
	handle := page.signIn(form{User: "alice"})["handle"]
	seen := map[string]bool{}
	for i := 0; i < 10; i++ {
		equal(t, page.refresh().status, 200)
		equal(t, page.get("/me").json()["handle"], handle)
		seen[page.refreshToken()] = true
	}
	equal(t, len(seen), 10)
	equal(t, len(must(session.GetAllSessionHandlesForUser("alice", nil))), 1)
}

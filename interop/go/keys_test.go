package interop

import (
	"strings"
	"testing"
	"time"

	sessionerrors "github.com/supertokens/supertokens-golang/recipe/session/errors"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
)

func contains(list []string, wanted string) bool {
	for _, each := range list {
		if each == wanted {
			return true
		}
	}
	return false
}

// An interval of 0.0014 h is 5.04 s, and the next key comes after 4/5 of it: in 11 s two keys follow the first.
func TestG17_reading_the_key_set_alone_brings_exactly_two_new_keys_within_11_seconds(t *testing.T) {
	a, _ := connect(t, options{core: object{"access_token_dynamic_signing_key_update_interval": "0.0014"}})
	known, changes := a.kids(), 0
	for end := time.Now().Add(11 * time.Second); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		now := a.kids()
		for _, kid := range known {
			equal(t, contains(now, kid), true)
		}
		if len(now) != len(known) {
			equal(t, strings.HasPrefix(now[0], "d-") && !contains(known, now[0]), true)
			changes++
		}
		known = now
	}
	equal(t, changes, 2)
}

func TestG18_G19_a_new_key_signs_after_the_interval_and_old_tokens_stay_good(t *testing.T) {
	connect(t, options{core: object{"access_token_dynamic_signing_key_update_interval": "0.001"}})
	old := create("alice", nil)
	must(verify(accessToken(old)))
	time.Sleep(3900 * time.Millisecond)
	new := create("alice", nil)
	equal(t, kid(accessToken(new)) != kid(accessToken(old)), true)
	for _, s := range []sessmodels.SessionContainer{new, old} {
		equal(t, must(verify(accessToken(s))).GetHandle(), s.GetHandle())
		equal(t, must(verifyWithDatabase(accessToken(s))).GetHandle(), s.GetHandle())
	}
	equal(t, kid(accessToken(must(refresh(refreshToken(old))))), kid(accessToken(new)))
}

func TestG7_a_refresh_changes_the_family_of_keys_and_the_verify_after_it_keeps_it(t *testing.T) {
	for _, dynamic := range []bool{true, false} {
		prefix := map[bool]string{true: "d-", false: "s-"}
		a, _ := connect(t, options{session: sessmodels.TypeInput{UseDynamicAccessTokenSigningKey: pointer(!dynamic)}})
		s := create("alice", nil)
		equal(t, kid(accessToken(s))[:2], prefix[!dynamic])

		connect(t, options{app: a, session: sessmodels.TypeInput{UseDynamicAccessTokenSigningKey: pointer(dynamic)}})
		_, err := verify(accessToken(s))
		fails[sessionerrors.TryRefreshTokenError](t, err)
		refreshed := must(refresh(refreshToken(s)))
		equal(t, kid(accessToken(refreshed))[:2], prefix[dynamic])
		promoted := must(verify(accessToken(refreshed)))
		equal(t, kid(accessToken(promoted)), kid(accessToken(refreshed)))
		equal(t, accessToken(promoted) != accessToken(refreshed), true)
	}
}

package interop

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/session"
	"github.com/supertokens/supertokens-golang/recipe/session/claims"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
	"github.com/supertokens/supertokens-golang/recipe/userroles/userrolesclaims"
	"github.com/supertokens/supertokens-golang/supertokens"
)

const refreshPath = "/auth/session/refresh"

// site is a small web app that uses the SDK as its documentation says, on a real socket.
type site struct {
	t        *testing.T
	origin   string
	listener *httptest.Server
}

// newSite has an address already, which the SDK must know, but no handlers yet, which need the SDK.
func newSite(t *testing.T) *site {
	listener := httptest.NewUnstartedServer(nil)
	t.Cleanup(listener.Close)
	return &site{t: t, origin: "http://" + listener.Listener.Addr().String(), listener: listener}
}

func (s *site) open() {
	requires := func(validator claims.SessionClaimValidator) *sessmodels.VerifySessionOptions {
		return &sessmodels.VerifySessionOptions{
			OverrideGlobalClaimValidators: func(others []claims.SessionClaimValidator, _ sessmodels.SessionContainer, _ supertokens.UserContext) ([]claims.SessionClaimValidator, error) {
				return append(others, validator), nil
			},
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/login", login)
	mux.HandleFunc("/me", session.VerifySession(nil, show))
	mux.HandleFunc("/checked", session.VerifySession(&sessmodels.VerifySessionOptions{CheckDatabase: pointer(true)}, show))
	mux.HandleFunc("/payload", session.VerifySession(nil, merge))
	mux.HandleFunc("/end", session.VerifySession(nil, end))
	mux.HandleFunc("/admin", session.VerifySession(requires(userrolesclaims.UserRoleClaimValidators.Includes("admin", nil, nil)), show))
	mux.HandleFunc("/editor", session.VerifySession(requires(userrolesclaims.PermissionClaimValidators.Includes("write", nil, nil)), show))
	s.listener.Config.Handler = supertokens.Middleware(mux)
	s.listener.Start()
}

type form struct {
	User    string `json:"user"`
	Tenant  string `json:"tenant"`
	Payload object `json:"payload"`
}

func login(w http.ResponseWriter, r *http.Request) {
	var form form
	if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	if form.Payload == nil {
		form.Payload = object{}
	}
	created, err := session.CreateNewSession(r, w, form.Tenant, form.User, form.Payload, object{})
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	describe(w, created)
}

func show(w http.ResponseWriter, r *http.Request) {
	describe(w, session.GetSessionFromRequestContext(r.Context()))
}

func merge(w http.ResponseWriter, r *http.Request) {
	var update object
	if err := json.NewDecoder(r.Body).Decode(&update); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	current := session.GetSessionFromRequestContext(r.Context())
	if err := current.MergeIntoAccessTokenPayload(update); err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	describe(w, current)
}

func end(w http.ResponseWriter, r *http.Request) {
	if err := session.GetSessionFromRequestContext(r.Context()).RevokeSession(); err != nil {
		http.Error(w, err.Error(), 500)
	}
}

func describe(w http.ResponseWriter, s sessmodels.SessionContainer) {
	w.Header().Set("content-type", "application/json")
	json.NewEncoder(w).Encode(object{"user": s.GetUserID(), "handle": s.GetHandle(), "tenant": s.GetTenantId(), "payload": s.GetAccessTokenPayload()})
}

// browser keeps cookies and the anti-CSRF token, and remembers the last front token, as a page with the frontend SDK would.
type browser struct {
	site       *site
	http       *http.Client
	antiCsrf   string
	frontToken string
	rid        string
}

func (s *site) browser() *browser {
	jar := must(cookiejar.New(nil))
	return &browser{site: s, http: &http.Client{Jar: jar}, rid: "anti-csrf"}
}

type answer struct {
	status int
	text   string
}

func (a answer) json() object {
	running.Helper()
	return parse(a.text)
}

var (
	unauthorised    = answer{401, `{"message":"unauthorised"}`}
	tryRefreshToken = answer{401, `{"message":"try refresh token"}`}
	theftDetected   = answer{401, `{"message":"token theft detected"}`}
)

// attempt is safe to use beside the test's own goroutine.
func (b *browser) attempt(method, path string, body interface{}) (answer, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, b.site.origin+path, reader)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("st-auth-mode", "cookie")
	if b.rid != "" {
		request.Header.Set("rid", b.rid)
	}
	if b.antiCsrf != "" {
		request.Header.Set("anti-csrf", b.antiCsrf)
	}
	got, err := b.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if token := got.Header.Get("anti-csrf"); token != "" {
		b.antiCsrf = token
	}
	if token := got.Header.Get("front-token"); token != "" {
		b.frontToken = token
	}
	return answer{got.StatusCode, strings.TrimSpace(string(text))}, err
}

func (b *browser) send(method, path string, body interface{}) answer {
	running.Helper()
	return must(b.attempt(method, path, body))
}

func (b *browser) get(path string) answer {
	running.Helper()
	return b.send("GET", path, nil)
}

func (b *browser) signIn(with form) object {
	running.Helper()
	if with.Tenant == "" {
		with.Tenant = "public"
	}
	got := b.send("POST", "/login", with)
	if got.status != 200 {
		running.Fatal(got.text)
	}
	return got.json()
}

func (b *browser) refresh() answer {
	running.Helper()
	return b.send("POST", refreshPath, nil)
}

func (b *browser) signOut() answer {
	running.Helper()
	return b.send("POST", "/auth/signout", nil)
}

func (b *browser) cookie(name string) string {
	for _, cookie := range b.http.Jar.Cookies(must(url.Parse(b.site.origin + refreshPath))) {
		if cookie.Name == name {
			return must(url.QueryUnescape(cookie.Value))
		}
	}
	return ""
}

func (b *browser) accessToken() string  { return b.cookie("sAccessToken") }
func (b *browser) refreshToken() string { return b.cookie("sRefreshToken") }

// copy is somebody else with the same cookies, from now on on their own: a thief, or a client that lost an answer.
func (b *browser) copy() *browser {
	other := b.site.browser()
	other.antiCsrf = b.antiCsrf
	place := must(url.Parse(b.site.origin + refreshPath))
	for _, cookie := range b.http.Jar.Cookies(place) {
		cookie.Path = "/"
		if cookie.Name == "sRefreshToken" {
			cookie.Path = refreshPath
		}
		other.http.Jar.SetCookies(place, []*http.Cookie{cookie})
	}
	return other
}

// What a token says, without believing it.

func part(token string, index int) string {
	running.Helper()
	return string(must(base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[index])))
}

func header(token string) object  { return parse(part(token, 0)) }
func payload(token string) object { return parse(part(token, 1)) }

func kid(token string) string { return header(token)["kid"].(string) }

func frontToken(text string) object {
	running.Helper()
	return parse(string(must(base64.StdEncoding.DecodeString(text))))
}

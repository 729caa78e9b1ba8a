package interop

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/multitenancy"
	"github.com/supertokens/supertokens-golang/recipe/session"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
	"github.com/supertokens/supertokens-golang/recipe/usermetadata"
	"github.com/supertokens/supertokens-golang/recipe/userroles"
	"github.com/supertokens/supertokens-golang/supertokens"
	"github.com/supertokens/supertokens-golang/test/unittesting"
)

type object = map[string]interface{}

const cdi = "3.1"

// The SDK keeps its state in globals, so one test runs at a time. This is the one.
var running *testing.T

// must returns the value, or fails the running test.
func must[T any](value T, err error) T {
	running.Helper()
	if err != nil {
		running.Fatal(err)
	}
	return value
}

func equal(t *testing.T, got, want interface{}) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %#v\nwant %#v", got, want)
	}
}

func pointer[T any](value T) *T {
	return &value
}

// app is an isolated world inside a server: its own keys, sessions, roles and tenants.
type app struct {
	server *server
	uri    string
	mutex  sync.Mutex
	calls  []string
}

type options struct {
	on      *server // rs256 unless another is named
	app     *app    // a new one unless one is named
	core    object
	apiKey  string
	session sessmodels.TypeInput
}

// connect creates an app, and points the SDK and a site at it. The last one connected counts.
func connect(t *testing.T, with options) (*app, *site) {
	t.Helper()
	running = t
	on := with.on
	if on == nil {
		on = rs256
	}
	reset(t)
	a := with.app
	if a == nil {
		a = newApp(t, on, with.core)
	}
	s := newSite(t)
	if with.session.AntiCsrf == nil {
		with.session.AntiCsrf = pointer(session.AntiCSRF_NONE)
	}
	err := supertokens.Init(supertokens.TypeInput{
		Supertokens: &supertokens.ConnectionInfo{ConnectionURI: a.uri, APIKey: with.apiKey, NetworkInterceptor: a.intercept},
		AppInfo:     supertokens.AppInfo{AppName: "interop", APIDomain: s.origin, WebsiteDomain: s.origin},
		RecipeList:  []supertokens.Recipe{session.Init(&with.session), userroles.Init(nil), usermetadata.Init(nil), multitenancy.Init(nil)},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.open()
	return a, s
}

// newApp creates and removes apps by the helpers of the SDK's own suite. They find the server by the environment.
func newApp(t *testing.T, on *server, core object) *app {
	t.Setenv("SUPERTOKENS_CORE_HOST", "127.0.0.1")
	t.Setenv("SUPERTOKENS_CORE_PORT", on.port)
	a := &app{server: on, uri: unittesting.CreateCoreApp(core)}
	mark := on.logLength()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's log:\n%s", on.log(mark))
		}
		unittesting.RemoveCoreApp(a.uri)
		if status, text := a.request("GET", "/hello", nil, ""); status != 400 {
			t.Errorf("the app should be gone, but: %d %s", status, text)
		}
	})
	return a
}

// reset forgets everything, as the SDK's own suite does. That one also removes every app it finds; here it finds no server to ask.
func reset(t *testing.T) {
	port, isSet := os.LookupEnv("SUPERTOKENS_CORE_PORT")
	t.Setenv("SUPERTOKENS_CORE_HOST", "127.0.0.1")
	t.Setenv("SUPERTOKENS_CORE_PORT", "1")
	session.BeforeEach()
	if isSet {
		os.Setenv("SUPERTOKENS_CORE_PORT", port)
	}
	supertokens.QuerierAPIKey = nil // Init sets it, but never clears it
}

// intercept writes down every call that the SDK makes and changes none.
func (a *app) intercept(request *http.Request, _ supertokens.UserContext) (*http.Request, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.calls = append(a.calls, request.Method+" "+strings.TrimPrefix(request.URL.Path, a.path()))
	return request, nil
}

// callsOf tells which calls the SDK made for what `action` did.
func (a *app) callsOf(action func()) []string {
	before := len(a.calls)
	action()
	return append([]string{}, a.calls[before:]...)
}

func (a *app) path() string {
	return strings.TrimPrefix(a.uri, a.server.origin)
}

// request sends one plain request to the server, with a version if one is named.
func (a *app) request(method, path string, body interface{}, version string) (int, string) {
	running.Helper()
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(must(json.Marshal(body)))
	}
	request := must(http.NewRequest(method, a.uri+path, reader))
	request.Header.Set("content-type", "application/json")
	if version != "" {
		request.Header.Set("cdi-version", version)
	}
	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close()
	return answer.StatusCode, string(must(io.ReadAll(answer.Body)))
}

// json is a request whose answer must be 200 and an object.
func (a *app) json(method, path string, body interface{}, version string) object {
	running.Helper()
	status, text := a.request(method, path, body, version)
	if status != 200 {
		running.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	return parse(text)
}

func parse(text string) object {
	running.Helper()
	var value object
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		running.Fatalf("%v in %q", err, text)
	}
	return value
}

// kids are the ids of the keys that the app publishes.
func (a *app) kids() []string {
	running.Helper()
	var kids []string
	for _, key := range a.json("GET", "/.well-known/jwks.json", nil, "")["keys"].([]interface{}) {
		kids = append(kids, key.(object)["kid"].(string))
	}
	return kids
}

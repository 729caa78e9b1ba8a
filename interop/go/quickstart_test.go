package interop

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// quickstart is the app that the manual shows, as a process of its own.
func quickstart(t *testing.T) *site {
	running = t
	binary := filepath.Join(t.TempDir(), "quickstart")
	if output, err := exec.Command("go", "build", "-o", binary, "./quickstart").CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	address := "127.0.0.1:" + must(freePort())
	var log bytes.Buffer
	process := exec.Command(binary)
	process.Env = []string{"ADDRESS=" + address, "SESSION_SERVER=" + newApp(t, rs256, nil).uri}
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Signal(os.Interrupt)
		process.Wait()
		if t.Failed() {
			t.Logf("the app's log:\n%s", log.String())
		}
	})
	s := &site{t: t, origin: "http://" + address}
	for limit := time.Now().Add(startLimit); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if _, err := s.browser().attempt("GET", "/me", nil); err == nil {
			return s
		}
	}
	t.Fatal("the app did not answer in time")
	return nil
}

func Test_the_quick_start_signs_in_protects_gives_a_role_and_signs_out_everywhere(t *testing.T) {
	s := quickstart(t)
	one, other := s.browser(), s.browser()
	status := func(b *browser, method, path string) int { return b.send(method, path, nil).status }
	equal(t, one.get("/me"), unauthorised)
	for _, each := range []*browser{one, other} {
		equal(t, each.send("POST", "/login", object{"user": "alice"}), answer{200, `{"user":"alice"}`})
	}
	equal(t, one.get("/me"), answer{200, `{"user":"alice"}`})

	equal(t, status(one, "GET", "/drafts"), 403)
	equal(t, status(one, "POST", "/become-editor"), 200)
	equal(t, status(one, "GET", "/drafts"), 200)
	equal(t, one.refresh().status, 200)
	equal(t, status(one, "GET", "/drafts"), 200)

	equal(t, status(one, "POST", "/leave-everywhere"), 200)
	equal(t, one.accessToken(), "")
	equal(t, other.refresh(), unauthorised)
}

// Package interop uses the unmodified Go SDK as a client of `hallpass serve`.
package interop

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const startLimit = 20 * time.Second

// The server of most tests, and one that signs with ES256.
var rs256, es256 *server

func TestMain(m *testing.M) {
	runtime.LockOSThread() // the servers end with the thread that started them
	os.Exit(withServers(m.Run))
}

func withServers(run func() int) int {
	for _, each := range []struct {
		place     **server
		name      string
		arguments []string
	}{{&rs256, "server", nil}, {&es256, "server-es256", []string{"--signing-algorithm", "ES256"}}} {
		started, err := startServer(each.name, each.arguments...)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer started.stop()
		*each.place = started
	}
	return run()
}

// server is a `hallpass serve` of our own. Everything it holds is in memory and ends with it.
type server struct {
	port    string
	origin  string
	logPath string
	process *exec.Cmd
	ended   chan error
}

func startServer(name string, arguments ...string) (*server, error) {
	binary := os.Getenv("HALLPASS_BIN")
	if binary == "" {
		binary = filepath.Join("..", "..", "target", "debug", "hallpass")
	}
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("there is no %s: build it with `cargo build -p hallpass-server`", binary)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll("test-results", 0o755); err != nil {
		return nil, err
	}
	s := &server{port: port, origin: "http://127.0.0.1:" + port, logPath: filepath.Join("test-results", name+".log"), ended: make(chan error, 1)}
	log, err := os.Create(s.logPath)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	arguments = append([]string{"serve", "--test-mode", "--listen", "127.0.0.1:" + port, "--database", "sqlite::memory:"}, arguments...)
	s.process = exec.Command(binary, arguments...)
	s.process.Stdout, s.process.Stderr = log, log
	s.process.Env = []string{} // its settings are those above, and none from around it
	// A test that panics ends this process on the spot, and nothing of it runs any more that could stop a server.
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	if err := s.waitUntilItAnswers(); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w:\n%s", err, s.log(0))
	}
	return s, nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func (s *server) waitUntilItAnswers() error {
	for limit := time.Now().Add(startLimit); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the server ended (%v) instead of starting", err)
		default:
		}
		answer, err := http.Get(s.origin + "/hello")
		if err != nil {
			continue
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err == nil && strings.Contains(string(body), "Hello") {
			return nil
		}
	}
	return errors.New("the server did not answer in time")
}

func (s *server) stop() {
	s.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		s.process.Process.Kill()
		<-s.ended
	}
}

// log returns what the server has written since an earlier logLength.
func (s *server) log(since int) string {
	text, err := os.ReadFile(s.logPath)
	if err != nil {
		return err.Error()
	}
	return string(bytes.ToValidUTF8(text[min(since, len(text)):], []byte("?")))
}

func (s *server) logLength() int {
	return len(s.log(0))
}

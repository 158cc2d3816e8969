package realserver

import (
	"strconv"
	"testing"
)

// Waitress starts waitress-serve with further flags, such as --channel-timeout=2; it has a
// thread and a connection limit that a test does not reach.
func Waitress(t testing.TB, flags ...string) *Server {
	t.Helper()
	Need(t, "waitress-serve")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "app.py", wsgi)
	args := append([]string{"--listen=127.0.0.1:" + strconv.Itoa(port), "--connection-limit=1000"}, flags...)
	return start(t, dir, port, []string{"PYTHONPATH=" + dir}, "waitress-serve", append(args, "app:app")...)
}

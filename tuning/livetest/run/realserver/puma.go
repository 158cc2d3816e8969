package realserver

import (
	"fmt"
	"testing"
)

// Puma starts Puma with these lines of puma.rb.
func Puma(t testing.TB, conf string) *Server {
	t.Helper()
	Need(t, "puma")
	dir, port := Dir(t), FreePort(t)
	file := File(t, dir, "puma.rb", fmt.Sprintf(`app { |env| [200, { "Content-Type" => "text/plain" }, ["ok\n"]] }
bind "tcp://127.0.0.1:%d"
%s
`, port, conf))
	return start(t, dir, port, nil, "puma", "-C", file)
}

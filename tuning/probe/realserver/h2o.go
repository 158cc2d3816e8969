package realserver

import (
	"fmt"
	"testing"
)

// H2OConf holds snippets for the levels of an h2o.conf.
type H2OConf struct {
	Global string // top level
	Path   string // indented by 8, inside path /; empty serves a short file
}

// H2O starts H2O.
func H2O(t testing.TB, c H2OConf) *Server {
	t.Helper()
	Need(t, "h2o")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "htdocs/index.html", "ok\n")
	if c.Path == "" {
		c.Path = "        file.dir: " + dir + "/htdocs"
	}
	user := ""
	if root() {
		user = "user: nobody"
	}
	conf := File(t, dir, "h2o.conf", fmt.Sprintf(`num-threads: 1
%s
%s
listen:
  host: 127.0.0.1
  port: %d
hosts:
  default:
    paths:
      /:
%s
`, user, c.Global, port, c.Path))
	return start(t, dir, port, nil, "h2o", "-m", "worker", "-c", conf)
}

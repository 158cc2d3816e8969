package realserver

import (
	"fmt"
	"testing"
)

// H2OConf holds snippets for the levels of an h2o.conf.
type H2OConf struct {
	Global string // top level
	TLS    bool   // with a self-signed certificate, which brings HTTP/2
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
	tls := ""
	if c.TLS {
		cert, key := Certificate(t, dir)
		tls = "\n  ssl:\n    certificate-file: " + cert + "\n    key-file: " + key
	}
	conf := File(t, dir, "h2o.conf", fmt.Sprintf(`num-threads: 1
%s
%s
listen:
  host: 127.0.0.1
  port: %d%s
hosts:
  default:
    paths:
      /:
%s
`, user, c.Global, port, tls, c.Path))
	return start(t, dir, port, nil, "h2o", "-m", "worker", "-c", conf)
}

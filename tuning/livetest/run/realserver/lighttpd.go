package realserver

import (
	"fmt"
	"testing"
)

// Lighttpd starts lighttpd with these lines of lighttpd.conf; without them everything is at
// the defaults of the version installed.
func Lighttpd(t testing.TB, lines string) *Server {
	t.Helper()
	Need(t, "lighttpd")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "htdocs/index.html", "ok\n")
	conf := File(t, dir, "lighttpd.conf", fmt.Sprintf(`server.document-root = "%s/htdocs"
server.bind = "127.0.0.1"
server.port = %d
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html")
%s
`, dir, port, lines))
	return start(t, dir, port, nil, "lighttpd", "-D", "-f", conf)
}

package realserver

import (
	"strconv"
	"testing"
)

// wsgi answers every request.
const wsgi = `def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]
`

// Gunicorn starts Gunicorn with one worker and these lines of gunicorn.conf.py. Without them
// it runs the sync worker and the WSGI program app:app; for a worker that runs ASGI programs
// the lines name asgi:app as wsgi_app. A thread waits with a connection that stays silent
// from its start, so that gthread needs more threads than a test has of those.
func Gunicorn(t testing.TB, conf string) *Server {
	t.Helper()
	Need(t, "gunicorn")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "app.py", wsgi)
	File(t, dir, "asgi.py", asgi)
	file := File(t, dir, "gunicorn.conf.py", "wsgi_app = \"app:app\"\n"+conf+"\n")
	return start(t, dir, port, nil, "gunicorn", "--config", file, "--bind", "127.0.0.1:"+strconv.Itoa(port))
}

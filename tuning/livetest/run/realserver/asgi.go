package realserver

import (
	"strconv"
	"strings"
	"testing"
)

// asgi answers every request, as soon as its body was read.
const asgi = `async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/plain"), (b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\n"})
`

// asgiRead are the lines of asgi that read the request.
const asgiRead = `    while (await receive()).get("more_body"):
        pass
`

// Uvicorn starts Uvicorn in this environment, lines such as UVICORN_TIMEOUT_KEEP_ALIVE=3 and
// comments, as in an EnvironmentFile of systemd.
func Uvicorn(t testing.TB, environment string) *Server {
	t.Helper()
	Need(t, "uvicorn")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "app.py", asgi)
	var env []string
	for line := range strings.Lines(environment) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			env = append(env, line)
		}
	}
	return start(t, dir, port, env, "uvicorn", "--host=127.0.0.1", "--port="+strconv.Itoa(port), "app:app")
}

// HypercornConf says how Hypercorn runs.
type HypercornConf struct {
	Lines string // of a TOML configuration
	Deaf  bool   // the program answers without reading the request
}

// Hypercorn starts Hypercorn.
func Hypercorn(t testing.TB, c HypercornConf) *Server {
	t.Helper()
	Need(t, "hypercorn")
	dir, port := Dir(t), FreePort(t)
	program := asgi
	if c.Deaf {
		program = strings.Replace(asgi, asgiRead, "", 1)
	}
	File(t, dir, "app.py", program)
	file := File(t, dir, "hypercorn.toml", c.Lines+"\n")
	return start(t, dir, port, nil, "hypercorn", "--config", file, "--bind", "127.0.0.1:"+strconv.Itoa(port), "app:app")
}

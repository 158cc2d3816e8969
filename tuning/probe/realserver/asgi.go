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

// Uvicorn starts Uvicorn with these arguments, such as --timeout-keep-alive=3.
func Uvicorn(t testing.TB, args ...string) *Server {
	t.Helper()
	Need(t, "uvicorn")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "app.py", asgi)
	return start(t, dir, port, nil, "uvicorn", append([]string{"--host=127.0.0.1", "--port=" + strconv.Itoa(port), "app:app"}, args...)...)
}

// HypercornConf says how Hypercorn runs.
type HypercornConf struct {
	Lines string // of a Python configuration file
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
	file := File(t, dir, "hypercorn_conf.py", c.Lines+"\n")
	return start(t, dir, port, nil, "hypercorn", "--config", "file:"+file, "--bind", "127.0.0.1:"+strconv.Itoa(port), "app:app")
}

package realserver

import (
	"fmt"
	"strconv"
	"testing"
)

// Node starts a Node HTTP server on which the snippet is run before it listens. The snippet
// sees http and server, for example "server.keepAliveTimeout = 2000".
func Node(t testing.TB, snippet string) *Server {
	t.Helper()
	return NodeScript(t, fmt.Sprintf(`'use strict';
const http = require('node:http');
const server = http.createServer((request, response) => { response.end('ok\n'); });
%s
server.listen(Number(process.env.PORT), process.env.HOST);
`, snippet))
}

// NodeScript runs a whole script, which must listen on port process.env.PORT of
// process.env.HOST.
func NodeScript(t testing.TB, script string) *Server {
	t.Helper()
	Need(t, "node")
	dir, port := Dir(t), FreePort(t)
	path := File(t, dir, "server.cjs", script)
	env := []string{"PORT=" + strconv.Itoa(port), "HOST=127.0.0.1"}
	return start(t, dir, port, env, "node", path)
}

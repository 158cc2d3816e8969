package realserver

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
)

// Runtime runs a script with one of the runtimes of JavaScript, on port process.env.PORT of
// process.env.HOST; words stand before the script. Packages come from the folder NODE_PATH.
func Runtime(t testing.TB, script, program string, words ...string) *Server {
	t.Helper()
	return Script(t, "server.cjs", script, program, words...)
}

// Script runs a script of that name, which must listen on port PORT of HOST as its environment
// says; words stand before it. It finds a server for proxies at ORIGIN, host:port.
func Script(t testing.TB, name, script, program string, words ...string) *Server {
	t.Helper()
	Need(t, program)
	dir, port := Dir(t), FreePort(t)
	path := File(t, dir, name, script)
	env := []string{"PORT=" + strconv.Itoa(port), "HOST=127.0.0.1", "ORIGIN=" + Origin(t), "HOME=" + dir, "DENO_NO_UPDATE_CHECK=1"}
	return start(t, dir, port, env, program, append(words, path)...)
}

// Workerd runs a worker that answers "ok".
func Workerd(t testing.TB) *Server {
	t.Helper()
	Need(t, "workerd")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "worker.js", "export default { fetch() { return new Response('ok\\n'); } };\n")
	conf := File(t, dir, "config.capnp", fmt.Sprintf(`using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker", esModule = embed "worker.js")], compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:%d", http = (), service = "main")]
);
`, port))
	return start(t, dir, port, nil, "workerd", "serve", filepath.Base(conf))
}

// Package runs a script on Node.js with a package of npm, such as ws@8.18.3, as [Runtime] does.
// The package is fetched from the registry.
func Package(t testing.TB, name, script string) *Server {
	t.Helper()
	Need(t, "npm", "node")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "package.json", "{}\n")
	once(t, dir, nil, "npm", "install", "--no-audit", "--no-fund", "--silent", name)
	path := File(t, dir, "server.cjs", script)
	return start(t, dir, port, []string{"PORT=" + strconv.Itoa(port), "HOST=127.0.0.1"}, "node", path)
}

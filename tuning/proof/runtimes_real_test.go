//go:build real && prove

package proof_test

import (
	"testing"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// Programs on runtimes of JavaScript.
const (
	onNodeHTTP = `require('node:http').createServer((request, response) => { response.end('ok\n'); }).listen(Number(process.env.PORT), process.env.HOST);`
	bunServe   = `Bun.serve({ port: Number(process.env.PORT), hostname: process.env.HOST, fetch() { return new Response('ok\n'); } });`
	denoServe  = `Deno.serve({ port: Number(process.env.PORT), hostname: process.env.HOST }, () => new Response('ok\n'));`
	onFastify  = `const app = require('fastify')(); app.get('/', (request, reply) => { reply.send('ok\n'); }); app.listen({ port: Number(process.env.PORT), host: process.env.HOST });`
)

// packageVersion is what a package of npm says of its version.
func packageVersion(name string) string {
	return "JSON.parse(require('fs').readFileSync(process.env.NODE_PATH + '/" + name + "/package.json')).version"
}

func TestRealRuntimes(t *testing.T) {
	script := func(text, program string, words ...string) func(testing.TB, string) *realserver.Server {
		return func(t testing.TB, _ string) *realserver.Server { return realserver.Runtime(t, text, program, words...) }
	}
	serve(t, runtimes(), []*product{
		{system: "bun", version: says("bun", "--version"), start: script(bunServe, "bun")},
		{system: "bun-node", version: says("bun", "--version"), start: script(onNodeHTTP, "bun")},
		{system: "deno", version: says("deno", "--version"), start: script(denoServe, "deno", "run", "--allow-all", "--quiet")},
		{system: "deno-node", version: says("deno", "--version"), before: livetest.Close408, start: script(onNodeHTTP, "deno", "run", "--allow-all", "--quiet")},
		{system: "workerd", version: says("node", "-p", packageVersion("workerd")), start: func(t testing.TB, _ string) *realserver.Server { return realserver.Workerd(t) }},
		{system: "fastify", version: says("node", "-p", packageVersion("fastify")), before: livetest.Close408, start: script(onFastify, "node")},
	}, false)
}

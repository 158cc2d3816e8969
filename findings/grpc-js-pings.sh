#!/bin/sh
# @grpc/grpc-js 1.14.7 with Node.js 26.10.0 (npm).
#
# gRPC's rules on keep-alive pings are those of Go and C; grpc-js has neither
# half:
# 1. Its server suffers any number of a client's pings, without a call, too. Go's
#    answers the fourth within five minutes with GOAWAY (too_many_pings).
# 2. Its client pings as often as it is told. Go makes anything below 10 s 10 s.
# So a client that was tried against grpc-js loses its connections behind grpc-go.
#
# Seen:
#   server, 24 pings in five seconds, no call    24 answered, no GOAWAY
#   client, keepalive_time_ms 1000, a call open   4 pings in five seconds
#   client, keepalive_time_ms 250, without calls  17 to 19 pings in five seconds
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node@26.10.0 @grpc/grpc-js@1.14.7 >/dev/null
cat >pings.cjs <<'JS'
const http2 = require("node:http2");
const grpc = require("@grpc/grpc-js");

// server resolves to what became of 24 pings.
const server = () =>
  new Promise((done) => {
    const s = new grpc.Server();
    s.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, port) => {
      const client = http2.connect(`http://127.0.0.1:${port}`);
      let sent = 0, answered = 0, goaway = "no GOAWAY";
      client.on("error", () => {});
      client.on("goaway", (code) => (goaway = `GOAWAY ${code}`));
      const timer = setInterval(() => {
        if (sent++ < 24) client.ping((error) => error || answered++);
        if (sent > 26) {
          clearInterval(timer);
          done(`${answered} answered, ${goaway}`);
        }
      }, 200);
    });
  });

// client resolves to how often one pings in five seconds.
const client = (options, call) =>
  new Promise((done) => {
    let pings = 0;
    const s = http2.createServer();
    s.on("stream", () => {});
    s.on("session", (session) => {
      session.on("ping", () => pings++);
      setTimeout(() => done(pings), 5000);
    });
    s.listen(0, "127.0.0.1", () => {
      const c = new grpc.Client(`127.0.0.1:${s.address().port}`, grpc.credentials.createInsecure(), options);
      const same = (x) => x;
      if (call) c.makeUnaryRequest("/a/b", same, same, Buffer.from("a"), () => {});
      else c.waitForReady(Date.now() + 10000, () => {});
    });
  });

(async () => {
  const [suffered, one, often] = await Promise.all([
    server(),
    client({ "grpc.keepalive_time_ms": 1000 }, true),
    client({ "grpc.keepalive_time_ms": 250, "grpc.keepalive_permit_without_calls": 1 }, false),
  ]);
  console.log(`server, 24 pings in five seconds, no call    ${suffered}`);
  console.log(`client, keepalive_time_ms 1000, a call open   ${one} pings in five seconds`);
  console.log(`client, keepalive_time_ms 250, without calls  ${often} pings in five seconds`);
  const same = suffered == "24 answered, no GOAWAY" && one >= 3 && one <= 5 && often >= 10;
  console.log(same ? "as seen before" : "CHANGED");
  process.exit(same ? 0 : 1);
})();
JS
node_modules/node/bin/node pings.cjs

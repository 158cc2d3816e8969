#!/bin/sh
# Bun 1.4.4 (npm @oven/bun-linux-x64-baseline@1.4.4).
#
# Bun.serve's idleTimeout is documented in seconds but counted in ticks of four
# that all connections share: with 4 a connection ends anything from 0 to 4 s
# after its answer, just as with 1, and with 5 as with 8 it ends after 4 to 8 s.
# So a client that reuses within 4 s meets a closed connection at 4.
#
# Seen (eight connections half a second apart, seconds from answer to close):
#   idleTimeout 1  [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
#   idleTimeout 4  [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
#   idleTimeout 5  [4.4, 4.9, 5.4, 6.0, 6.5, 7.0, 7.5, 8.0]
#   idleTimeout 8  [4.3, 4.8, 5.3, 5.8, 6.4, 6.9, 7.5, 8.0]
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" @oven/bun-linux-x64-baseline@1.4.4 >/dev/null
cat >server.js <<'JS'
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: Number(process.argv[2]),
  fetch: () => new Response("ok"),
});
console.log(server.port);
JS
python3 - "$dir" <<'PY'
import select, socket, subprocess, sys, time

dir = sys.argv[1]

def run(idle):
    bun = subprocess.Popen([f"{dir}/node_modules/@oven/bun-linux-x64-baseline/bin/bun", "server.js", str(idle)], stdout=subprocess.PIPE, text=True)
    try:
        port = int(bun.stdout.readline())
        open_since, lived = {}, []
        def reap(seconds):
            until = time.monotonic() + seconds
            while open_since and time.monotonic() < until:
                for s in select.select(list(open_since), [], [], until - time.monotonic())[0]:
                    lived.append(time.monotonic() - open_since.pop(s))
                    s.close()
            time.sleep(max(0, until - time.monotonic()))
        for _ in range(8):
            s = socket.create_connection(("127.0.0.1", port), 10)
            s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            got = b""
            while not got.endswith(b"ok"):
                got += s.recv(65536)
            open_since[s] = time.monotonic()
            reap(0.5)
        for _ in range(20):
            if open_since:
                reap(0.5)
        print(f"idleTimeout {idle}  {[round(t, 1) for t in sorted(lived)]}", flush=True)
        return lived
    finally:
        bun.terminate()
        bun.wait()

one, four, five, eight = run(1), run(4), run(5), run(8)
same = all(len(l) == 8 for l in (one, four, five, eight))
same = same and min(four) < 2 and max(four) < 6 and max(one) > 2 and 3.5 < min(five) < 6 and max(five) > 6 and 3.5 < min(eight) < 7
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

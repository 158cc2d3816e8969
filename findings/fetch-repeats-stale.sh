#!/bin/sh
# Node.js 26.10.0, Bun 1.4.4 and Deno 2.9.6 (npm node@26.10.0,
# @oven/bun-linux-x64-baseline@1.4.4, @deno/linux-x64-glibc@2.9.6).
#
# One call of fetch, and a kept connection that the server ends as the request
# arrives: Node.js fails whatever the method, Bun repeats what is idempotent,
# and Deno repeats a POST, too. The server cannot tell its second from another
# order: where a connection is closed by a worker that took the request and
# died, the order is carried out twice.
#
# Seen (requests that arrive after one that was answered; the answer of fetch):
#   node  GET   1, failed     bun  GET   2, 200      deno  GET   2, 200
#   node  PUT   1, failed     bun  PUT   2, 200      deno  PUT   2, 200
#   node  POST  1, failed     bun  POST  1, failed   deno  POST  2, 200
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
npm install --silent --no-audit --no-fund --cache "$dir/npm" node@26.10.0 @oven/bun-linux-x64-baseline@1.4.4 @deno/linux-x64-glibc@2.9.6 >/dev/null
cat >client.mjs <<'JS'
const [port, method] = globalThis.Deno ? Deno.args : process.argv.slice(2);
let last;
for (let i = 0; i < 2; i++) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method, body: method == "GET" ? undefined : "order" });
    await answer.text();
    last = answer.status;
  } catch {
    last = "failed";
  }
  await new Promise((done) => setTimeout(done, 300));
}
console.log(last);
(globalThis.Deno ?? process).exit(0);
JS
python3 - "$dir" <<'PY'
import os, socket, subprocess, sys, threading

dir = sys.argv[1]
env = dict(os.environ, DENO_DIR=f"{dir}/deno")
RUNTIMES = {
    "node": [f"{dir}/node_modules/node/bin/node"],
    "bun": [f"{dir}/node_modules/@oven/bun-linux-x64-baseline/bin/bun"],
    "deno": [f"{dir}/node_modules/@deno/linux-x64-glibc/deno", "run", "-A"],
}

def serve(listener, arrived):
    """Answers the first request of all, ends its connection at the next, answers any other."""
    def talk(c, first):
        with c:
            while words := c.recv(65536):
                if not words.startswith((b"GET", b"PUT", b"POST")):
                    continue  # a body in a packet of its own
                arrived.append(words)
                if first and len(arrived) == 2:
                    return
                c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    first = True
    while True:
        try:
            c, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=talk, args=(c, first), daemon=True).start()
        first = False

seen = {}
for method in "GET", "PUT", "POST":
    for name, command in RUNTIMES.items():
        listener, arrived = socket.create_server(("127.0.0.1", 0)), []
        threading.Thread(target=serve, args=(listener, arrived), daemon=True).start()
        said = subprocess.run([*command, "client.mjs", str(listener.getsockname()[1]), method], env=env, capture_output=True, text=True, timeout=60).stdout.strip()
        listener.close()
        seen[name, method] = f"{len(arrived) - 1}, {said}"
        print(f"{name:<5} {method:<5} {seen[name, method]}", flush=True)
again, failed = "2, 200", "1, failed"
want = {"node": [failed] * 3, "bun": [again, again, failed], "deno": [again] * 3}
same = all(seen[name, m] == want[name][i] for name in want for i, m in enumerate(("GET", "PUT", "POST")))
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

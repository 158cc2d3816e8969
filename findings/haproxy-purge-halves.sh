#!/bin/sh
# HAProxy 2.6.12 (Debian 12, package haproxy 2.6.12-1+deb12u4).
#
# pool-purge-delay is documented as the interval in which half of a server's idle
# connections are closed. None ends in the first two intervals: a lone one lives
# three of them, and of sixteen that fell idle together the last lives seven.
#
# Seen (pool-purge-delay 2s, seconds from the answer to the close):
#   one      [6.0]
#   sixteen  [6.0, 6.0, 6.0, 6.0, 6.0, 8.0, 8.0, 8.0, 8.0, 8.0, 10.0, 10.0, 10.0, 12.0, 12.0, 14.0]
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'liblua5.3.so.0' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import socket, subprocess, sys, threading, time

dir = sys.argv[1]

class Backend:
    """Answers once all of its connections have asked, and notes when each ends."""
    def __init__(self, number):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.ended, self.all = self.listener.getsockname()[1], [], threading.Barrier(number)
        threading.Thread(target=self.accept, daemon=True).start()
    def accept(self):
        while True:
            conn, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()
    def serve(self, conn):
        conn.recv(65536)
        self.all.wait(20)
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        begin = time.monotonic()
        try:
            conn.recv(1)
        except ConnectionResetError:
            pass
        self.ended.append(time.monotonic() - begin)
        conn.close()

def free():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]

one, many = Backend(1), Backend(16)
ports = [free(), free()]
open(f"{dir}/haproxy.cfg", "w").write(f"""
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen one
  bind 127.0.0.1:{ports[0]}
  server s 127.0.0.1:{one.port} pool-purge-delay 2s
listen many
  bind 127.0.0.1:{ports[1]}
  server s 127.0.0.1:{many.port} pool-purge-delay 2s
""")
proxy = subprocess.Popen([f"{dir}/usr/sbin/haproxy", "-db", "-f", f"{dir}/haproxy.cfg"], stderr=subprocess.DEVNULL)
try:
    def client(port):
        for _ in range(100):
            try:
                s = socket.create_connection(("127.0.0.1", port), 20)
                break
            except OSError:
                time.sleep(0.1)
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return s
    clients = [client(ports[0])] + [client(ports[1]) for _ in range(16)]
    for s in clients:
        got = b""
        while not got.endswith(b"ok"):
            got += s.recv(65536)
    for s in clients:
        s.close()
    limit = time.monotonic() + 50
    while len(one.ended) + len(many.ended) < 17 and time.monotonic() < limit:
        time.sleep(0.1)
    print("one     ", [round(t, 1) for t in one.ended])
    print("sixteen ", [round(t, 1) for t in sorted(many.ended)])
    same = len(one.ended) == 1 and len(many.ended) == 16 and min(one.ended + many.ended) > 3.9 and max(many.ended) > 9.9
    print("as seen before" if same else "CHANGED")
finally:
    proxy.terminate()
    proxy.wait()
sys.exit(0 if same else 1)
PY

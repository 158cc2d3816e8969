#!/bin/sh
# HAProxy 2.6.12 (Debian 12, package haproxy 2.6.12-1+deb12u4).
#
# 1. max-reuse on a server line has no effect over HTTP/1.1: with max-reuse 0,
#    which "will effectively disable keep-alive" by the manual, one connection to
#    the server serves every request.
# 2. A frontend with option http-server-close sends its requests, each with
#    Connection: close, over connections that another frontend left idle.
#
# Seen:
#   max-reuse 0: three requests on 1 connection
#   http-server-close: a request on a connection that another frontend used
#
# Exits with 1 where one of the two is otherwise.
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
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.seen, self.count = self.listener.getsockname()[1], [], 0
        threading.Thread(target=self.accept, daemon=True).start()
    def accept(self):
        while True:
            conn, _ = self.listener.accept()
            self.count += 1
            threading.Thread(target=self.serve, args=(conn, self.count), daemon=True).start()
    def serve(self, conn, number):
        while True:
            try:
                got = conn.recv(65536)
            except OSError:
                return
            if not got:
                return
            self.seen.append((number, b"connection: close" in got.lower()))
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

def free():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]

one, two = Backend(), Backend()
ports = [free() for _ in range(3)]
open(f"{dir}/haproxy.cfg", "w").write(f"""
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend reuse
  bind 127.0.0.1:{ports[0]}
  default_backend one
frontend keeps
  bind 127.0.0.1:{ports[1]}
  default_backend two
frontend closes
  bind 127.0.0.1:{ports[2]}
  option http-server-close
  default_backend two
backend one
  server s 127.0.0.1:{one.port} max-reuse 0
backend two
  http-reuse always
  server s 127.0.0.1:{two.port}
""")
proxy = subprocess.Popen([f"{dir}/usr/sbin/haproxy", "-db", "-f", f"{dir}/haproxy.cfg"], stderr=subprocess.DEVNULL)
try:
    def client(port):
        for _ in range(100):
            try:
                return socket.create_connection(("127.0.0.1", port), 10)
            except OSError:
                time.sleep(0.1)
    def ask(s):
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        got = b""
        while not got.endswith(b"ok"):
            got += s.recv(65536)
    s = client(ports[0])
    for _ in range(3):
        ask(s)
    print(f"max-reuse 0: three requests on {one.count} connection(s)")
    ask(client(ports[1]))
    time.sleep(0.3)
    ask(client(ports[2]))
    shared = two.seen[1][0] == two.seen[0][0] and two.seen[1][1]
    print(f"http-server-close: (connection, Connection: close) of the two requests: {two.seen}")
    same = one.count == 1 and shared
    print("as seen before" if same else "CHANGED")
finally:
    proxy.terminate()
    proxy.wait()
sys.exit(0 if same else 1)
PY

#!/bin/sh
# HAProxy 2.6.12 (Debian 12, package haproxy 2.6.12-1+deb12u4).
#
# HAProxy passes a server's Keep-Alive header on to the client, although the
# header speaks of one connection alone: the client is told the backend's time
# and closed after HAProxy's own "timeout http-keep-alive". The Connection header
# beside it is dropped. A client that believes the hint loses the race.
#
# Seen (backend: timeout=72, HAProxy: timeout http-keep-alive 2s):
#   ['keep-alive: timeout=72'], closed after 2.0 s
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
import http.server, socket, subprocess, sys, threading, time

dir = sys.argv[1]

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Connection", "keep-alive")
        self.send_header("Keep-Alive", "timeout=72")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_):
        pass

backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
backend.daemon_threads = True
threading.Thread(target=backend.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
open(f"{dir}/haproxy.cfg", "w").write(f"""
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  timeout http-keep-alive 2s
listen l
  bind 127.0.0.1:{port}
  server s 127.0.0.1:{backend.server_address[1]}
""")
proxy = subprocess.Popen([f"{dir}/usr/sbin/haproxy", "-db", "-f", f"{dir}/haproxy.cfg"], stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            s = socket.create_connection(("127.0.0.1", port), 30)
            break
        except OSError:
            time.sleep(0.1)
    s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    got = b""
    while not got.endswith(b"ok"):
        got += s.recv(65536)
    begin = time.monotonic()
    s.recv(1)
    took = time.monotonic() - begin
    head = got.decode().split("\r\n")
    told = [l for l in head if l.lower().startswith(("keep-alive:", "connection:"))]
    print(f"{told}, closed after {took:.1f} s")
    same = told == ["keep-alive: timeout=72"] and 1.8 < took < 5
    print("as seen before" if same else "CHANGED")
finally:
    proxy.terminate()
    proxy.wait()
sys.exit(0 if same else 1)
PY

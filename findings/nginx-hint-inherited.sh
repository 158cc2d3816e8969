#!/bin/sh
# nginx 1.22.1 (Debian 12, package nginx 1.22.1-9+deb12u11).
#
# keepalive_timeout is one directive of two arguments, but each is inherited on
# its own: a server that sets only the first keeps the second of its http block.
# "keepalive_timeout 65 60;" in http and "keepalive_timeout 2;" in the server
# tell a client 60 s and close after 2 s. A client that believes the hint sends
# its next request into the close.
#
# Seen:
#   ['Keep-Alive: timeout=60'], closed after 2.1 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download nginx=1.22.1-9+deb12u11 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
python3 - "$dir" <<'PY'
import os, socket, subprocess, sys, time

dir = sys.argv[1]
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
user = "user nobody nogroup;" if os.geteuid() == 0 else ""
temp = "".join(f"{m}_temp_path {dir}/t_{m};" for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
open(f"{dir}/nginx.conf", "w").write(f"""
{user}
daemon off;
pid {dir}/pid;
error_log {dir}/error.log;
events {{}}
http {{
  access_log off;
  {temp}
  keepalive_timeout 65 60;
  server {{
    listen 127.0.0.1:{port};
    keepalive_timeout 2;
    return 200 ok;
  }}
}}
""")
nginx = subprocess.Popen([f"{dir}/usr/sbin/nginx", "-p", dir, "-c", f"{dir}/nginx.conf", "-e", f"{dir}/error.log"])
try:
    for _ in range(100):
        try:
            s = socket.create_connection(("127.0.0.1", port), 20)
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
    told = [l for l in got.decode().split("\r\n") if l.startswith("Keep-Alive")]
    print(f"{told}, closed after {took:.1f} s")
    same = told == ["Keep-Alive: timeout=60"] and 1.8 < took < 5
    print("as seen before" if same else "CHANGED")
finally:
    nginx.terminate()
    nginx.wait()
sys.exit(0 if same else 1)
PY

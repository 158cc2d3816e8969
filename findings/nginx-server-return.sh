#!/bin/sh
# nginx 1.22.1 (Debian 12, package nginx 1.22.1-9+deb12u11).
#
# A "return" (or a rewrite that answers) straight in a server block answers before
# a location is chosen, and only then are the limits of keep-alive looked at:
# keepalive_requests never ends such a connection, and with keepalive_timeout 0
# the answer promises keep-alive and the connection ends all the same. The usual
# redirect to HTTPS is such a server.
#
# Seen:
#   keepalive_requests 2, return in a location   2 answers, the last with Connection: close
#   keepalive_requests 2, return in the server   8 answers, the last with Connection: keep-alive
#   keepalive_timeout 0, return in a location    1 answer, the last with Connection: close
#   keepalive_timeout 0, return in the server    1 answer, the last with Connection: keep-alive
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
user = "user nobody nogroup;" if os.geteuid() == 0 else ""
temp = "".join(f"{m}_temp_path {dir}/t_{m};" for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

def ask(limit, where, block):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    open(f"{dir}/nginx.conf", "w").write(f"""
{user} daemon off; pid {dir}/pid; error_log {dir}/error.log; events {{}}
http {{ access_log off; {temp} {limit}; server {{ listen 127.0.0.1:{port}; {block} }} }}""")
    nginx = subprocess.Popen([f"{dir}/usr/sbin/nginx", "-c", f"{dir}/nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                c = socket.create_connection(("127.0.0.1", port), 20)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        answers, said = 0, ""
        while answers < 8:
            try:
                c.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                got = c.recv(65536)
            except ConnectionError:
                break
            if not got:
                break
            answers += 1
            said = next(h for h in got.decode().split("\r\n") if h.startswith("Connection:"))
        print(f"{limit + ', return in ' + where:<44} {answers} answer{'s'[:answers > 1]}, the last with {said}", flush=True)
        return answers, said[12:]
    finally:
        nginx.terminate()
        nginx.wait()

SPOTS = ("a location", "location / { return 301 https://a/; }"), ("the server", "return 301 https://a/;")
seen = [ask(limit, *spot) for limit in ("keepalive_requests 2", "keepalive_timeout 0") for spot in SPOTS]
same = seen == [(2, "close"), (8, "keep-alive"), (1, "close"), (1, "keep-alive")]
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

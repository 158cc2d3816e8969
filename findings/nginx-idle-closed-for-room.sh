#!/bin/sh
# nginx 1.22.1 (Debian 12, package nginx 1.22.1-9+deb12u11).
#
# keepalive_timeout and the header that tells clients of it hold only while a
# sixteenth of worker_connections is free. Below that each new connection makes
# nginx close idle ones at once, although it has room; with error_log's usual
# level nothing is written.
#
# Seen (worker_connections 64, "Keep-Alive: timeout=60", one request on each):
#   55 clients: 55 still open after a second, 0 lines logged
#   62 clients: 55 still open after a second, 0 lines logged
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download nginx=1.22.1-9+deb12u11 >/dev/null 2>&1
dpkg-deb -x nginx_*.deb .
mkdir log
python3 - "$dir" <<'PY'
import socket, subprocess, sys, time

dir = sys.argv[1]

def run(clients):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    paths = " ".join(f"{p}_temp_path {dir}/log/{p};" for p in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    open(f"{dir}/nginx.conf", "w").write(f"""
daemon off; master_process off; pid {dir}/pid; error_log {dir}/log/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; {paths}
  keepalive_timeout 60s 60s;
  server {{ listen 127.0.0.1:{port}; return 200 ok; }}
}}
""")
    open(f"{dir}/log/error.log", "w").close()
    nginx = subprocess.Popen([f"{dir}/usr/sbin/nginx", "-c", f"{dir}/nginx.conf", "-e", f"{dir}/log/error.log"])
    try:
        held = []
        while len(held) < clients:
            try:
                s = socket.create_connection(("127.0.0.1", port), 10)
            except ConnectionRefusedError:
                time.sleep(0.1)
                continue
            s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            if b"Keep-Alive: timeout=60" not in s.recv(4096):
                return None
            held.append(s)
        time.sleep(1)
        still = 0
        for s in held:
            s.setblocking(False)
            try:
                s.recv(1)
            except BlockingIOError:
                still += 1
            except ConnectionResetError:
                pass
        logged = len(open(f"{dir}/log/error.log").readlines())
        print(f"{clients} clients: {still} still open after a second, {logged} lines logged", flush=True)
        return still, logged
    finally:
        nginx.terminate()
        nginx.wait()

few, many = run(55), run(62)
same = few == (55, 0) and many is not None and many[0] < 60 and many[1] == 0
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

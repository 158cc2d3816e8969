#!/bin/sh
# nginx 1.22.1 (Debian 12, package nginx 1.22.1-9+deb12u11).
#
# A server that listens on 127.0.0.1:PORT without options is probed with the
# so_keepalive of another server, one that listens on *:PORT: nginx opens only
# the wildcard's socket for both and sorts by address later. The servers may
# stand in different files.
#
# Seen (time to the first probe on a connection to 127.0.0.1:PORT):
#   listen 127.0.0.1:PORT alone                           no probes
#   beside another server's PORT so_keepalive=40m::5      2400 s
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

def free():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]

def probe_timer(port, client):
    """Seconds to the first probe of the accepted end, or None."""
    for line in open("/proc/net/tcp").readlines()[1:]:
        f = line.split()
        if f[1].endswith(f":{port:04X}") and f[2].endswith(f":{client:04X}"):
            kind, ticks = f[5].split(":")
            return int(ticks, 16) / os.sysconf("SC_CLK_TCK") if kind == "02" else None

def run(options):
    port = free()
    listens = "".join(f"server {{ listen {o.format(port)}; return 200 ok; }}\n" for o in options)
    open(f"{dir}/nginx.conf", "w").write(f"""
{user}
daemon off;
pid {dir}/pid;
events {{}}
http {{
  access_log off;
  {temp}
  {listens}
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
        s.recv(65536)
        time.sleep(0.3)
        return probe_timer(port, s.getsockname()[1])
    finally:
        nginx.terminate()
        nginx.wait()

alone = run(["127.0.0.1:{}"])
beside = run(["127.0.0.1:{}", "{} so_keepalive=40m::5"])
told = lambda seconds: "no probes" if seconds is None else f"{seconds:.0f} s"
print(f"listen 127.0.0.1:PORT alone                           {told(alone)}")
print(f"beside another server's PORT so_keepalive=40m::5      {told(beside)}")
same = alone is None and beside is not None and 2390 < beside <= 2400
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

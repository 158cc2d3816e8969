#!/bin/sh
# MariaDB 10.11.19, memcached 1.6.18 and nginx 1.22.1 (Debian 12, packages
# mariadb-server-core 1:10.11.19-0+deb12u1, memcached 1.6.18-1+deb12u1 and nginx
# 1.22.1-9+deb12u11).
#
# Five minutes written as 5m, without an error or a warning:
# - MariaDB takes the m of any number for mega: wait_timeout is 5,242,880 s, 60 days;
# - memcached stops at the first letter: idle_timeout is five seconds.
# nginx knows m, and "1m 30s" by its documentation, but keepalive_timeout takes two
# times: with a blank it ends after one minute and promises the client 30 s.
#
# Seen:
#   mariadb    wait_timeout=5m            5242880
#   memcached  -o idle_timeout=5m         5
#   nginx      keepalive_timeout 2s 1s    timeout=1, closed after 2.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download mariadb-server-core=1:10.11.19-0+deb12u1 libaio1=0.3.113-4 liburing2=2.3-3 libsnappy1v5=1.1.9-3 libpmem1=1.12.1-2 libndctl6=76.1-1 libdaxctl1=76.1-1 \
	memcached=1.6.18-1+deb12u1 libevent-2.1-7=2.1.12-stable-8+deb12u1 nginx=1.22.1-9+deb12u11 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
python3 - "$dir" <<'PY'
import glob, os, re, socket, subprocess, sys, time

dir = sys.argv[1]
libraries = {os.path.dirname(f) for f in glob.glob(f"{dir}/usr/lib/*/*.so*") + glob.glob(f"{dir}/lib/*/*.so*")}
env = dict(os.environ, LD_LIBRARY_PATH=":".join(sorted(libraries)))

def start(port, *command):
    p = subprocess.Popen(command, env=env, cwd=dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            return p, socket.create_connection(("127.0.0.1", port), 10)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit(f"{command[0]} does not start")

def free():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]

seen = []

# The values that the server would run with, as --help lists them.
open(f"{dir}/my.cnf", "w").write("[mysqld]\nwait_timeout = 5m\n")
said = subprocess.run([f"{dir}/usr/sbin/mariadbd", f"--defaults-file={dir}/my.cnf", "--verbose", "--help"], env=env, capture_output=True, text=True).stdout
seen.append(re.search(r"^wait-timeout +(\d+)", said, re.M)[1])
print("mariadb    wait_timeout=5m           ", seen[-1], flush=True)

port = free()
user = ["-u", "nobody"] if os.geteuid() == 0 else []
p, s = start(port, f"{dir}/usr/bin/memcached", *user, "-l", "127.0.0.1", "-p", str(port), "-o", "idle_timeout=5m")
s.sendall(b"stats settings\r\nquit\r\n")
said = b"".join(iter(lambda: s.recv(65536), b"")).decode()
p.terminate()
p.wait()
seen.append(re.search(r"STAT idle_timeout (\d+)", said)[1])
print("memcached  -o idle_timeout=5m        ", seen[-1], flush=True)

port = free()
paths = "".join(f"{m}_temp_path {dir}/{m}; " for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
open(f"{dir}/n.conf", "w").write(f"daemon off; master_process off; error_log stderr; pid {dir}/pid; events {{}} http {{ access_log off; {paths}"
                                 f"server {{ listen 127.0.0.1:{port}; root {dir}; keepalive_timeout 2s 1s; }} }}")
p, s = start(port, f"{dir}/usr/sbin/nginx", "-p", dir, "-c", f"{dir}/n.conf")
s.sendall(b"GET /my.cnf HTTP/1.1\r\nHost: a\r\n\r\n")
said, asked = s.recv(65536).decode(), time.monotonic()
while s.recv(65536):
    asked = time.monotonic()
took = time.monotonic() - asked
p.terminate()
p.wait()
hint = re.search(r"Keep-Alive: (\S+)", said)
seen.append((hint and hint[1], round(took)))
print(f"nginx      keepalive_timeout 2s 1s    {hint and hint[1]}, closed after {took:.1f} s", flush=True)

same = seen == ["5242880", "5", ("timeout=1", 2)]
print("as seen before" if same else "CHANGED", seen if not same else "")
sys.exit(0 if same else 1)
PY

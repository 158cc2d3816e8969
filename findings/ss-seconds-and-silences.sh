#!/bin/sh
# iproute2 6.1.0-3 of Debian 12 on Linux 6.18.44 (root, a network namespace of
# its own, Python 3).
#
# Two times that ss prints are not what they look like:
# - an armed timer between one and ten seconds is printed without the unit of
#   its seconds: a probe that is due in 5 s stands as timer:(keepalive,4.984ms,0);
# - a connection that is only being opened (SYN-SENT) has lastsnd and lastrcv, as
#   if it had been silent for longer than it exists: the kernel counts them from
#   its own first moment, five minutes after the start.
#
# Seen:
#   TCP_KEEPIDLE 5:  timer:(keepalive,4.984ms,0)
#   SYN-SENT:        lastsnd:3331492 while the host has been up for 3631.7 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
cd "$dir"
apt-get -qq download iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libbpf.so.1' | head -n 1)")
PATH=$dir/bin:$dir/sbin:$dir/usr/sbin:$PATH
export LD_LIBRARY_PATH PATH
cat >"$dir/ends.py" <<'PY'
import re, socket, subprocess, sys

def listed(port):
    out = subprocess.run(["ss", "-tanoiO"], capture_output=True, text=True, check=True).stdout
    return [l for l in out.splitlines() if f":{port} " in l]

listener = socket.create_server(("127.0.0.1", 0), backlog=0)
port = listener.getsockname()[1]
client = socket.create_connection(("127.0.0.1", port))
kept, _ = listener.accept()
client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
timer = next(m.group(0) for l in listed(port) if (m := re.search(r"timer:\(keepalive,[^)]*\)", l)))
print(f"  TCP_KEEPIDLE 5:  {timer}")

waiting = []
for _ in range(4):  # more than the listener has room for
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", port))
    waiting.append(s)
line = next(l for l in listed(port) if l.startswith("SYN-SENT"))
silent = int(re.search(r"lastsnd:(\d+)", line).group(1)) / 1000
up = float(open("/proc/uptime").read().split()[0])
print(f"  SYN-SENT:        lastsnd:{silent * 1000:.0f} while the host has been up for {up:.1f} s")
as_seen = re.fullmatch(r"timer:\(keepalive,[1-5]\.\d{3}ms,0\)", timer) and abs(silent - (up - 300)) < 2
sys.exit(0 if as_seen else 1)
PY
unshare --net sh -c "ip link set lo up && exec python3 '$dir/ends.py'"

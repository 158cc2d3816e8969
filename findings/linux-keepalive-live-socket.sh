#!/bin/sh
# Linux (6.18 here; its version is printed), keep-alive options of a socket that is open.
#
# Who takes a socket out of a running program (pidfd_getfd(2)) to set its probes meets:
# 1. SO_KEEPALIVE counts the idle time from when it is switched on, however long the
#    silence was; TCP_KEEPIDLE on a socket that has it counts the silence, and the
#    probe goes out at once. The order of two calls decides whether thousands do.
# 2. What getsockopt read and setsockopt puts back is not what was: the socket showed
#    the host's tcp_keepalive_time, and follows it no more. Nothing undoes that:
#    TCP_KEEPIDLE 0 is refused, and above 32767 what the host may have cannot be set.
# 3. Of Multipath TCP, ss lists subflows: the program's descriptor has the inode that
#    ss shows and another cookie (SO_COOKIE), so it seems to be another socket.
#
# Seen:
#   idle 2 s, silent for 3 s: switched on, the timer runs 2 s; idle set after it, 0 probes before, 1 at once
#   the host's time is 7200 s, then 99 s: untouched 99, put back 7200; 0 is refused
#   the host's time is 40000 s: it reads 40000, and to put that back is refused
#   Multipath TCP: the same inode True, the same cookie False
#
# Exits with 1 where it is otherwise. Needs root and Python 3.
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libbpf.so.1' | head -n 1)") PATH=$dir/bin:$dir/sbin:$PATH
export LD_LIBRARY_PATH PATH
uname -r
unshare --net -- sh -c 'ip link set lo up; exec python3 -' <<'PY'
import os, re, socket, struct, subprocess, sys, time
TCP, IDLE = socket.IPPROTO_TCP, 4
host = "/proc/sys/net/ipv4/tcp_keepalive_time"
def pair(proto=0):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    listener.bind(("127.0.0.1", 0)); listener.listen()
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    client.connect(listener.getsockname())
    return client, listener.accept()[0]
def ss(s):
    return subprocess.run(["ss", "-tneoiH", "sport", "=", str(s.getsockname()[1]), "and", "dport", "=", str(s.getpeername()[1])], capture_output=True, text=True, check=True).stdout
def heard(s):  # ms since the last acknowledgement, which the answer of a probe is
    return struct.unpack("I", s.getsockopt(TCP, 11, 104)[56:60])[0]
def set_host(n):
    open(host, "w").write(str(n))
def take(s, n):
    try:
        s.setsockopt(TCP, IDLE, n)
    except OSError:
        return "refused"
    return "taken"
seen = []
_, a = pair(); keep = [_, a]; time.sleep(3)
a.setsockopt(TCP, IDLE, 2); a.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
timer = re.search(r"timer:\(keepalive,([0-9.]+)(m?s)", ss(a))
left = float(timer[1])
_, b = pair(); keep += [_, b]
b.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
time.sleep(3)
before = int(heard(b) < 2000)
b.setsockopt(TCP, IDLE, 2)
time.sleep(0.5)
seen.append(f"idle 2 s, silent for 3 s: switched on, the timer runs {-(-left // 1):.0f} s; idle set after it, {before} probes before, {int(heard(b) < 1000)} at once")
set_host(7200)
_, untouched = pair(); keep += [_]
_, back = pair(); keep += [_]
back.setsockopt(TCP, IDLE, back.getsockopt(TCP, IDLE))
set_host(99)
zero = take(back, 0)
seen.append(f"the host's time is 7200 s, then 99 s: untouched {untouched.getsockopt(TCP, IDLE)}, put back {back.getsockopt(TCP, IDLE)}; 0 is {zero}")
set_host(40000)
again = take(untouched, untouched.getsockopt(TCP, IDLE))
seen.append(f"the host's time is 40000 s: it reads {untouched.getsockopt(TCP, IDLE)}, and to put that back is {again}")
_, m = pair(262); keep += [_]
line = ss(m)
inode, cookie = re.search(r"ino:(\d+) sk:([0-9a-f]+)", line).groups()
own = struct.unpack("Q", m.getsockopt(socket.SOL_SOCKET, 57, 8))[0]
seen.append(f"Multipath TCP: the same inode {os.fstat(m.fileno()).st_ino == int(inode)}, the same cookie {own == int(cookie, 16)}")
print("\n".join(seen))
sys.exit(seen != [
    "idle 2 s, silent for 3 s: switched on, the timer runs 2 s; idle set after it, 0 probes before, 1 at once",
    "the host's time is 7200 s, then 99 s: untouched 99, put back 7200; 0 is refused",
    "the host's time is 40000 s: it reads 40000, and to put that back is refused",
    "Multipath TCP: the same inode True, the same cookie False",
])
PY

#!/bin/sh
# Linux 6.18.44 (root, two network namespaces of its own, iproute2 6.1.0-3 of
# Debian 12, Python 3).
#
# A router that answers a keep-alive probe with ICMP host unreachable is not
# heard, even where the program asked for such errors (IP_RECVERR): the probe's
# sequence number is one below what is unacknowledged, so the kernel counts the
# message as out of window. The connection ends after every probe, with
# ETIMEDOUT. One with data in flight ends on the first message.
#
# Seen (TCP_KEEPIDLE 2, TCP_KEEPINTVL 1, TCP_KEEPCNT 4):
#   data in flight  EHOSTUNREACH after 0.2 s
#   idle, probed    ETIMEDOUT after 6.1 s, 4 messages counted in OutOfWindowIcmps
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
here=near$$ there=far$$ server=
end() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	ip netns del "$here" 2>/dev/null || true
	ip netns del "$there" 2>/dev/null || true
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
cd "$dir"
apt-get -qq download iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libbpf.so.1' | head -n 1)")
PATH=$dir/bin:$dir/sbin:$dir/usr/sbin:$PATH
export LD_LIBRARY_PATH PATH
ip netns add "$here"
ip netns add "$there"
ip link add near netns "$here" type veth peer name far netns "$there"
ip -n "$here" addr add 192.0.2.1/24 dev near
ip -n "$there" addr add 192.0.2.2/24 dev far
ip -n "$there" addr add 198.51.100.1/32 dev lo
ip -n "$here" link set near up
ip -n "$there" link set far up
ip -n "$there" link set lo up
ip -n "$here" route add default via 192.0.2.2
ip netns exec "$there" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
cat >"$dir/server.py" <<'PY'
import socket, time
listener = socket.create_server(("198.51.100.1", 9000))
kept = [listener.accept() for _ in range(2)]
time.sleep(60)
PY
ip netns exec "$there" python3 "$dir/server.py" &
server=$!
cat >"$dir/client.py" <<'PY'
import errno, socket, subprocess, sys, time

IP_RECVERR = 11

def counted():
    names, values = [line.split() for line in open("/proc/net/netstat")][:2]
    return int(dict(zip(names, values))["OutOfWindowIcmps"])

def connect():
    for _ in range(100):
        try:
            s = socket.create_connection(("198.51.100.1", 9000), 20)
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    s.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return s

def read(s, began):
    try:
        s.recv(1)
        return "a byte or the end", time.monotonic() - began
    except OSError as e:
        return errno.errorcode.get(e.errno, "nothing"), time.monotonic() - began

idle, busy = connect(), connect()
before = counted() # a slow start may reach the first probe
# The server's address becomes one that its neighbour has no way to.
subprocess.run(["ip", "-n", sys.argv[1], "addr", "del", "198.51.100.1/32", "dev", "lo"], check=True)
subprocess.run(["ip", "-n", sys.argv[1], "route", "add", "unreachable", "198.51.100.1/32"], check=True)
began = time.monotonic()
busy.sendall(b"x")
flight, soon = read(busy, began)
probed, late = read(idle, began)
dropped = counted() - before
print(f"data in flight  {flight} after {soon:.1f} s")
print(f"idle, probed    {probed} after {late:.1f} s, {dropped} messages counted in OutOfWindowIcmps")
same = flight == "EHOSTUNREACH" and soon < 2 and probed == "ETIMEDOUT" and 5 < late < 8 and dropped == 4
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
ip netns exec "$here" timeout 110 python3 "$dir/client.py" "$there"

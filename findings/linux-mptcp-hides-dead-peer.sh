#!/bin/sh
# Linux 6.18.44 (root, two network namespaces of its own, iproute2 6.1.0-3 of
# Debian 12, Python 3).
#
# Over MPTCP, which Go's listeners speak to every client that asks for it,
# keep-alive probes end the one subflow in time, but the program is not told:
# read goes on waiting for net.mptcp.close_timeout (60 s) more, and then fails
# with ENOTCONN where TCP fails with ETIMEDOUT.
#
# Seen (TCP_KEEPIDLE 2, TCP_KEEPINTVL 1, TCP_KEEPCNT 3, the link cut):
#   TCP    ETIMEDOUT after 5.1 s
#   MPTCP  ENOTCONN after 67.0 s
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
ip -n "$here" link set near up
ip -n "$there" link set far up
cat >"$dir/server.py" <<'PY'
import socket, time
listeners = []
for port, protocol in ((9000, socket.IPPROTO_TCP), (9001, socket.IPPROTO_MPTCP)):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    s.bind(("192.0.2.2", port))
    s.listen()
    listeners.append(s)
kept = [s.accept() for s in listeners]
time.sleep(100)
PY
ip netns exec "$there" python3 "$dir/server.py" &
server=$!
cat >"$dir/client.py" <<'PY'
import errno, socket, subprocess, sys, time

def connect(port, protocol):
    for _ in range(100):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
        try:
            s.connect(("192.0.2.2", port))
            break
        except OSError:
            time.sleep(0.1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    s.settimeout(80)
    return s

def read(name, s, began):
    try:
        s.recv(1)
        error = "a byte or the end"
    except OSError as e:
        error = errno.errorcode.get(e.errno, "nothing")
    took = time.monotonic() - began
    print(f"{name:<7}{error} after {took:.1f} s", flush=True)
    return error, took

tcp, mptcp = connect(9000, socket.IPPROTO_TCP), connect(9001, socket.IPPROTO_MPTCP)
subprocess.run(["ip", "-n", sys.argv[1], "link", "set", "far", "down"], check=True)
began = time.monotonic()
one, soon = read("TCP", tcp, began)
two, late = read("MPTCP", mptcp, began)
same = one == "ETIMEDOUT" and soon < 7 and two == "ENOTCONN" and 60 < late < 75
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
ip netns exec "$here" timeout 110 python3 "$dir/client.py" "$there"

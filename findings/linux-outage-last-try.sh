#!/bin/sh
# Linux 6.18.44 (root, a network namespace of its own, iproute2 6.1.0-3 and nftables
# 1.0.6-2+deb12u2 of Debian 12, Python 3).
#
# TCP_USER_TIMEOUT of 6 s does not mean that a connection survives an outage of
# less than 6 s. Retransmissions double their distance; the last one before the
# end goes out about 3.3 s after the send, and what comes back later finds nobody
# trying any more: the connection waits for its end. Probes are alike: of three,
# one second apart, the last goes out two seconds after the first.
#
# Seen (packets dropped both ways from just before the send on):
#   data in flight, TCP_USER_TIMEOUT 6 s, out for 2.8 s   lives
#   data in flight, TCP_USER_TIMEOUT 6 s, out for 4.0 s   ETIMEDOUT after 6.5 s
#   quiet, 1 s and 3 probes 1 s apart, out for 2.6 s      lives
#   quiet, 1 s and 3 probes 1 s apart, out for 3.4 s      ETIMEDOUT
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get -qq download iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2 libjansson4=2.14-2 libxtables12=1.8.9-2 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libbpf.so.1' | head -n 1)")
PATH=$dir/bin:$dir/sbin:$dir/usr/sbin:$PATH
export LD_LIBRARY_PATH PATH
timeout 60 unshare -n python3 - <<'PY'
import errno, socket, subprocess, sys, threading, time

def run(line):
    return subprocess.run(line, shell=True, check=True, capture_output=True, text=True).stdout

run("ip link set lo up && nft add table inet t && nft 'add chain inet t i { type filter hook input priority 0; }'")
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(50)

def echo(c):
    try:
        while b := c.recv(100):
            c.sendall(b)
    except OSError:
        pass

def serve():
    while True:
        threading.Thread(target=echo, args=server.accept()[:1], daemon=True).start()

threading.Thread(target=serve, daemon=True).start()
seen = {}

def connection(name, out, options, busy):
    c = socket.create_connection(server.getsockname())
    for level, option, value in options:
        c.setsockopt(level, option, value)
    for _ in range(5):
        c.sendall(b"x")
        c.recv(1)
    port = c.getsockname()[1]
    rules = [run(f"nft -e -a add rule inet t i tcp {way} {port} drop").split("handle ")[1].split()[0] for way in ("sport", "dport")]
    begin = time.monotonic()
    if busy:
        c.sendall(b"y")
    time.sleep(out)
    for rule in rules:
        run(f"nft delete rule inet t i handle {rule}")
    try:
        if not busy:
            time.sleep(3)
            c.sendall(b"y")
        c.settimeout(20)
        c.recv(1)
        seen[name] = "lives"
    except OSError as e:
        seen[name] = errno.errorcode.get(e.errno, str(e))
    print(f"{name}, out for {out} s: {seen[name]} after {time.monotonic() - begin:.1f} s", flush=True)

user = [(socket.IPPROTO_TCP, 18, 6000)]
probes = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
          (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)]
tests = [("busy, short", 2.8, user, True), ("busy, long", 4.0, user, True), ("quiet, short", 2.6, probes, False), ("quiet, long", 3.4, probes, False)]
threads = [threading.Thread(target=connection, args=t) for t in tests]
for t in threads:
    t.start()
for t in threads:
    t.join()
want = {"busy, short": "lives", "busy, long": "ETIMEDOUT", "quiet, short": "lives", "quiet, long": "ETIMEDOUT"}
sys.exit(seen != want)
PY

#!/bin/sh
# slirp4netns 1.2.0 with libslirp 4.7.0 (Debian 12, packages slirp4netns 1.2.0-1
# and libslirp0 4.7.0-1), the network of rootless containers.
#
# A TCP connection out of such a container ends in slirp4netns, which opens one
# of its own. It answers the container's keep-alive probes itself, and its own
# connection has none: no probe reaches the peer, no box on the way is kept open
# by one, and a peer that is gone is never noticed.
#
# Seen (probes after 1 s, every 1 s, 3 of them; the peer's link is cut):
#   without slirp4netns   ETIMEDOUT after 4 s
#   out of the container  open after 15 s; timer of the outer connection: none
#
# Exits with 1 where it is otherwise.
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root, for network namespaces"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download slirp4netns=1.2.0-1 libslirp0=4.7.0-1 libglib2.0-0=2.74.6-2+deb12u9 libseccomp2=2.5.4-1+deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libslirp.so.0' | head -n 1)")
export LD_LIBRARY_PATH
unshare -n python3 - "$dir" <<'PY'
import errno, socket, subprocess, sys, time

dir = sys.argv[1]
CLIENT = """
import errno, socket, sys, time
c = socket.create_connection(("10.9.0.2", 9000), 10)
c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
for option in socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL: c.setsockopt(socket.IPPROTO_TCP, option, 1)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
print("connected", flush=True)
sys.stdin.readline()
began = time.monotonic()
c.settimeout(15)
try: print("closed" if c.recv(1) == b"" else "data")
except TimeoutError as e: print(f"open after 15 s" if e.errno is None else f"{errno.errorcode[e.errno]} after {time.monotonic() - began:.0f} s")
"""
SERVER = "import socket; s = socket.create_server(('10.9.0.2', 9000)); print('ready', flush=True); kept = [s.accept() for _ in range(2)]; input()"
started = []

def start(*command, **more):
    started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more))
    return started[-1]

try:
    # A shell in a network namespace of its own, once for the peer and once for the container.
    peer, box = (start("unshare", "-n", "sh", "-c", "echo in; read word") for _ in range(2))
    peer.stdout.readline(), box.stdout.readline()
    def run(command):
        subprocess.run(command.split(), check=True)
    run(f"ip link add out type veth peer name in netns {peer.pid}")
    run("ip addr add 10.9.0.1/24 dev out")
    run("ip link set out up")
    for c in "ip addr add 10.9.0.2/24 dev in", "ip link set in up":
        run(f"nsenter -t {peer.pid} -n {c}")
    ready = start("nsenter", "-t", str(peer.pid), "-n", "python3", "-c", SERVER).stdout.readline()
    slirp = start(f"{dir}/usr/bin/slirp4netns", "--configure", "--mtu=1500", str(box.pid), "tap0", stderr=subprocess.STDOUT)
    while "tap0" not in subprocess.run(["nsenter", "-t", str(box.pid), "-n", "ip", "route"], capture_output=True, text=True).stdout:
        time.sleep(0.1)
    direct = start("python3", "-c", CLIENT)
    inside = start("nsenter", "-t", str(box.pid), "-n", "python3", "-c", CLIENT)
    direct.stdout.readline(), inside.stdout.readline()
    timers = ["timer:" in l for l in subprocess.run(["ss", "-Htno", "dst", "10.9.0.2"], capture_output=True, text=True).stdout.splitlines()]
    run(f"nsenter -t {peer.pid} -n ip link set in down")
    for c in direct, inside:
        c.stdin.write("\n"), c.stdin.flush()
    first, second = direct.stdout.readline().strip(), inside.stdout.readline().strip()
    print(f"without slirp4netns   {first}")
    print(f"out of the container  {second}; timer of the outer connection: {'none' if sorted(timers) == [False, True] else timers}")
    same = first.startswith("ETIMEDOUT") and second.startswith("open") and sorted(timers) == [False, True]
    print("as seen before" if same else "CHANGED")
    sys.exit(0 if same else 1)
finally:
    for p in reversed(started):
        p.kill()
        p.wait()
PY

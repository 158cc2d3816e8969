#!/bin/sh
# Linux 6.18.44, HZ 250 (root, a network namespace of its own, Python 3 only).
#
# net.ipv4.tcp_keepalive_probes = 0 neither turns probes off nor lets a silent
# connection live for ever: a peer that is alive and would answer is never
# asked. The connection is aborted at tcp_keepalive_time, with ETIMEDOUT on this
# side and a reset on the other. With 1, the same connection lives on.
#
# Seen (tcp_keepalive_time 2, tcp_keepalive_intvl 1, a living peer):
#   tcp_keepalive_probes=0  ETIMEDOUT after 2.0 s, the peer reads ECONNRESET
#   tcp_keepalive_probes=1  open after 6.0 s, the peer reads nothing
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cat >"$dir/probes.py" <<'PY'
import errno, socket, sys, time

def sysctl(name, value):
    with open(f"/proc/sys/net/ipv4/{name}", "w") as f:
        f.write(str(value))

def read(s, seconds):
    s.settimeout(seconds)
    try:
        return s.recv(1)
    except TimeoutError as e:
        return "ETIMEDOUT" if e.errno == errno.ETIMEDOUT else "nothing"
    except OSError as e:
        return errno.errorcode[e.errno]

def run(probes):
    sysctl("tcp_keepalive_probes", probes)
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    peer, _ = listener.accept()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    began = time.monotonic()
    here = read(client, 6)
    took = time.monotonic() - began
    there = read(peer, 1)
    print(f"tcp_keepalive_probes={probes}  {'open' if here == 'nothing' else here} after {took:.1f} s, the peer reads {there}")
    return here, there

sysctl("tcp_keepalive_time", 2)
sysctl("tcp_keepalive_intvl", 1)
same = run(0) == ("ETIMEDOUT", "ECONNRESET") and run(1) == ("nothing", "nothing")
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
unshare --net sh -c "ip link set lo up && exec python3 '$dir/probes.py'"

#!/usr/bin/env bash
# Linux 6.18.44, HZ 250 (root, a network namespace of its own, Python 3 only).
# net.ipv4.tcp_fin_timeout is documented as the time that an orphaned
# connection stays in FIN_WAIT_2. Above 60 s the kernel instead waits for the
# excess over 60 s, twice: 61 ends after two seconds, not after 61.
# Seen:
#   tcp_fin_timeout=4   FIN_WAIT2 ended after   4.1 s
#   tcp_fin_timeout=61  FIN_WAIT2 ended after   2.1 s
#   tcp_fin_timeout=65  FIN_WAIT2 ended after  10.2 s
# Exits 1 if that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/fin.py" <<'PY'
import socket, sys, time

def states():
    with open("/proc/net/tcp") as f:
        return {line.split()[3] for line in f.readlines()[1:]}

def run(seconds):
    with open("/proc/sys/net/ipv4/tcp_fin_timeout", "w") as f:
        f.write(str(seconds))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    client.close()  # the server acknowledges the FIN and keeps its own end open
    limit = time.monotonic() + 5
    while "05" not in states():  # TCP_FIN_WAIT2
        if time.monotonic() > limit:
            sys.exit("no FIN_WAIT2 came")
    began = time.monotonic()
    while "05" in states() and time.monotonic() < began + 30:
        time.sleep(0.01)
    took = time.monotonic() - began
    print(f"tcp_fin_timeout={seconds:<3} FIN_WAIT2 ended after {took:5.1f} s", flush=True)
    server.close()
    listener.close()
    return took

ok = 3.9 < run(4) < 5 and 1.9 < run(61) < 3 and 9.9 < run(65) < 11.5
sys.exit(0 if ok else 1)
PY
unshare --net sh -c "ip link set lo up && exec python3 '$dir/fin.py'"

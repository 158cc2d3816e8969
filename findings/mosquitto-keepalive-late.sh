#!/bin/sh
# mosquitto 2.0.11 (Debian 12, package mosquitto 2.0.11-1.2+deb12u2).
#
# MQTT has a server end a client that is silent for one and a half times its keep-alive.
# mosquitto looks every six seconds, at all clients together: a keep-alive of 1 s is ended
# not at 1.5 s but up to six seconds later, one of 4 s at up to twice its 6 s, and clients
# that fell silent one after the other are given up at once, with their wills.
#
# Seen (six clients one second apart, seconds from CONNECT to the end):
#   keep-alive 1 s: 1.5 2.5 3.5 4.5 5.5 6.5
#   keep-alive 4 s: 6.5 7.5 8.5 9.5 10.5 11.5
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download mosquitto=2.0.11-1.2+deb12u2 libmosquitto1=2.0.11-1.2+deb12u2 libcjson1 libdlt2 libwebsockets17 libev4 libwrap0 libuv1 libcap2 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu:$dir/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import select, socket, subprocess, sys, time

dir = sys.argv[1]
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
open(f"{dir}/mosquitto.conf", "w").write(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n")
broker = subprocess.Popen([f"{dir}/usr/sbin/mosquitto", "-c", f"{dir}/mosquitto.conf"], stderr=subprocess.DEVNULL)

def connect(name, keepalive):
    s = socket.create_connection(("127.0.0.1", port), 10)
    body = b"\x00\x04MQTT\x04\x02" + keepalive.to_bytes(2, "big") + len(name).to_bytes(2, "big") + name
    s.sendall(b"\x10" + bytes([len(body)]) + body)
    assert s.recv(4) == b"\x20\x02\x00\x00"
    return s

try:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 10).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    since, took = {}, {1: [], 4: []}
    def reap(seconds):
        until = time.monotonic() + seconds
        while since and (left := until - time.monotonic()) > 0:
            for s in select.select(list(since), [], [], left)[0]:
                keepalive, began = since.pop(s)
                took[keepalive].append(time.monotonic() - began)
                s.close()
        time.sleep(max(0, until - time.monotonic()))
    for i in range(6):
        for keepalive in took:
            since[connect(b"c%d%d" % (i, keepalive), keepalive)] = keepalive, time.monotonic()
        reap(1)
    reap(20)
finally:
    broker.terminate()
    broker.wait()
for keepalive, lived in took.items():
    print(f"keep-alive {keepalive} s:", *(f"{t:.1f}" for t in sorted(lived)))
same = all(len(lived) == 6 and max(lived) - min(lived) > 3 for lived in took.values()) and 4.5 < max(took[1]) < 9 and 8.5 < max(took[4]) < 14
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY

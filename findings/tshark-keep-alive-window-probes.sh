#!/bin/sh
# TShark 4.0.17 and tcpdump 4.99.3 of Debian 12, Linux 6.18.44 (root, a network namespace
# of its own, Python 3): the programs at hand, whose versions it prints.
#
# tcp.analysis.keep_alive finds keep-alive probes on a connection that has no SO_KEEPALIVE,
# and tcp.analysis.zero_window_probe finds none where the kernel probes a closed window:
# Linux's window probe carries nothing and a sequence number one below what is expected,
# which is a keep-alive's form. What tells them apart is the peer's window.
#
# Seen (a reader that stops reading for 4 s, keep-alive off at both ends):
#   keep_alive 4, zero_window_probe 0, zero_window 4
#
# Exits with 1 where keep_alive finds nothing, or zero_window_probe something.
set -eu
tshark --version 2>/dev/null | head -n 1
tcpdump --version 2>&1 | head -n 1
uname -r
dir=$(mktemp -d)
ns=window$$
dump=
end() {
	[ -z "$dump" ] || kill "$dump" 2>/dev/null || true
	ip netns del "$ns" 2>/dev/null || true
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
ip netns add "$ns"
ip -n "$ns" link set lo up
ip netns exec "$ns" tcpdump -i lo -U --immediate-mode -Z root -w "$dir/lo.pcap" tcp 2>"$dir/log" &
dump=$!
for _ in $(seq 100); do
	grep -q 'listening on' "$dir/log" && break
	sleep 0.1
done
ip netns exec "$ns" timeout 60 python3 - <<'PY'
import socket, threading, time

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
listener.bind(("127.0.0.1", 9000))
listener.listen()
sender = socket.create_connection(("127.0.0.1", 9000))
reader = listener.accept()[0]
for s in sender, reader:
    assert s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0
threading.Thread(target=lambda: (sender.sendall(b"x" * 60000), sender.close())).start()
time.sleep(4)
while reader.recv(65536):
    pass
PY
sleep 1
kill "$dump"
wait "$dump" 2>/dev/null || true
dump=
count() { tshark -r "$dir/lo.pcap" -Y "tcp.analysis.$1" 2>/dev/null | wc -l; }
kept=$(count keep_alive) probes=$(count zero_window_probe) closed=$(count zero_window)
echo "keep_alive $kept, zero_window_probe $probes, zero_window $closed"
if [ "$kept" -gt 0 ] && [ "$probes" -eq 0 ] && [ "$closed" -gt 0 ]; then
	echo "as seen before"
else
	echo CHANGED
	exit 1
fi

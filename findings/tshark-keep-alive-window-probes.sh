#!/bin/sh
# TShark 4.0.17 and tcpdump 4.99.3 (Debian 12, packages tshark 4.0.17-0+deb12u3 and tcpdump
# 4.99.3-1), Linux 6.18.44, whose version it prints (root, Python 3).
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
cd "$dir"
apt-get -qq download tshark=4.0.17-0+deb12u3 wireshark-common=4.0.17-0+deb12u3 libwireshark16=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 liblua5.2-0=5.2.4-3 libsmi2ldbl=0.4.8+dfsg2-16 libsnappy1v5=1.1.9-3 libc-ares2=1.18.1-3 >"$dir/apt" 2>&1 || { cat "$dir/apt"; exit 1; }
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$dir/usr/lib/$(uname -m)-linux-gnu
PATH=$dir/usr/bin:$PATH
export LD_LIBRARY_PATH PATH
tshark --version 2>/dev/null | head -n 1
tcpdump --version 2>&1 | head -n 1
uname -r
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

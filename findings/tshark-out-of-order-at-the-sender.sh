#!/bin/sh
# TShark 4.0.17 (Debian 12, package tshark 4.0.17-0+deb12u3).
#
# tcp.analysis.out_of_order is said of a retransmission whose bytes stand in the capture already
# when it follows the newest data within the round trip of the handshake, as one does that
# answers duplicate acknowledgements. A capture made at the sender, where nothing can be out
# of order, then shows a network that reorders. Later it is a tcp.analysis.retransmission.
#
# Seen (a round trip of 10 ms; a segment of 100 bytes, one of 100 bytes, the first once more
# after so long):
#   9 ms: out_of_order 1, retransmission 0
#   11 ms: out_of_order 0, retransmission 1
#
# Exits with 1 where it says something else.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get -qq download tshark=4.0.17-0+deb12u3 wireshark-common=4.0.17-0+deb12u3 libwireshark16=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 liblua5.2-0=5.2.4-3 libsmi2ldbl=0.4.8+dfsg2-16 libsnappy1v5=1.1.9-3 libc-ares2=1.18.1-3 libpcap0.8=1.10.3-1 >"$dir/apt" 2>&1 || { cat "$dir/apt"; exit 1; }
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$dir/usr/lib/$(uname -m)-linux-gnu
PATH=$dir/usr/bin:$PATH
export LD_LIBRARY_PATH PATH
tshark --version 2>/dev/null | head -n 1
python3 - <<'PY'
import struct

CLIENT, SERVER = (b"\x0a\0\0\x09", 50000), (b"\x0a\0\0\x05", 8080)


def packet(ms, source, target, flags, seq, ack, size=0):
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, 5 << 4, flags, 500, 0, 0) + b"x" * size
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, source[0], target[0])
    return struct.pack("<IIII", 1, int(ms * 1000), 20 + len(tcp), 20 + len(tcp)) + ip + tcp


for after in 9, 11:
    with open(f"{after}.pcap", "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # raw IP
        f.write(packet(0, CLIENT, SERVER, 0x02, 999, 0))
        f.write(packet(10, SERVER, CLIENT, 0x12, 4999, 1000))
        f.write(packet(10, CLIENT, SERVER, 0x10, 1000, 5000))
        f.write(packet(20, CLIENT, SERVER, 0x18, 1000, 5000, 100))
        f.write(packet(21, CLIENT, SERVER, 0x18, 1100, 5000, 100))
        f.write(packet(21 + after, CLIENT, SERVER, 0x18, 1000, 5000, 100))
PY
count() { tshark -r "$1.pcap" -Y "tcp.analysis.$2" 2>/dev/null | wc -l; }
said=
for after in 9 11; do
	line="$after ms: out_of_order $(count $after out_of_order), retransmission $(count $after retransmission)"
	echo "$line"
	said="$said$line;"
done
if [ "$said" = "9 ms: out_of_order 1, retransmission 0;11 ms: out_of_order 0, retransmission 1;" ]; then
	echo "as seen before"
else
	echo CHANGED
	exit 1
fi

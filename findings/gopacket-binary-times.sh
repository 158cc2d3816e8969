#!/bin/sh
# github.com/gopacket/gopacket v1.7.7 (pcapgo) with Go 1.26.8.
#
# A pcapng interface may count time in powers of two (if_tsresol with its high bit set,
# draft-ietf-opsawg-pcapng, 4.2). pcapgo turns a unit into a whole number of nanoseconds
# first (953 for 2^-20 s), or a nanosecond into a whole number of units (1 for 2^-30 s):
# a packet can be read as later than one that came after it. Powers of ten are exact.
#
# Seen, of a packet one unit before second 6, and of one at second 6:
#   10^-6 s   5.999999000 s  6.000000000 s  wrong by 0s
#   2^-10 s   5.999022926 s  6.000000000 s  wrong by -511ns
#   2^-20 s   5.999291975 s  6.000000000 s  wrong by -707.071µs
#   2^-30 s   6.073741823 s  6.000000000 s  wrong by 73.741824ms
#
# Exits with 1 where that is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.26.8
MOD
cat >main.go <<'GO'
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
)

func block(kind uint32, fields ...any) []byte {
	n := uint32(12)
	for _, f := range fields {
		n += uint32(binary.Size(f))
	}
	var b []byte
	for _, f := range append(append([]any{kind, n}, fields...), n) {
		b, _ = binary.Append(b, binary.LittleEndian, f)
	}
	return b
}

func main() {
	const section, iface, packet = 0x0a0d0d0a, 1, 6
	same := true
	for _, c := range []struct {
		name       string
		resolution byte
		second     uint64 // units of a second
		wrong      int64  // ns
	}{{"10^-6 s", 6, 1e6, 0}, {"2^-10 s", 0x8a, 1 << 10, -511}, {"2^-20 s", 0x94, 1 << 20, -707071}, {"2^-30 s", 0x9e, 1 << 30, 73741824}} {
		file := block(section, uint32(0x1a2b3c4d), uint16(1), uint16(0), int64(-1))
		file = append(file, block(iface, uint16(1), uint16(0), uint32(0), uint16(9), uint16(1), c.resolution, [3]byte{}, uint32(0))...)
		for _, units := range []uint64{6*c.second - 1, 6 * c.second} {
			file = append(file, block(packet, uint32(0), uint32(units>>32), uint32(units), uint32(4), uint32(4), [4]byte{})...)
		}
		r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
		if err != nil {
			panic(err)
		}
		_, one, _ := r.ReadPacketData()
		_, two, _ := r.ReadPacketData()
		wrong := one.Timestamp.UnixNano() - 5e9 - int64((c.second-1)*1e9/c.second)
		fmt.Printf("%-8s  %.9f s  %.9f s  wrong by %v\n", c.name, float64(one.Timestamp.UnixNano())/1e9, float64(two.Timestamp.UnixNano())/1e9, time.Duration(wrong))
		same = same && wrong == c.wrong && two.Timestamp.UnixNano() == 6e9
	}
	os.Exit(map[bool]int{true: 0, false: 1}[same])
}
GO
export GOTOOLCHAIN=go1.26.8
go get github.com/gopacket/gopacket/pcapgo@v1.7.7 >/dev/null 2>&1
go run .

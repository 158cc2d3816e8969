package trace_test

import (
	"net/netip"
	"runtime"
	"testing"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
)

// What the heap holds for each of many connections that are open at once, and how little
// after they ended.
func TestHeap(t *testing.T) {
	const n, most = 100_000, 400
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	tr := trace.New(nil)
	before := held()
	server := netip.MustParseAddrPort("10.0.0.5:443")
	each := func(do func(client netip.AddrPort, i int64)) {
		for i := range int64(n) {
			do(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 14), 9}), 40000+uint16(i&(1<<14-1))), i)
		}
	}
	send := func(s capture.Segment) { tr.Add(&s) }
	each(func(c netip.AddrPort, i int64) {
		send(capture.Segment{At: 1000 + i, Src: c, Dst: server, Flags: capture.SYN, Seq: 1})
		send(capture.Segment{At: 1000 + i, Src: server, Dst: c, Flags: capture.SYN | capture.ACK, Seq: 1, Ack: 2})
		send(capture.Segment{At: 1000 + i, Src: c, Dst: server, Flags: capture.ACK, Seq: 2, Ack: 2, Length: 100})
	})
	if got := (held() - before) / n; got > most || tr.Live() != n {
		t.Errorf("%d connections take %d bytes each; at most %d", tr.Live(), got, most)
	}
	each(func(c netip.AddrPort, i int64) {
		send(capture.Segment{At: 1e10 + i, Src: server, Dst: c, Flags: capture.RST | capture.ACK, Seq: 2, Ack: 102})
	})
	send(capture.Segment{At: 1e11, Src: server, Dst: netip.MustParseAddrPort("10.0.0.9:40000"), Flags: capture.SYN, Seq: 1})
	if tr.Live() != 1 {
		t.Errorf("%d connections are followed of one that is open", tr.Live())
	}
	runtime.KeepAlive(tr)
}

package capture_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/layers"

	"example.com/keeptune/tuning/capture"
)

// What was taken in and written is read again as the same.
func TestWriter(t *testing.T) {
	ip := ipv4(layers.IPProtocolTCP)
	ip.Id = 0 // without one, only packets of another interface or direction are copies
	packets := []capture.Packet{
		{At: start.UnixNano(), Interface: 3, EtherType: 0x0800, Data: frame(t, ipv4(layers.IPProtocolTCP), tcp(), data(10))},
		{At: start.UnixNano() + 1, Interface: 4, Outgoing: true, EtherType: 0x86dd, Data: frame(t, ipv6(layers.IPProtocolTCP), tcp(), data(10))},
		{At: start.UnixNano() + 2, Interface: 4, EtherType: 0x0800, Data: frame(t, ip, tcp(), data(10))[:60], Length: 62},
		{At: start.UnixNano() + 3, Interface: 4, Outgoing: true, EtherType: 0x0800, Data: frame(t, ip, tcp(), data(10))[:60], Length: 62},
	}
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, "any", 60)
	if err != nil {
		t.Fatal(err)
	}
	var in capture.Intake
	var live []capture.Segment
	for _, p := range packets {
		if err := w.Write(&p); err != nil {
			t.Fatal(err)
		}
		var s capture.Segment
		if in.Take(&s, &p) {
			live = append(live, s)
		}
	}
	if err := w.Finish(start, 9, 5); err != nil {
		t.Fatal(err)
	}
	again, n := read(t, file.Bytes())
	if d := cmp.Diff(live, again, exact); d != "" {
		t.Error(d)
	}
	want := capture.Counts{Packets: 4, Segments: 3, Duplicates: 1, Short: 1}
	if d := cmp.Diff(want, in.Counts()); d != "" {
		t.Error(d)
	}
	want.Dropped = 5
	if d := cmp.Diff(want, n); d != "" {
		t.Error(d)
	}
	first := theSegment()
	first.Interface = 3
	if d := cmp.Diff(first, again[0], exact); d != "" {
		t.Error(d)
	}
	if at := time.Unix(0, again[2].At); !at.Equal(start.Add(2)) || again[2].Number != 3 {
		t.Errorf("%v, packet %d", at, again[2].Number)
	}
}

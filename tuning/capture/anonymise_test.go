package capture_test

import (
	"net/netip"
	"testing"

	"example.com/keeptune/tuning/capture"
)

func TestAnonymiser(t *testing.T) {
	a := capture.NewAnonymiser()
	for _, c := range [][2]string{
		{"203.0.113.9", "198.18.0.1"},
		{"10.0.0.5", "198.18.0.2"},
		{"203.0.113.9", "198.18.0.1"},
		{"2a00:1450::5", "2001:db8::1"},
		{"fe80::1%eth0", "2001:db8::2"},
		{"fe80::1", "2001:db8::2"},
		{"127.0.0.1", "127.0.0.1"},
		{"::1", "::1"},
		{"0.0.0.0", "0.0.0.0"},
		{"198.18.0.1", "198.18.0.3"},
	} {
		if got := a.Addr(netip.MustParseAddr(c[0])).String(); got != c[1] {
			t.Errorf("%s becomes %s, not %s", c[0], got, c[1])
		}
	}
	s := theSegment()
	a.Segment(&s)
	if s.Src.String() != "198.18.0.4:40000" || s.Dst.String() != "198.18.0.2:8080" || s.Length != 10 {
		t.Errorf("%+v", s)
	}
	var none *capture.Anonymiser
	s = theSegment()
	none.Segment(&s)
	if s.Src != theSegment().Src {
		t.Error("a nil one replaces")
	}
}

// The first block has 131,071 addresses; none is given twice after it.
func TestAnonymiserOfMany(t *testing.T) {
	a := capture.NewAnonymiser()
	given := map[netip.Addr]bool{}
	addr := netip.MustParseAddr("10.0.0.0")
	for i := 1; i <= 1<<17+3; i++ {
		to := a.Addr(addr)
		switch {
		case given[to]:
			t.Fatalf("%s twice", to)
		case i == 1<<17-1 && to.String() != "198.19.255.255":
			t.Error(to)
		case i == 1<<17 && to.String() != "240.0.0.0":
			t.Error(to)
		}
		given[to], addr = true, addr.Next()
	}
}

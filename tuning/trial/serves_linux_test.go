package trial

import (
	"net/netip"
	"testing"
)

// HTTP is sent to no listener that is not said to speak it.
func TestListenersThatSpeakHTTP(t *testing.T) {
	s := Server{Program: "haproxy", Serves: []string{"*:80", "127.0.0.1:8080", "[::]:81", "shop.example:90", "unix:/run/x"}}
	for at, want := range map[string]bool{
		"0.0.0.0:80": true, "[::]:80": true, "10.0.0.1:80": false, "127.0.0.1:8080": true, "127.0.0.2:8080": false, "0.0.0.0:8080": false,
		"[::]:81": true, "10.9.9.9:90": true, "0.0.0.0:3306": false,
	} {
		if got := s.serves(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s: %t, not %t", at, got, want)
		}
	}
	if s.Serves = nil; !s.serves(netip.MustParseAddrPort("0.0.0.0:3306")) {
		t.Error("of another server not every listener is asked")
	}
	if s.Serves = []string{}; s.serves(netip.MustParseAddrPort("0.0.0.0:80")) {
		t.Error("where none speaks HTTP one is asked")
	}
}

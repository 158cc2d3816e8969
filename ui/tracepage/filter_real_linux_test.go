//go:build real && linux

package tracepage_test

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/tracepage"
)

// TestRealFilter has tshark show each of two connections by its filter, of one client's port
// towards two servers: their packets and no others, of both versions of IP.
func TestRealFilter(t *testing.T) {
	t.Parallel()
	all, err := packets.Parse("open 0 a\nask 1 a\nopen 2 b\nask 3 b\n9 a < fin\n9.001 a > fin\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, as := range map[string]map[string]string{
		"IPv4": {"10.0.0.5": "10.0.0.5", "10.0.0.6": "10.0.0.6", "10.0.0.9": "10.0.0.9"},
		"IPv6": {"10.0.0.5": "2001:db8::5", "10.0.0.6": "2001:db8::6", "10.0.0.9": "2001:db8::9"},
	} {
		want := map[[2]netip.AddrPort][]string{} // client and server: the packets' numbers
		segments := slices.Clone(all)
		port := segments[0].Src.Port() // of a, and here of b, too
		for i := range segments {
			s := &segments[i]
			client, server, out := s.Src, s.Dst, true
			if s.Dst.Port() != 443 {
				client, server, out = s.Dst, s.Src, false
			}
			host := as[server.Addr().String()]
			if client.Port() == port+1 {
				client, host = netip.AddrPortFrom(client.Addr(), port), as["10.0.0.6"]
			}
			client = netip.AddrPortFrom(netip.MustParseAddr(as["10.0.0.9"]), client.Port())
			server = netip.AddrPortFrom(netip.MustParseAddr(host), server.Port())
			if s.Src, s.Dst = server, client; out {
				s.Src, s.Dst = client, server
			}
			key := [2]netip.AddrPort{client, server}
			want[key] = append(want[key], strconv.FormatInt(s.Number, 10))
		}
		if len(want) != 2 {
			t.Fatalf("%s: %d connections", name, len(want))
		}
		file := write(t, segments)
		for ends, numbers := range want {
			filter := tracepage.Filter(&trace.Connection{Client: ends[0], Server: ends[1]})
			out, err := exec.Command("tshark", "-r", file, "-Y", filter, "-T", "fields", "-e", "frame.number").Output()
			if err != nil {
				t.Fatalf("%s: tshark -Y %q: %v", name, filter, err)
			}
			if got := strings.Fields(string(out)); !slices.Equal(got, numbers) {
				t.Errorf("%s: %q shows %v, not %v", name, filter, got, numbers)
			}
		}
	}
}

// write is a capture as a file.
func write(t *testing.T, all []capture.Segment) string {
	t.Helper()
	data, err := packets.Pcap(all)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "x.pcap")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

package cli

import (
	"testing"
	"time"
)

// What somebody else can run says the same as what was asked.
func TestTcpdumpLine(t *testing.T) {
	for _, c := range []struct {
		f     watchFlags
		lasts time.Duration
		want  string
		of    string
	}{
		{watchFlags{}, 0, "tcpdump -i any -s 512 -U -w - tcp | keeptune pcap -", "every interface"},
		{watchFlags{on: "eth0", ports: []uint{443}}, 10 * time.Minute, "timeout 600 tcpdump -i eth0 -s 512 -U -w - 'tcp port 443' | keeptune pcap -", "interface eth0, port 443"},
		{watchFlags{ports: []uint{443, 8443}, netns: "web"}, 0, "ip netns exec web tcpdump -i any -s 512 -U -w - 'tcp port 443 or tcp port 8443' | keeptune pcap -", "every interface, port 443 or 8443 of network namespace web"},
		{watchFlags{netns: "4711"}, time.Millisecond, "nsenter -n -t 4711 timeout 1 tcpdump -i any -s 512 -U -w - tcp | keeptune pcap -", "every interface of network namespace 4711"},
		{watchFlags{on: "a'b", netns: "/run/netns/x y"}, 0, `nsenter --net='/run/netns/x y' tcpdump -i 'a'\''b' -s 512 -U -w - tcp | keeptune pcap -`, "interface a'b of network namespace /run/netns/x y"},
	} {
		if got := tcpdumpLine(&c.f, c.lasts); got != c.want {
			t.Errorf("%s\nnot %s", got, c.want)
		}
		if got := c.f.of(); got != c.of {
			t.Errorf("%s\nnot %s", got, c.of)
		}
	}
}

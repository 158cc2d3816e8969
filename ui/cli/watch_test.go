package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/keeptune/tuning/capture"
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
		{watchFlags{netns: "4711"}, time.Millisecond, "nsenter -t 4711 -n timeout 1 tcpdump -i any -s 512 -U -w - tcp | keeptune pcap -", "every interface of network namespace 4711"},
		{watchFlags{on: "a'b", netns: "/run/netns/x y"}, 0, `nsenter '--net=/run/netns/x y' tcpdump -i 'a'\''b' -s 512 -U -w - tcp | keeptune pcap -`, "interface a'b of network namespace /run/netns/x y"},
	} {
		if got := tcpdumpLine(&c.f, c.lasts); got != c.want {
			t.Errorf("%s\nnot %s", got, c.want)
		}
		if got := c.f.of(); got != c.of {
			t.Errorf("%s\nnot %s", got, c.of)
		}
	}
}

// A file that is written over keeps what it holds until something is watched.
func TestKeptUntilWatched(t *testing.T) {
	name := filepath.Join(t.TempDir(), "seen.pcapng")
	if err := os.WriteFile(name, []byte("an hour of packets"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := watchFlags{write: name}
	if _, err := newKept(&f); err == nil {
		t.Error("it is written over without --force")
	}
	f.force = true
	k, err := newKept(&f)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.drop(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(name); string(b) != "an hour of packets" {
		t.Fatalf("%q, %v", b, err)
	}
	if k, err = newKept(&f); err != nil {
		t.Fatal(err)
	}
	if k.begin(); k.err != nil {
		t.Fatal(k.err)
	}
	if err := k.finish(time.Now(), capture.Counts{}); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(name); len(b) == 0 || b[0] != 0x0a {
		t.Fatalf("%q, %v", b, err)
	}
	f.write = filepath.Join(t.TempDir(), "new")
	if k, err = newKept(&f); err != nil {
		t.Fatal(err)
	}
	if err := k.drop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.write); !os.IsNotExist(err) {
		t.Errorf("%v: a new file is left", err)
	}
}

package census_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/census"
)

// What conntrack 1.4.7 and Linux 6.1 printed, with an IPv6 connection and one of a flow table.
const trackedList = `conntrack v1.4.7 (conntrack-tools): 6 flow entries have been shown.
tcp      6 431998 ESTABLISHED src=127.0.0.1 dst=127.0.0.2 sport=45274 dport=8080 src=127.0.0.2 dst=127.0.0.1 sport=8080 dport=45274 [ASSURED] mark=0 use=1
ipv4     2 tcp      6 58 CLOSE_WAIT src=127.0.0.1 dst=127.0.0.1 sport=45282 dport=8080 src=127.0.0.1 dst=127.0.0.1 sport=8080 dport=45282 [ASSURED] mark=0 use=1 id=1133408637
ipv4     2 udp      17 28 src=127.0.0.1 dst=127.0.0.1 sport=49396 dport=9 [UNREPLIED] src=127.0.0.1 dst=127.0.0.1 sport=9 dport=49396 mark=0 zone=0 use=2
ipv6     10 tcp      6 117 SYN_SENT src=2001:db8::1 dst=2001:db8::2 sport=1024 dport=443 [UNREPLIED] src=2001:db8::2 dst=2001:db8::1 sport=443 dport=1024 mark=0 zone=0 use=2
tcp      6 59 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED] mark=0 use=1
ipv4     2 tcp      6 src=10.0.0.3 dst=10.0.0.4 sport=3 dport=4 src=10.0.0.4 dst=10.0.0.3 sport=4 dport=3 [OFFLOAD] mark=0 zone=0 use=3
unknown  2 600 src=224.0.0.1 dst=10.0.0.1 [UNREPLIED] src=10.0.0.1 dst=224.0.0.1 mark=0 use=1
`

func TestTracked(t *testing.T) {
	var got []string
	n, others, err := census.ReadTracked(strings.NewReader(trackedList), func(t census.Tracked) {
		got = append(got, fmt.Sprintf("%s %s > %s %v %v", t.State, t.From, t.To, t.Left, t.Unreplied))
	})
	if err != nil || n != 5 || others != 2 {
		t.Errorf("%d and %d others, %v", n, others, err)
	}
	want := `ESTABLISHED 127.0.0.1:45274 > 127.0.0.2:8080 119h59m58s false
CLOSE_WAIT 127.0.0.1:45282 > 127.0.0.1:8080 58s false
SYN_SENT [2001:db8::1]:1024 > [2001:db8::2]:443 1m57s true
ESTABLISHED 10.0.0.1:1 > 10.0.0.2:2 59s false
OFFLOADED 10.0.0.3:3 > 10.0.0.4:4 -1ns false`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("the list is\n%s", text)
	}
}

func TestTrackedFaults(t *testing.T) {
	row := "tcp      6 58 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=1 dport=2 use=1\n"
	for text, want := range map[string]string{
		row + "ESTAB 0 0 1.1.1.1:1 2.2.2.2:2\n":                         `line 2, "ESTAB 0 0 1.1.1.1:1 2.2.2.2:2": this is no entry of connection tracking; take the list with conntrack -L`,
		strings.Replace(row, "dport=2", "dport=65536", 1):               `line 1, "tcp      6 58 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport…": it has no src=, dst=, sport= and dport= in numbers`,
		strings.Replace(row, "dport=2", "dport=65535", 1):               "",
		strings.Replace(row, "dst=127.0.0.1", "dst=localhost", 1):       `line 1, "tcp      6 58 ESTABLISHED src=127.0.0.1 dst=localhost sport…": it has no src=, dst=, sport= and dport= in numbers`,
		strings.Replace(row, " 58 ", " 4294967296 ", 1):                 "line 1: 4294967296 s are left, which is more than the kernel counts",
		strings.Replace(row, " 58 ", " 4294967295 ", 1):                 "",
		row + "\n\nconntrack v1.4.7 (conntrack-tools): 1 flow entry.\n": "",
	} {
		_, _, err := census.ReadTracked(strings.NewReader(text), func(census.Tracked) {})
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
}

// Counts, the connections that end first, and what they have left by classes.
func TestTracking(t *testing.T) {
	var k census.Tracking
	for _, left := range []time.Duration{time.Minute - time.Second, time.Minute, 24*time.Hour - time.Second, 24 * time.Hour, 2 * time.Second, 30 * time.Hour, time.Hour, 5 * time.Minute, 3 * time.Second, time.Second} {
		k.Add(census.Tracked{State: "ESTABLISHED", Left: left})
	}
	k.Add(census.Tracked{State: "SYN_SENT", Left: census.Unknown, Unreplied: true})
	if want := [5]int{4, 1, 1, 2, 2}; k.Left != want {
		t.Errorf("what they have left is %v, not %v", k.Left, want)
	}
	if s := k.States["ESTABLISHED"]; s.Count != 10 || s.First != time.Second || s.Last != 30*time.Hour || k.Timeout() != 30*time.Hour {
		t.Errorf("established are %+v", s)
	}
	if s := k.States["SYN_SENT"]; s.Unreplied != 1 || s.First != census.Unknown || s.Last != census.Unknown {
		t.Errorf("half open are %+v", s)
	}
	if len(k.Soon) != census.SoonLimit || k.Soon[0].Left != time.Second || k.Soon[2].Left != 3*time.Second || k.Soon[7].Left != 24*time.Hour-time.Second {
		t.Errorf("first end %v", k.Soon)
	}
	if got := strings.Join(k.Order(), " "); got != "ESTABLISHED SYN_SENT" {
		t.Errorf("the order is %s", got)
	}
}

func FuzzReadTracked(f *testing.F) {
	f.Add(trackedList)
	f.Fuzz(func(t *testing.T, text string) {
		var k census.Tracking
		n, _, err := census.ReadTracked(strings.NewReader(text), k.Add)
		if n != k.All || n > strings.Count(text, "\n")+1 {
			t.Errorf("%d were read, %d counted", n, k.All)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("the error has control characters: %q", err)
		}
	})
}

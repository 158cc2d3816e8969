package census_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/keeptune/tuning/census"
)

// list is what ss -tanoiep prints of eight sockets, one of them not TCP.
const list = `Netid State      Recv-Q Send-Q Local Address:Port  Peer Address:Port Process
tcp   LISTEN     2      4096         *:443               *:*     users:(("nginx",pid=12,fd=6),("nginx: worker, (2)",pid=13,fd=6)) ino:100 sk:1 cgroup:/ <->
	 cubic cwnd:10
udp   UNCONN     0      0      127.0.0.1:53        0.0.0.0:*     ino:7 sk:2
tcp   ESTAB      0      0      10.0.0.1:443        10.2.3.4:51000 timer:(keepalive,1min3sec,0) users:(("nginx",pid=13,fd=9)) uid:33 ino:101 sk:4001 cgroup:/ <->
	 cubic wscale:7,7 rto:204 rtt:1.5/0.75 mss:1448 lastsnd:62000 lastrcv:61500 lastack:61400
tcp   ESTAB      10     2000   [::ffff:10.0.0.1]:443 [::ffff:10.2.3.5]:51001 timer:(on,4.120ms,3) ino:102 sk:4002
	 cubic rto:201 cwnd:10 lastrcv:100
tcp   ESTAB      0      0      [fe80::1%eth0]:40000 [fe80::2]:5432 ino:103 sk:4003
	 cubic lastsnd:7200000 lastrcv:7300000 lastack:7200000
tcp   TIME-WAIT  0      0      10.0.0.1:443        10.2.3.4:51002 timer:(timewait,59sec,0) ino:0 sk:4004
tcp   CLOSE-WAIT 1      0      10.0.0.1:443        10.2.3.4:51003 timer:(persist,200ms,1) ino:104 sk:4005
tcp   SYN-SENT   0      1      10.0.0.1:40001       10.2.3.9:443   timer:(on,600ms,1) ino:105 sk:4006
	 cubic rto:1000 mss:524 cwnd:1 lastsnd:99000 lastrcv:99000 lastack:99000
`

func read(t *testing.T, text string) []census.Socket {
	t.Helper()
	var rows []census.Socket
	got, err := census.ReadSS(strings.NewReader(text), func(s *census.Socket) { rows = append(rows, *s) })
	if err != nil {
		t.Fatal(err)
	}
	if got != len(rows) {
		t.Errorf("%d sockets are told, %d were handed on", got, len(rows))
	}
	return rows
}

func end(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

func TestReadSS(t *testing.T) {
	none := census.Unknown
	want := []census.Socket{
		{
			State: census.Listen, Local: end("[::]:443"), Remote: end("[::]:0"), RecvQueue: 2, SendQueue: 4096, Inode: 100, Cookie: 1,
			Sent: none, Received: none, Heard: none, Owners: []census.Owner{{PID: 12, Name: "nginx", FD: 6}, {PID: 13, Name: "nginx: worker, (2)", FD: 6}},
		},
		{
			State: census.Established, Local: end("10.0.0.1:443"), Remote: end("10.2.3.4:51000"), Timer: census.KeepAlive, Fires: 63 * time.Second, UID: 33, Inode: 101, Cookie: 0x4001,
			Sent: 62 * time.Second, Received: 61500 * time.Millisecond, Heard: 61400 * time.Millisecond, Owners: []census.Owner{{PID: 13, Name: "nginx", FD: 9}},
		},
		{
			State: census.Established, Local: end("[::ffff:10.0.0.1]:443"), Remote: end("[::ffff:10.2.3.5]:51001"), RecvQueue: 10, SendQueue: 2000, Inode: 102, Cookie: 0x4002,
			Timer: census.Retransmit, Fires: 4120 * time.Millisecond, Tries: 3, Sent: 0, Received: 100 * time.Millisecond, Heard: 0,
		},
		{
			State: census.Established, Local: end("[fe80::1%eth0]:40000"), Remote: end("[fe80::2]:5432"), Inode: 103, Cookie: 0x4003,
			Sent: 2 * time.Hour, Received: 7300 * time.Second, Heard: 2 * time.Hour,
		},
		{State: census.TimeWait, Local: end("10.0.0.1:443"), Remote: end("10.2.3.4:51002"), Timer: census.TimeWaitEnd, Fires: 59 * time.Second, Cookie: 0x4004, Sent: none, Received: none, Heard: none},
		{
			State: census.CloseWait, Local: end("10.0.0.1:443"), Remote: end("10.2.3.4:51003"), RecvQueue: 1, Timer: census.ZeroWindow, Fires: 200 * time.Millisecond, Tries: 1, Inode: 104, Cookie: 0x4005,
			Sent: none, Received: none, Heard: none,
		},
		{
			State: census.SynSent, Local: end("10.0.0.1:40001"), Remote: end("10.2.3.9:443"), SendQueue: 1, Timer: census.Retransmit, Fires: 600 * time.Millisecond, Tries: 1, Inode: 105, Cookie: 0x4006,
			Sent: none, Received: none, Heard: none,
		},
	}
	got := read(t, list)
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

// Spans of a timer as ss writes them, which leaves the unit of seconds out before
// milliseconds.
func TestSpansOfSS(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"200ms":     200 * time.Millisecond,
		"1.005ms":   1005 * time.Millisecond,
		"9.999ms":   9999 * time.Millisecond,
		"10sec":     10 * time.Second,
		"1min":      time.Minute,
		"9min59sec": 10*time.Minute - time.Second,
		"119min":    119 * time.Minute,
		"0ms":       0,
	} {
		got := read(t, "ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 timer:(keepalive,"+text+",0)\n")
		if got[0].Fires != want {
			t.Errorf("%s is read as %s, not %s", text, got[0].Fires, want)
		}
	}
}

func TestListsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"root:x:0:0\n": "line 1, \"root:x:0:0\": this is no line of ss; take the list with ss -tanoie",
		"ESTAB 0 0 10.0.0.1:1 10.0.0.2:2\nESTAB 0 x a b\n":                                        "line 2, \"ESTAB 0 x a b\": this is no line of ss; take the list with ss -tanoie",
		"ESTAB 0 0 10.0.0.1:https 10.0.0.2:2\n":                                                   "line 1, \"ESTAB 0 0 10.0.0.1:https 10.0.0.2:2\": \"10.0.0.1:https\" is no address and port in numbers; take the list with ss -tanoie",
		"ESTAB 0 0 10.0.0.1:65536 10.0.0.2:2\n":                                                   "line 1, \"ESTAB 0 0 10.0.0.1:65536 10.0.0.2:2\": \"10.0.0.1:65536\" is no address and port in numbers; take the list with ss -tanoie",
		"Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n0 0 10.0.0.1:1 10.0.0.2:2\n": "line 1: this list has no column State, which ss leaves out where it is asked for one state; take it with ss -tanoie",
		"GONE 0 0 10.0.0.1:1 10.0.0.2:2\n":                                                        "line 1, \"GONE 0 0 10.0.0.1:1 10.0.0.2:2\": this is no line of ss; take the list with ss -tanoie",
	} {
		_, err := census.ReadSS(strings.NewReader(text), func(*census.Socket) {})
		if err == nil || err.Error() != want {
			t.Errorf("%q\n gives %v\n not   %s", text, err, want)
		}
	}
}

func FuzzReadSS(f *testing.F) {
	f.Add(list)
	f.Add("ESTAB 0 0 [::%a]:1 *:* users:((\"a\",pid=,fd=\n\t x")
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		got, _ := census.ReadSS(strings.NewReader(text), func(s *census.Socket) {
			n++
			if s.Fires < 0 || s.Idle() < census.Unknown {
				t.Errorf("a span is negative: %+v", s)
			}
		})
		if got < n {
			t.Errorf("%d sockets are told, %d were handed on", got, n)
		}
	})
}

func TestFilters(t *testing.T) {
	rows := read(t, list)
	for filter, want := range map[string]string{
		"":                              "0 1 2 3 4 5 6",
		"port:443":                      "0 1 2 4 5 6",
		"port:51000":                    "1",
		"local:443 state:established":   "1 2",
		"remote:443":                    "6",
		"remote:10.2.3.4":               "1 4 5",
		"remote:10.2.3.4/31":            "1 2 4 5",
		"remote:10.2.3.6/31":            "",
		"local:[fe80::1]:40000":         "3",
		"remote:10.2.3.5:51001":         "2",
		"state:ESTAB":                   "1 2 3",
		"-state:listen":                 "1 2 3 4 5 6",
		"state:listen,TIME_WAIT":        "0 4",
		"timer:none":                    "0 3",
		"timer:keepalive,retransmit":    "1 2 6",
		"idle:>1h":                      "3",
		"idle:61500ms..61501ms":         "1",
		"idle:<61500ms":                 "2",
		"idle:>61501ms":                 "3",
		"process:NGINX":                 "0 1",
		"pid:13":                        "0 1",
		"uid:33":                        "1",
		"-port:443 timer:none":          "3",
		"process:nginx state:time-wait": "",
	} {
		f, err := census.ParseFilter(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		var got []string
		for i := range rows {
			if f.Match(&rows[i]) {
				got = append(got, fmt.Sprint(i))
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q takes rows %q, not %q", filter, s, want)
		}
	}
}

func TestFiltersThatAreWrong(t *testing.T) {
	for filter, want := range map[string]string{
		"443":            "is not KEY:VALUE",
		"port:":          "is not KEY:VALUE",
		"port:65536":     "a port goes from 0 to 65535",
		"remote:nowhere": "write a port, an address, a network or ADDRESS:PORT",
		"state:open":     "the states are established, close-wait,",
		"timer:off":      "the timers are none, keepalive,",
		"idle:long":      "write a span such as >1h",
		"idle:5s..5s":    "write a span such as >1h",
		"pid:nginx":      "write its number",
		"host:a":         "the filter knows no \"host\"; it knows port,",
	} {
		if _, err := census.ParseFilter("state:listen " + filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, not %s", filter, err, want)
		}
	}
}

func summary(t *testing.T, filter, text string) *census.Summary {
	t.Helper()
	f, err := census.ParseFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	m := census.NewSummary(f)
	for _, s := range read(t, text) {
		m.Add(&s)
	}
	return m
}

func TestSummary(t *testing.T) {
	m := summary(t, "-state:listen,syn-sent", list)
	want := census.Counts{
		States:  map[census.State]int{census.Established: 3, census.TimeWait: 1, census.CloseWait: 1},
		Guarded: [3]int{census.NotGuarded: 1, census.ByProbes: 1, census.ByData: 1},
		Oldest:  2 * time.Hour,
	}
	want.Idle[0][census.ByData] = 1     // under a second
	want.Idle[4][census.ByProbes] = 1   // a minute
	want.Idle[6][census.NotGuarded] = 1 // more than an hour
	if d := cmp.Diff(want, m.Counts); d != "" {
		t.Error(d)
	}
	if m.Read != 7 || m.All() != 5 {
		t.Errorf("%d of %d, not 5 of 7", m.All(), m.Read)
	}
	var got []string
	for _, g := range m.Groups() {
		got = append(got, fmt.Sprintf("%v %s:%d %d %v", g.Inbound, g.Remote, g.Port, g.All(), g.Owners))
	}
	if d := cmp.Diff([]string{"true invalid IP:443 4 [nginx]", "false fe80::2:5432 1 []"}, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

// row is an established connection with a timer that has been idle so long.
func row(timer string, idle time.Duration) string {
	return fmt.Sprintf("ESTAB 0 0 10.0.0.1:443 10.2.3.4:5000 timer:(%s,1sec,0)\n\t lastsnd:%d lastrcv:%d\n", timer, idle.Milliseconds(), idle.Milliseconds())
}

func bare(idle time.Duration) string {
	return strings.ReplaceAll(row("none", idle), " timer:(none,1sec,0)", "")
}

// The ages of a histogram, at each of its bounds from both sides.
func TestAges(t *testing.T) {
	for i, a := range census.Ages() {
		for _, d := range []time.Duration{a.From, min(a.To, 1000*time.Hour) - time.Millisecond} {
			m := summary(t, "", bare(d))
			for k := range m.Idle {
				if got, want := m.Idle[k][census.NotGuarded], 0; (k == i) != (got == 1) {
					t.Errorf("idle for %s: %d in column %d, not %d", d, got, k, want)
				}
			}
		}
	}
}

func notes(m *census.Summary) (rules []string) {
	for _, n := range m.Notes() {
		rules = append(rules, n.Rule)
	}
	return rules
}

func TestNotes(t *testing.T) {
	closed := "CLOSE-WAIT 1 0 10.0.0.1:443 10.2.3.4:5000\n"
	for _, c := range []struct {
		name, list string
		want       []string
	}{
		{"nothing", "LISTEN 0 5 0.0.0.0:1 0.0.0.0:*\n", nil},
		{"idle for an hour with nothing armed", bare(time.Hour), []string{"CAP-3"}},
		{"just not an hour", bare(time.Hour - time.Millisecond), nil},
		{"with probes", row("keepalive", 2*time.Hour), nil},
		{"data unanswered", row("on", 2*time.Hour), nil},
		{"ten without probes", strings.Repeat(bare(0), 10), []string{"KA-1"}},
		{"nine without", strings.Repeat(bare(0), 9), nil},
		{"one of eleven has probes", strings.Repeat(bare(0), 10) + row("keepalive", 0), nil},
		{"of one nobody knows", strings.Repeat(bare(0), 10) + row("on", 0), []string{"KA-1"}},
		{"all busy", strings.Repeat(row("on", 0), 10), nil},
		{"ten that the program did not close", strings.Repeat(closed, 10), []string{""}},
		{"nine of them", strings.Repeat(closed, 9), nil},
	} {
		if d := cmp.Diff(c.want, notes(summary(t, "", c.list))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// Memory does not grow with addresses: beyond some thousands they are taken together.
func TestManyAddresses(t *testing.T) {
	m := census.NewSummary(census.Filter{})
	for i := range 5000 {
		s := census.Socket{State: census.Established, Local: end("10.0.0.1:1"), Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 443)}
		m.Add(&s)
	}
	groups, all := m.Groups(), 0
	for _, g := range groups {
		all += g.All()
	}
	if len(groups) > 2100 || all != 5000 {
		t.Errorf("%d groups of %d sockets", len(groups), all)
	}
	if first := groups[0]; first.Remote.IsValid() || first.All() != 3000 {
		t.Errorf("the rest are %d to %s", first.All(), first.Remote)
	}
}

// A time is outlived by what has been idle for longer than it, not for as long.
func TestCountedBesideTimeouts(t *testing.T) {
	m := census.NewSummary(census.Filter{})
	m.Compare([]census.Timeout{{Name: "nginx keepalive_timeout", After: 75 * time.Second}, {Name: "undici keepAliveTimeout", After: 4 * time.Second}})
	for _, idle := range []time.Duration{time.Second, 4 * time.Second, 4*time.Second + 1, 75 * time.Second, 76 * time.Second, census.Unknown} {
		m.Add(&census.Socket{State: census.Established, Sent: idle, Received: idle})
	}
	m.Add(&census.Socket{State: census.CloseWait, Sent: time.Hour, Received: time.Hour})
	want := []census.Timeout{{Name: "undici keepAliveTimeout", After: 4 * time.Second, Longer: 3}, {Name: "nginx keepalive_timeout", After: 75 * time.Second, Longer: 1}}
	if d := cmp.Diff(want, m.Beside); d != "" {
		t.Error(d)
	}
}

func TestWhoCalledWhenTheListenerIsGone(t *testing.T) {
	for ports, want := range map[string]bool{
		"10.0.0.1:443 10.2.3.4:32768":   true,
		"10.0.0.1:443 10.2.3.4:32767":   false,
		"10.0.0.1:32767 10.2.3.4:40000": true,
		"10.0.0.1:32768 10.2.3.4:40000": false,
		"10.0.0.1:40000 10.2.3.4:443":   false,
	} {
		m := census.NewSummary(census.Filter{})
		for _, s := range read(t, "TIME-WAIT 0 0 "+ports+"\n") {
			m.Add(&s)
		}
		if g := m.Groups(); len(g) != 1 || g[0].Inbound != want {
			t.Errorf("%s: %+v, want inbound %v", ports, g, want)
		}
	}
}

package trace_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
)

// ping is a record of TLS 1.3 as long as a PING, its answer and a GOAWAY of HTTP/2 are.
const ping = `\x17\x03\x03\x00\x22` + "1234567890123456789012345678901234"

// What one connection is taken for.
func TestClose(t *testing.T) {
	for name, c := range map[string]struct {
		packets string
		want    string // kind, by whom, after how many seconds, requests
	}{
		"idle, by the server":      {"open 0 a\nask 1 a\n6.001 a < fin\n6.002 a > fin", "idle server 5s 1"},
		"idle, by the client":      {"open 0 a\nask 1 a\n6.001 a > fin\n6.002 a < fin", "idle client 5s 1"},
		"idle, a reset":            {"open 0 a\nask 1 a\n6.001 a < rst", "idle server 5s 1"},
		"idle after three":         {"open 0 a\nask 1 a\nask 2 a\nask 3 a\n8.001 a < fin", "idle server 5s 3"},
		"after an answer":          {"open 0 a\nask 1 a\n1.101 a < fin", "after-answer server 100ms 1"},
		"just not after an answer": {"open 0 a\nask 1 a\n1.102 a < fin", "idle server 101ms 1"},
		"before a request":         {"open 0 a\n7.002 a < fin", "before-request server 7s 0"},
		"waiting":                  {"open 0 a\n1 a > data 100\n1.001 a < ack\n61 a < fin", "waiting server 1m0s 1"},
		"the client waits no more": {"open 0 a\n1 a > data 100\n1.001 a < ack\n31 a > fin", "waiting client 30s 1"},
		"a request on its way":     {"open 0 a\nask 1 a\n6 a > data 100\n6.001 a < fin behind=100\n6.002 a < rst", "idle server 5s 2"},
		"the first on its way":     {"open 0 a\n5 a > data 100\n5.002 a < fin behind=100", "before-request server 5s 1"},
		"received and not read":    {"open 0 a\nask 1 a\n2.001 a > data 100\n2.101 a < rst", "idle server 1.1s 2"},
		"read, it seems":           {"open 0 a\nask 1 a\n2.001 a > data 100\n2.102 a < rst", "waiting server 101ms 2"},
		"after no silence":         {"open 0 a\nask 1 a\n2 a > data 100\n2.1 a < rst", "waiting server 100ms 2"},
		"with a FIN":               {"open 0 a\nask 1 a\n6 a > data 100\n6.001 a < fin", "waiting server 1ms 2"},
		"the first, a reset":       {"open 0 a\n6 a > data 100\n6.001 a < rst", "waiting server 1ms 1"},
		"the client's reset":       {"open 0 a\nask 1 a\n6 a > data 100\n6.001 a > rst", "waiting client 1ms 2"},
		"met a reset":              {"open 0 a\nask 1 a\n900 a > data 100\n900.001 a < rst noack", "met-reset server 1ms 2"},
		"switched":                 {"open 0 a\n1 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n1.1 a < data \"HTTP/1.1_101_S\\r\\n\\r\\n\"\n1.2 a > ack\n61.1 a < fin", "switched server 1m0s 1"},
		"Connection: close":        {"open 0 a\n1 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n1.1 a < data \"HTTP/1.1_200_S\\r\\nConnection:close\\r\\n\\r\\n\"\n1.2 a > ack\n2.1 a < fin", "after-answer server 1s 1"},
		"HTTP/1.0":                 {"open 0 a\n1 a > data \"GET_/_HTTP/1.0\\r\\n\\r\\n\"\n1.1 a < data \"HTTP/1.0_200_S\\r\\n\\r\\n\"\n1.2 a > ack\n2.1 a < fin", "after-answer server 1s 1"},
		"a TLS alert goes before":  {"open 0 a\nask 1 a\n6 a < data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.001 a < fin", "idle server 5s 1"},
		"an alert of TLS 1.3":      {"open 0 a\nask 1 a\n6 a < data \"\\x17\\x03\\x03\\x00\\x131234567890123456789\"\n6.001 a < fin", "idle server 5s 1"},
		"data of TLS, no alert":    {"open 0 a\nask 1 a\n6 a < data \"\\x17\\x03\\x03\\x00\\x1212345678901234567x\"\n6.001 a < fin", "after-answer server 1ms 1"},
		"the client's alert":       {"open 0 a\nask 1 a\n6 a > data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.001 a > fin", "idle client 5s 1"},
		"an unasked 408":           {"open 0 a\n5.002 a < data \"HTTP/1.1_408_T\\r\\n\\r\\n\"\n5.003 a < fin", "before-request server 5.001s 0"},
		"data lost by the capture": {"open 0 a\nask 1 a\n2 a < data 50 lost\n2.001 a > ack\n6.001 a < fin", "unsure server 5s 1"},
		"and seen by the FIN":      {"open 0 a\nask 1 a\n2 a < data 50 lost\n6.001 a < fin", "unsure server 5s 1"},
		"the client's, by the FIN": {"open 0 a\nask 1 a\n2 a > data 50 lost\n6.001 a < fin", "unsure server 5s 1"},
		"a reset of a box":         {"open 0 a\nask 1 a\nask 2 a\n7.001 a < rst ttl=61", "foreign-reset server 5s 2"},
		"given up by probes":       {"open 0 a\nask 1 a\n11 a < probe\n21 a < probe\n31.001 a < rst", "gave-up server 30s 1"},
		"began before":             {"1 a > data 100\n1.01 a < data 100\n1.02 a > ack\n9.01 a < fin", "idle server 8s 1"},
		"an alert, answered":       {"open 0 a\nask 1 a\n6.001 a < data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.002 a > data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.003 a > fin\n6.004 a < fin", "idle server 5s 1"},
		"an alert, from afar":      {"open 0 a\nask 1 a\n6.001 a < data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.301 a > data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.302 a > fin\n6.303 a < fin", "idle server 5s 1"},
		"an alert, a FIN for it":   {"open 0 a\nask 1 a\n6.001 a < data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n6.002 a > fin\n6.003 a < fin", "idle server 5s 1"},
		"an alert, and much later": {"open 0 a\nask 1 a\n6.001 a < data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n7.002 a > fin", "idle client 1.001s 1"},
		"a GOAWAY, or a ping":      {"open 0 a\nask 1 a\n6.001 a < data \"" + ping + "\"\n6.002 a > fin", "unsure server 5s 1"},
		"a ping and its answer":    {"open 0 a\nask 1 a\n3 a > data \"" + ping + "\"\n3.001 a < data \"" + ping + "\"\n3.002 a > ack\n3.101 a > fin", "after-answer client 100ms 2"},
		"a ping, long before":      {"open 0 a\nask 1 a\n3 a > data \"" + ping + "\"\n3.001 a < data \"" + ping + "\"\n3.002 a > ack\n8.001 a < fin", "idle server 5s 2"},
		"a ping from afar":         {"open 0 a\nask 1 a\n3 a > data \"" + ping + "\"\n3.2 a < data \"" + ping + "\"\n3.202 a > ack\n8.2 a < fin", "idle server 5s 2"},
		"a ping, then a GOAWAY":    {"open 0 a\nask 1 a\n3 a > data \"" + ping + "\"\n3.2 a < data \"" + ping + "\"\n3.202 a > ack\n8.199 a < data \"" + ping + "\"\n8.2 a < fin", "idle server 5s 2"},
		"a probe meets a reset":    {"open 0 a\nask 1 a\n601.001 a > probe\n601.001 a < rst noack", "met-reset server 10m0s 1"},
		"an answered one does not": {"open 0 a\nask 1 a\n601 a > probe\n601.0005 a < ack\n601.001 a < rst", "idle server 10m0s 1"},
		"half closed, answered":    {"open 0 a\n1 a > data 100\n1.001 a > fin\n1.2 a < data 200\n1.201 a > ack\n1.3 a < fin", "unsure client 1ms 1"},
		"closed, answered":         {"open 0 a\n1 a > data 100\n1.001 a > fin\n1.2 a < data 200\n1.201 a > rst", "waiting client 1ms 1"},
		"open":                     {"open 0 a\nask 1 a\nopen 10 b", "open server 9.001s 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, all := track(script(t, c.packets))
			var got string
			for _, k := range all {
				if k.Client.Port() == 50000 {
					got = strings.Join([]string{k.Kind.String(), k.By.String(), k.Silence.String()}, " ") + " " + string('0'+rune(k.Requests))
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Data that goes with the SYN is a request (RFC 7413).
func TestFastOpen(t *testing.T) {
	all := script(t, "open 0 a\n0.01 a < data 200\n0.011 a > ack\n5.01 a < fin")
	all[0].Length, all[0].Payload = 50, make([]byte, 50)
	for i := 1; i < len(all); i++ {
		if all[i].Src.Port() == 443 {
			all[i].Ack += 50
		} else {
			all[i].Seq += 50
		}
	}
	tr, ended := track(all)
	if k := ended[0]; k.Kind != trace.Idle || k.Silence != 5*time.Second || k.Requests != 1 || k.Sent != 50 || !k.Whole || tr.Counts().Lossy != 0 {
		t.Errorf("%+v", k)
	}
}

// A client resets what the other end still has open from before, and comes again with the same SYN.
func TestAgainAfterItsReset(t *testing.T) {
	all := script(t, "0 a > syn\n0.001 a < ack\n0.002 a > rst noack\n1 a > syn\n1.001 a < syn\n1.002 a > ack\nask 5 a")
	all[0].Seq = all[3].Seq
	tr, ended := track(all)
	if n := tr.Counts(); n.Connections != 2 || n.Began != 0 || n.Retransmitted != 0 {
		t.Errorf("%+v", n)
	}
	if k := ended[len(ended)-1]; !k.Whole || k.Kind != trace.Open || k.Requests != 1 {
		t.Errorf("%+v", k)
	}
}

// A FIN that comes again when its connection was counted is no further one.
func TestFINLongAfter(t *testing.T) {
	all := script(t, "open 0 a\nask 1 a\n6.001 a < fin\n6.002 a > fin\n6.4 a < fin\n9.6 a < fin\n16 a < fin\nopen 20 b")
	for i := range all {
		if all[i].Flags.Has(capture.FIN) && all[i].Src.Port() == 443 {
			all[i].Seq = 5201
		}
	}
	if tr, _ := track(all); tr.Counts().Connections != 2 || tr.Counts().Began != 0 || tr.Servers()[0].HalfOpen != 0 {
		t.Errorf("%+v", tr.Counts())
	}
}

// A retransmission that says more than before adds what is new.
func TestBytesCountOnce(t *testing.T) {
	all := script(t, "open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.201 a < ack")
	last := &all[len(all)-2]
	last.Length, last.Payload = 80, make([]byte, 80)
	all[len(all)-1].Ack += 30
	if _, ended := track(all); ended[0].Sent != 180 {
		t.Errorf("%d bytes", ended[0].Sent)
	}
}

// What comes late was overtaken, unless it comes later than that takes or, by its
// identification, was sent after what came before it.
func TestOutOfOrder(t *testing.T) {
	for name, c := range map[string]struct {
		at        float64
		id        uint16
		reordered int
	}{
		"sent before":        {2.0039, 90, 1},
		"too late for that":  {2.004, 90, 0},
		"sent after":         {2.0039, 101, 0},
		"long after, if so":  {2.0039, 1100, 0},
		"it does not count":  {2.0039, 1101, 1},
		"without any number": {2.0039, 0, 1},
	} {
		all := script(t, fmt.Sprintf("open 0 a\nask 1 a\n2 a > data 50\n2.001 a > data 50\n%.4f a > again", c.at))
		first, last := &all[len(all)-3], &all[len(all)-1]
		last.Seq, last.IPID = first.Seq, c.id
		all[len(all)-2].IPID = 100
		all = slices.Delete(all, len(all)-3, len(all)-2) // it was not captured at its place
		tr, _ := track(all)
		if n := tr.Counts(); n.OutOfOrder != c.reordered || n.Retransmitted != 1-c.reordered {
			t.Errorf("%s: %d out of order, %d sent again", name, n.OutOfOrder, n.Retransmitted)
		}
	}
}

// An acknowledgement that was overtaken by what its sender sent next looks like a probe.
func TestOvertakenAcknowledgement(t *testing.T) {
	for name, c := range map[string]struct {
		packets string
		probes  int
	}{
		"by a FIN":      {"open 0 a\nask 1 a\n9 a < fin\n9.0029 a < probe", 0},
		"by a byte":     {"open 0 a\nask 1 a\n9 a < data 1\n9.0029 a < probe", 0},
		"long after":    {"open 0 a\nask 1 a\n9 a < data 1\n9.003 a < probe", 1},
		"a probe":       {"open 0 a\nask 1 a\n9 a < probe", 1},
		"and another":   {"open 0 a\nask 1 a\n9 a < probe\n9.002 a < probe", 2},
		"and an answer": {"open 0 a\nask 1 a\n9 a < probe\n9.001 a > ack\n9.002 a > probe", 1},
	} {
		if tr, _ := track(script(t, c.packets)); tr.Counts().Probes != c.probes {
			t.Errorf("%s: %d probes", name, tr.Counts().Probes)
		}
	}
}

// A connection that goes on after a reset in the name of one of its ends is one, whatever time it
// then takes, and is over when it is reset again.
func TestGoesOnAfterReset(t *testing.T) {
	const on = "open 0 a\nask 1 a\nask 2 a\n3 a < rst ttl=61\n3.1 a < data 60\n3.101 a > ack\n30 a > data 70\n30.001 a < data 80\n30.002 a > ack\n"
	for ends, live := range map[string]int{"": 2, "31 a < fin\n31.001 a > fin\n": 1, "31 a < rst\n": 1, "31 a > rst\n": 1} {
		all := script(t, on+ends+"open 40 b")
		tr := trace.New(nil)
		for i := range all {
			tr.Add(&all[i])
		}
		if tr.Live() != live {
			t.Errorf("%q: %d connections are followed", ends, tr.Live())
		}
		tr.End()
		if n := tr.Counts(); n.Connections != 2 || n.Began != 0 || tr.Servers()[0].Sides[trace.TheServer].Forged.Resumed != 1 {
			t.Errorf("%q: %+v", ends, n)
		}
	}
}

// A reset in another's name ends nothing where the sequence numbers go on, however long after
// that; what comes then is judged as if it had not been. Other numbers, or a handshake, are of
// another connection.
func TestGoesOnLongAfterReset(t *testing.T) {
	const begins = "open 0 a\nask 1 a\nask 2 a\n3 a < rst ttl=61\n"
	for name, c := range map[string]struct {
		packets     string
		connections int
		began       int
		last        string // kind, side, silence of the last
	}{
		"an answer after minutes":  {"303 a > data 70\n303.001 a < data 80\n303.002 a > ack\n308.002 a < fin\n308.003 a > fin\n", 1, 0, "idle server 5.001s"},
		"the server after minutes": {"303 a < data 70\n303.001 a > ack\n", 1, 0, "open server 1ms"},
		"its own end":              {"5 a < fin\n5.001 a > fin\n", 1, 0, "idle server 2.999s"},
		"nothing":                  {"", 1, 0, "foreign-reset server 999ms"},
		"the client alone":         {"10 a > data 70\n", 1, 0, "foreign-reset server 999ms"},
		"after two hours":          {"7204 a > data 70\n7204.001 a < data 80\n", 2, 1, "open server 0s"},
		"another handshake":        {"open 10 a\n", 2, 0, "open server 0s"},
		"reset again":              {"303 a < data 70\n303.001 a > ack\n304 a < rst ttl=61\n400 a < data 10\n", 1, 0, "open server 0s"},
		"its own reset":            {"303 a < data 70\n303.001 a > ack\n304 a < rst\n", 1, 0, "idle server 1s"},
	} {
		tr, all := track(script(t, begins+c.packets))
		n := tr.Counts()
		last := all[len(all)-1]
		if n.Connections != c.connections || n.Began != c.began || fmt.Sprint(last.Kind, " ", last.By, " ", last.Silence) != c.last {
			t.Errorf("%s: %d connections, %d began before, the last %s %s %s", name, n.Connections, n.Began, last.Kind, last.By, last.Silence)
		}
		if r := tr.Servers()[0].Race; r.After+r.Crossed > 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	tr := trace.New(nil)
	for _, s := range script(t, begins+"60 a > ack\n") {
		tr.Add(&s)
	}
	s := tr.Picture(1).Servers[0]
	if side := &s.Sides[trace.TheServer]; s.Connections != 1 || side.Closed[trace.Foreign] != 1 || side.Forged.N != 1 || s.Open != 0 {
		t.Errorf("a picture while it may go on has %d connections, %d closed, %+v", s.Connections, side.Closed[trace.Foreign], side.Forged)
	}
	if all := tr.Doubts(); len(all) != 1 || all[0].Kind != trace.Foreign {
		t.Errorf("those that may go on are %+v", all)
	}
}

// How near the sequence numbers have to be, how soon, and how long and how many connections that
// were reset so are kept, on both sides of each edge.
func TestDoubtsAreBounded(t *testing.T) {
	const begins = "open 0 a\nask 1 a\nask 2 a\n3 a < rst ttl=61\n"
	for _, c := range []struct {
		packets     string
		off         uint32 // of the last sequence number
		connections int
		kind        trace.Kind
	}{
		{"10 a < data 70\n", 1<<20 - 1, 1, trace.Open},
		{"10 a < data 70\n", 1 << 20, 2, trace.Open},
		{"5 a < data 70\n", 1 << 20, 1, trace.Open}, // stragglers of it may come for two seconds
		{"5.001 a < data 70\n", 1 << 20, 2, trace.Open},
		{"7202.999 a < data 70\n", 0, 1, trace.Open},
		{"7203 a < data 70\n", 0, 2, trace.Open},
		{"3.1 a < data 70\n", 0, 1, trace.Foreign}, // it was on its way
		{"3.101 a < data 70\n", 0, 1, trace.Open},
	} {
		all := script(t, begins+c.packets)
		all[len(all)-1].Seq += c.off
		tr, ended := track(all)
		if n, kind := tr.Counts().Connections, ended[len(ended)-1].Kind; n != c.connections || kind != c.kind {
			t.Errorf("%d further, %q: %d connections, the last %s; want %d and %s", c.off, c.packets, n, kind, c.connections, c.kind)
		}
	}
	for _, n := range []int{4096, 4097} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "open 0 c%d\nask 1 c%[1]d\nask 2 c%[1]d\n3 c%[1]d < rst ttl=61\n", i)
		}
		tr := trace.New(nil)
		for _, s := range script(t, b.String()+"open 10 last\n") {
			tr.Add(&s)
		}
		if got := len(tr.Doubts()); got != 4096 || tr.Live() != 4097 {
			t.Errorf("of %d that may go on %d are kept, and %d are followed", n, got, tr.Live())
		}
	}
}

// Of the line Server no comment is kept: it may name hosts and addresses.
func TestCalled(t *testing.T) {
	for line, want := range map[string]string{
		"nginx/1.24.0":                       "nginx/1.24.0",
		" Apache/2.4.66 (Debian) PHP/8.2 ":   "Apache/2.4.66 PHP/8.2",
		"nginx/1.24.0 (10.0.0.7; web(3)x) b": "nginx/1.24.0 b",
		"nginx (10.0.0.7":                    "nginx",
		"a)b":                                "a)b",
		"(10.0.0.7)":                         "",
	} {
		text := fmt.Sprintf("open 0 a\n1 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n1.1 a < data \"HTTP/1.1_200_OK\\r\\nServer:_%s\\r\\n\\r\\n\"\n", strings.ReplaceAll(line, " ", "_"))
		tr, _ := track(script(t, text))
		if got := tr.Servers()[0].Called; got != want {
			t.Errorf("%q is called %q, want %q", line, got, want)
		}
	}
}

// Which settings fit what was seen, on both sides of each edge.
func TestSetting(t *testing.T) {
	for _, c := range []struct {
		spans []time.Duration
		want  trace.Setting
	}{
		{nil, trace.Setting{}},
		{[]time.Duration{2 * time.Second}, trace.Setting{Low: 2 * time.Second, High: 2 * time.Second}},
		{[]time.Duration{2010 * time.Millisecond, 2090 * time.Millisecond}, trace.Setting{Low: 2 * time.Second, High: 2 * time.Second}},
		{[]time.Duration{1980 * time.Millisecond}, trace.Setting{Low: 2 * time.Second, High: 2 * time.Second}}, // a clock's slack
		{[]time.Duration{1970 * time.Millisecond}, trace.Setting{}},
		{[]time.Duration{2 * time.Second, 3 * time.Second}, trace.Setting{}}, // two settings
		{[]time.Duration{61 * time.Second}, trace.Setting{Low: 56 * time.Second, High: 61 * time.Second}},
		{[]time.Duration{60 * time.Second, 62 * time.Second}, trace.Setting{Low: 57 * time.Second, High: 60 * time.Second}},
	} {
		p := trace.Probes{}
		for _, d := range c.spans {
			p.First.Add(d)
			p.Last.Add(d)
		}
		if got := p.Idle(); got != c.want {
			t.Errorf("%v: %v, want %v", c.spans, got, c.want)
		}
		if got := p.Interval(); got != c.want {
			t.Errorf("an interval of %v: %v, want %v", c.spans, got, c.want)
		}
	}
}

// Whatever bytes a segment has, the tracker neither fails nor keeps more than it should.
func FuzzTracker(f *testing.F) {
	f.Add([]byte("\x02\x00\x10\x00\x00\x00GET / HTTP/1.1\r\n\r\n"), []byte("\x12\x01HTTP/1.1 200\r\nKeep-Alive: timeout=5\r\n"))
	f.Add([]byte("\x04\x00\x00\x00\x00\x01"), []byte("\x17\x03\x03\x00\x13"))
	f.Fuzz(func(t *testing.T, heads, said []byte) {
		tr := trace.New(func(*trace.Connection) {})
		ends := [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:50000"), netip.MustParseAddrPort("10.0.0.2:443")}
		var at int64 = 1
		for n := int64(1); len(heads) >= 6; n++ {
			h := heads[:6]
			heads = heads[6:]
			at += int64(h[1]) << (h[2] & 31)
			s := capture.Segment{
				At: at, Number: n, Flags: capture.Flags(h[0]), Src: ends[h[3]&1], Dst: ends[1-h[3]&1], Seq: uint32(h[4]), Ack: uint32(h[5]),
				Length: int(h[3]>>1) * 3, TTL: h[2], IPID: uint16(h[1]), Window: uint16(h[5]),
			}
			s.Payload = said[:min(len(said), s.Length)]
			tr.Add(&s)
		}
		tr.End()
		for _, s := range tr.Servers() {
			for _, c := range s.Conclusions() {
				if c.Low > c.Median || c.Median > c.High || c.N < 0 {
					t.Errorf("%+v", c)
				}
			}
		}
		if tr.Live() != 0 {
			t.Errorf("%d connections are left", tr.Live())
		}
	})
}

package trace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/trace"
)

// requests are so many on one connection, 10 ms apart.
func requests(name string, at float64, n int) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("open %.4f %s", at, name)
	for i := range n {
		say("ask %.4f %s", at+0.01*float64(i+1), name)
	}
	return b.String()
}

// What is concluded, each edge from both sides. A want that begins with "-" must not be there.
func TestConclusions(t *testing.T) {
	closed := func(name string, at float64) string {
		return fmt.Sprintf("%.4f %s < fin\n%.4f %s > fin\n", at, name, at+0.001, name)
	}
	limit := func(name string, n int) string {
		return requests(name, 1, n) + closed(name, 1+0.01*float64(n)+0.003)
	}
	idle := func(name string, at, after float64) string {
		return fmt.Sprintf("open %.4f %s\nask %.4f %s\n", at, name, at+0.1, name) + closed(name, at+0.101+after)
	}
	for name, c := range map[string]struct {
		packets string
		want    []string
	}{
		"two timers":              {idle("a", 0, 5) + idle("b", 1, 5.004) + idle("c", 2, 5.002) + idle("d", 3, 60) + idle("e", 4, 60) + idle("f", 5, 60.5), []string{"closed 3 connections after 5 to 5.004 s", "closed 3 connections after 60 to 60.5 s"}},
		"a limit":                 {limit("a", 100) + limit("b", 100) + limit("c", 100), []string{"request 100, always: 3 connections"}},
		"two of it are no limit":  {limit("a", 100) + limit("b", 100), []string{"-always"}},
		"another number":          {limit("a", 100) + limit("b", 100) + limit("c", 99), []string{"-always"}},
		"one went on":             {limit("a", 100) + limit("b", 100) + limit("c", 100) + requests("d", 1, 101) + closed("d", 60), []string{"-always"}},
		"one ended before":        {limit("a", 100) + limit("b", 100) + limit("c", 100) + requests("d", 1, 100) + closed("d", 60), []string{"request 100, always: 3"}},
		"one request each":        {limit("a", 1) + limit("b", 1) + limit("c", 1), []string{"-always", "closed 3 connections at once after an answer"}},
		"an answer said so":       {"open 0 a\n1 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n1.1 a < data \"HTTP/1.1_200_S\\r\\nConnection:close\\r\\n\\r\\n\"\n1.2 a > ack\n1.21 a < fin", []string{"closed 1 connection whose last answer said that it would", "-at once after an answer"}},
		"a process ends":          {idle("a", 0, 9.9) + idle("b", 2, 7.91) + idle("c", 4, 5.92) + idle("d", 6, 3.93) + idle("e", 8, 1.94), []string{"closed 5 connections at one moment", "-5 connections after"}},
		"four are no process":     {idle("a", 0, 9.9) + idle("b", 2, 7.91) + idle("c", 4, 5.92) + idle("d", 6, 3.93), []string{"-at one moment"}},
		"at one moment, alike":    {idle("a", 0, 9.9) + idle("b", 0.01, 9.89) + idle("c", 0.02, 9.88), []string{"closed 3 connections after 9.88 to 9.9 s", "wrong if the process ended"}},
		"the race":                {"open 0 a\nask 1 a\n6 a > data 120\n6.001 a < fin behind=120\n6.002 a < rst", []string{"1 request met a close of the server and got no answer, 100 %"}},
		"it was not read":         {"open 0 a\nask 1 a\n6 a > data 120\n6.001 a < rst\nopen 7 b\n7.1 b > data 120", []string{"1 request met a close of the server and got no answer", "1 of them came again", "or the server resets what it refuses", "-waited"}},
		"it was received":         {"open 0 a\nask 1 a\n6 a > data 120\n6.001 a < fin\n6.002 a < rst", []string{"-met a close", "waited for an answer"}},
		"sent after the close":    {"open 0 a\nask 1 a\n6 a < fin\n6.001 a > data 120 behind=1\n6.002 a < rst", []string{"1 request met a close"}},
		"sent knowing of it":      {"open 0 a\nask 1 a\n6 a < fin\n6.1 a > ack\n7 a > data 120\n7.002 a < rst", []string{"-met a close", "1 request on connections whose close they had acknowledged"}},
		"it leaves, too":          {"open 0 a\nask 1 a\n6 a < fin\n6.001 a > data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\" behind=1\n6.002 a > fin behind=1", []string{"-met a close"}},
		"a hint":                  {"open 0 a\n1 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n1.1 a < data \"HTTP/1.1_200_S\\r\\nKeep-Alive:timeout=5,max=100\\r\\n\\r\\n\"\n2 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n2.1 a < data \"HTTP/1.1_200_S\\r\\nkeep-alive:_timeout=5,_max=99\\r\\n\\r\\n\"", []string{"timeout=5, max=100 at most, in 2 answers"}},
		"probes":                  {"open 0 a\nask 1 a\n11.002 a > probe\n11.003 a < ack\n21.003 a > probe\n26.003 a > probe\n31.003 a > probe\n36.003 a > rst", []string{"first keep-alive probe 10.001 s after the last segment received: a Linux kernel with TCP_KEEPIDLE = 10 s", "next probe 10 s after an answer", "next probe 5 s after one without an answer: a Linux kernel with TCP_KEEPINTVL = 5 s", "gave up after 3 probes"}},
		"a byte that comes again": {"open 0 a\nask 1 a\n2 a > data 1\n2.3 a > again\n2.301 a < ack", []string{"-keep-alive probe 1"}},
		"a closed window":         {"open 0 a\nask 1 a\n2 a > ack window=0\n12 a < probe\n12.001 a > ack window=0", []string{"-first keep-alive"}},
		"no probes":               {idle("a", 0, 2.001), []string{"sent no keep-alive probe in the longest silence of 2.001 s"}},
		"too short to tell":       {idle("a", 0, 1.9), []string{"-no keep-alive"}},
		"a dead peer":             {"open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.6 a > again\n3.4 a > again\nopen 60 b\nask 61 b", []string{"on 1 connection: 3 tries in 1.4 s, then gave up"}},
		"two tries may be loss":   {"open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.6 a > again\nopen 60 b", []string{"-not acknowledged"}},
		"what it gave up by":      {"open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.6 a > again\n3.4 a > again\nopen 60 b\nask 61 b", []string{"as Linux does with tcp_retries2 = 2 or a TCP_USER_TIMEOUT of 600 ms to 2.8 s"}},
		"with its half closed":    {"open 0 a\nask 1 a\n2 a > data 50\n2.001 a > fin\n2.2 a > again\n2.6 a > again\n3.4 a > again\nopen 60 b\nask 61 b", []string{"gave up", "-tcp_retries2"}},
		"two that differ":         {"open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.6 a > again\n3.4 a > again\nopen 1 b\n2 b > data 50\n2.2 b > again\n2.6 b > again\n3.4 b > again\n5 b > again\n8.2 b > again\nopen 60 c\nask 61 c", []string{"gave up", "-tcp_retries2"}},
		"not what is waited for":  {"open 0 a\nask 1 a\n2 a > data 50\n2.001 a > data 50\n2.2 a > again\n2.6 a > again\n3.4 a > again\nopen 60 b", []string{"-not acknowledged"}},
		"a byte into no window":   {"open 0 a\nask 1 a\n2 a > ack window=0\n7 a < data 1\n7.001 a > ack window=0 behind=1\n12 a < again\n12.001 a > ack window=0 behind=1\n22 a < again\n22.001 a > ack window=0 behind=1\n42 a < again\n42.001 a > ack window=0 behind=1\nopen 400 b", []string{"-not acknowledged", "-get through"}},
		"a byte, then a reset":    {"open 0 a\nask 1 a\n2 a > ack window=0\n7 a < data 1\n7.001 a > ack window=0 behind=1\n12 a < again\n12.001 a > ack window=0 behind=1\n13 a > rst behind=1\nopen 400 b", []string{"-get through"}},
		"the peer was heard":      {"open 0 a\nask 1 a\n961 a > data 50\n961.2 a > again\n961.6 a > again\n962.4 a > again\n963 a < ack behind=50\nopen 999 b", []string{"not acknowledged", "-get through"}},
		"a probe meets a reset":   {"open 0 a\nask 1 a\n601 a > probe\n601.001 a < rst noack", []string{"the server met data or a probe on 1 connection with a reset", "-closed 1 connection after"}},
		"half closed, answered":   {"open 0 a\n1 a > data 100\n1.001 a > fin\n1.2 a < data 200\n1.201 a > ack\n1.3 a < fin", []string{"-waited"}},
		"tries, each its time":    {"open 0 a\nask 1 a\n11 a > probe\n16 a > rst\nopen 0 b\nask 1 b\n11 b > probe\n16 b > probe\n21 b > rst", []string{"after 1 probe without an answer: 1 connection, 14.999 s after", "after 2 probes without an answer: 1 connection, 19.999 s after"}},
		"it was heard in the end": {"open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.6 a > again\n3.4 a > again\n3.5 a < ack\nopen 60 b", []string{"-not acknowledged"}},
		"still trying":            {"open 0 a\nask 1 a\n2 a > data 50\n2.2 a > again\n2.6 a > again\n3.4 a > again\nopen 4.9 b", []string{"still trying"}},
		"a box that forgets":      {"open 0 a\nask 1 a\nask 61 a\nask 361 a\n961 a > data 50\n961.2 a > again\n961.6 a > again\n962.4 a > again\nopen 999 b", []string{"after a silence of 599.998 s data did not get through any more, and nothing came back; after 299.998 s it did", "-foreign"}},
		"a reset comes back":      {"open 0 a\nask 1 a\nask 61 a\n961 a > data 50\n961.2 a < rst noack", []string{"a reset came back; after 59"}},
		"a reset of a box":        {"open 0 a\nask 1 a\nask 2 a\n961 a > data 50\n961.2 a < rst ttl=61", []string{"(TTL 61, not 64)"}},
		"a reset of its own":      {"open 0 a\nask 1 a\nask 2 a\n961 a > data 50\n961.2 a < rst", []string{"-TTL"}},
		"an end with many ways":   {"open 0 a\nask 1 a\nask 2 a ttl=63\n3 a > data 50\n3.2 a < rst ttl=61", []string{"-TTL"}},
		"the sender went on":      {"open 0 a\nask 1 a\n2 a < rst\n2.1 a > data 50\n2.101 a < ack\n2.2 a < data 60", []string{"1 reset in the name of the server came before more of its data: a box may have sent that"}},
		"open":                    {"open 0 a\nask 1 a\nopen 10 b", []string{"2 connections were open at the end"}},
		"in steps":                {steps(), []string{"closed 20 connections after", "-at one moment"}},
	} {
		t.Run(name, func(t *testing.T) {
			tr, _ := track(script(t, c.packets))
			var got []string
			for _, s := range tr.Servers() {
				for _, x := range s.Conclusions() {
					got = append(got, x.Text+"; wrong if "+x.Wrong)
				}
			}
			all := strings.Join(got, "\n")
			for _, w := range c.want {
				if not, ok := strings.CutPrefix(w, "-"); ok == strings.Contains(all, not) {
					t.Errorf("%q:\n%s", w, all)
				}
			}
		})
	}
}

// steps is a server that looks at its timers every 5 s and ends what is older than 1 s.
func steps() string {
	var b strings.Builder
	for look := 1; look <= 4; look++ {
		for i := range 5 {
			name, at := fmt.Sprintf("s%d-%d", look, i), float64(5*look)-1.5-0.5*float64(i)
			fmt.Fprintf(&b, "open %.4f %s\nask %.4f %s\n%d.0%d %s < fin\n%d.1 %s > fin\n", at-0.1, name, at, name, 5*look, i, name, 5*look, name)
		}
	}
	return b.String()
}

// What one connection costs, its share of the index included, whatever was said on it.
func TestMemory(t *testing.T) {
	const most = 400
	if n := trace.PerConnection; n > most {
		t.Errorf("a connection takes %d bytes; at most %d", n, most)
	}
}

// A request that met a close is known again on another connection, for ten seconds.
func TestRepeated(t *testing.T) {
	const lost = "open 0 a\nask 1 a\n6 a > data 120\n6.001 a < fin behind=120\n6.002 a < rst\nopen 6.1 b\n"
	for again, want := range map[string]int{
		"7 b > data 120":                               1,
		"16.001 b > data 120":                          1,
		"16.002 b > data 120":                          0, // too late
		"7 b > data 121":                               0, // another
		"7 b > data 120\nask 8 b":                      1,
		"open 6.2 c\n7 b > data 120\n7.1 c > data 120": 1, // it was lost once
	} {
		tr, _ := track(script(t, lost+again))
		if got := tr.Servers()[0].Race.Repeated; got != want {
			t.Errorf("%q: repeated %d times, want %d", again, got, want)
		}
	}
}

// The median of what was promised is one of the promises.
func TestHintMedian(t *testing.T) {
	const ask, answer = "%d a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n", "%d.1 a < data \"HTTP/1.1_200_S\\r\\nKeep-Alive:timeout=%d\\r\\n\\r\\n\"\n"
	text := "open 0 a\n"
	for i, timeout := range []int{5, 60, 60} {
		text += fmt.Sprintf(ask, i+1) + fmt.Sprintf(answer, i+1, timeout)
	}
	tr, _ := track(script(t, text))
	all := slices.DeleteFunc(tr.Servers()[0].Conclusions(), func(c trace.Conclusion) bool { return c.Topic != trace.TopicHint })
	if len(all) != 1 || all[0].Low != 5*time.Second || all[0].Median != time.Minute || all[0].High != time.Minute {
		t.Errorf("%+v", all)
	}
}

func TestArrivalsAreARateOrNothing(t *testing.T) {
	for packets, want := range map[string]float64{
		"open 0 a\nopen 0.2 b\nopen 0.4 c\nopen 0.6 d\nopen 1 e":     4,
		"open 0 a\nopen 0.2 b\nopen 0.4 c\nopen 0.6 d\nopen 0.999 e": 0,
		"open 0 a\nopen 0.2 b\nopen 0.4 c\nopen 1 d":                 0,
	} {
		tr, _ := track(script(t, packets))
		if got := tr.Servers()[0].Arrivals(); got != want {
			t.Errorf("%q: %v a second, want %v", packets, got, want)
		}
	}
}

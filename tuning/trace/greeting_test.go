package trace_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/keeptune/tuning/trace"
)

// records are those of TLS, each a type and how many bytes it holds, as a text of a script; the
// first byte of a handshake's is the type of its message, ClientHello for a client's first.
func records(all ...int) string {
	var b strings.Builder
	for i := 0; i < len(all); i += 2 {
		kind, n := all[i], all[i+1]
		first := `\x01`
		if kind != 22 {
			first = "x"
		}
		fmt.Fprintf(&b, `\x%02x\x03\x03\x%02x\x%02x%s%s`, kind, n>>8, n&255, first, strings.Repeat("x", n-1))
	}
	return b.String()
}

// What belongs to a handshake of TLS is no request, and what follows is one; each edge from both
// sides.
func TestGreeting(t *testing.T) {
	const end = "9 a < fin\n9.001 a > fin\n"
	hello := "open 0 a\n0.01 a > data \"" + records(22, 300) + "\"\n0.02 a < data \"" + records(22, 90, 20, 1, 23, 900) + "\"\n"
	is := func(at, arrow string, of ...int) string {
		return at + " a " + arrow + " data \"" + records(of...) + "\"\n"
	}
	answered := is("1", ">", 23, 200) + is("1.01", "<", 23, 400) + "1.02 a > ack\n"
	again := is("2", ">", 23, 200) + is("2.01", "<", 23, 400) + "2.02 a > ack\n"
	for name, c := range map[string]struct {
		packets string
		want    string // kind, by whom, after how many seconds, requests
	}{
		"1.3":                        {hello + is("0.03", ">", 20, 1, 23, 53) + answered + again + end, "idle server 6.99s 2"},
		"1.3, a longer hash":         {hello + is("0.03", ">", 20, 1, 23, 69) + answered + again + end, "idle server 6.99s 2"},
		"1.3, tickets between":       {hello + is("0.03", ">", 20, 1, 23, 53) + is("0.04", "<", 23, 234, 23, 234) + answered + again + end, "idle server 6.99s 2"},
		"1.3, tickets later":         {hello + is("0.03", ">", 20, 1, 23, 53) + is("0.035", ">", 23, 200) + is("0.04", "<", 23, 234) + is("0.05", "<", 23, 400) + again + end, "idle server 6.99s 2"},
		"1.3, with the request":      {hello + is("0.03", ">", 20, 1, 23, 53, 23, 200) + is("0.04", "<", 23, 400) + again + end, "idle server 6.99s 2"},
		"1.3, a certificate":         {hello + is("0.03", ">", 20, 1, 23, 800, 23, 281, 23, 53) + answered + end, "idle server 7.99s 1"},
		"1.3, begun again":           {hello + is("0.03", ">", 20, 1, 22, 330) + is("0.04", "<", 22, 90, 23, 900) + is("0.05", ">", 23, 53) + answered + end, "idle server 7.99s 1"},
		"1.3, begun again, tickets":  {hello + is("0.03", ">", 20, 1, 22, 330) + is("0.04", "<", 22, 90, 23, 900) + is("0.05", ">", 23, 53) + is("0.06", "<", 23, 234) + answered + end, "idle server 7.99s 1"},
		"1.3, the longer, tickets":   {hello + is("0.03", ">", 20, 1, 23, 69) + is("0.04", "<", 23, 234) + answered + end, "idle server 7.99s 1"},
		"1.3, nothing asked":         {hello + is("0.03", ">", 20, 1, 23, 53) + is("0.04", "<", 23, 234) + end, "before-request server 8.96s 0"},
		"1.3, its leave":             {hello + is("0.03", ">", 20, 1, 23, 53) + is("8.03", ">", 23, 19) + "8.031 a > fin\n8.04 a < fin\n", "before-request client 8.001s 0"},
		"1.3, a request as long":     {hello + is("0.03", ">", 20, 1, 23, 53) + is("1", ">", 23, 53) + is("1.01", "<", 23, 400) + end, "idle server 7.99s 1"},
		"1.3, nearly as long":        {hello + is("0.03", ">", 20, 1, 23, 54) + is("1.01", "<", 23, 400) + end, "idle server 7.99s 1"},
		"1.3, data before all":       {"open 0 a\n" + is("0.01", ">", 22, 300, 23, 53) + is("0.02", "<", 22, 90, 23, 900) + end, "idle server 8.98s 1"},
		"1.2":                        {hello + is("0.03", ">", 22, 70, 20, 1, 22, 40) + is("0.04", "<", 22, 200, 20, 1, 22, 40) + answered + again + end, "idle server 6.99s 2"},
		"1.2, a request of 53":       {hello + is("0.03", ">", 22, 70, 20, 1, 22, 40) + is("0.04", "<", 20, 1, 22, 40) + is("1", ">", 23, 53) + is("1.01", "<", 23, 400) + end, "idle server 7.99s 1"},
		"1.2, nothing asked":         {hello + is("0.03", ">", 22, 70, 20, 1, 22, 40) + is("0.04", "<", 20, 1, 22, 40) + end, "before-request server 8.96s 0"},
		"the hello in two":           {"open 0 a\n0.01 a > data \"" + records(22, 300)[:len(records(22, 300))-100] + "\"\n0.011 a > data 100\n" + is("0.02", "<", 22, 90, 23, 900) + is("0.03", ">", 23, 53) + answered + end, "idle server 7.99s 1"},
		"no certificate pleases":     {hello + is("0.03", ">", 21, 2) + "0.031 a > fin\n0.04 a < fin\n", "before-request client 11ms 0"},
		"what is no TLS":             {"open 0 a\n" + is("0.01", ">", 23, 53) + is("0.02", "<", 23, 53) + end, "idle server 8.98s 1"},
		"a server that speaks first": {"open 0 a\n" + is("0.01", "<", 22, 53) + is("0.02", ">", 22, 53) + is("0.03", "<", 22, 53) + end, "idle server 8.97s 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, all := track(script(t, c.packets))
			k := all[len(all)-1]
			if got := fmt.Sprintf("%v %v %v %d", k.Kind, k.By, k.Silence, k.Requests); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// After how many requests a server ends a connection: with TLS, and where the client closes first
// because it was told to. Without a byte of what clients sent first it is not known.
func TestLimitOf(t *testing.T) {
	secure, told, bare := "", "", ""
	for _, name := range []string{"a", "b", "c"} {
		secure += "open 0 " + name + "\n0.01 " + name + " > data \"" + records(22, 300) + "\"\n0.02 " + name + " < data \"" + records(22, 90, 20, 1, 23, 900) + "\"\n0.03 " + name + " > data \"" + records(20, 1, 23, 53) + "\"\n"
		told += "open 0 " + name + "\n"
		bare += requests(name, 0, 3) + "0.033 " + name + " < fin\n0.034 " + name + " > fin\n"
		for i := range 3 {
			secure += fmt.Sprintf("%d %s > data \"%s\"\n%d.01 %s < data \"%s\"\n%d.02 %s > ack\n", i+1, name, records(23, 200), i+1, name, records(23, 400), i+1, name)
			says := ""
			if i == 2 {
				says = "Connection:close\\r\\n"
			}
			told += fmt.Sprintf("%d %s > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n%d.01 %s < data \"HTTP/1.1_200_S\\r\\n%s\\r\\n\"\n", i+1, name, i+1, name, says)
		}
		secure += "3.021 " + name + " < fin\n3.022 " + name + " > fin\n"
		told += "3.011 " + name + " > fin\n3.012 " + name + " < fin\n"
	}
	for name, c := range map[string]struct {
		packets   string
		cut       bool
		want      int
		announced int
	}{
		"TLS": {secure, false, 3, 0}, "the client closes": {told, false, 3, 3}, "what was sent is captured": {bare, false, 3, 0}, "and is not": {bare, true, 0, 0},
		"the client closes on its own": {strings.ReplaceAll(told, "Connection:close", "X:y"), false, 0, 0},
	} {
		all := script(t, c.packets)
		for i := range all {
			if c.cut {
				all[i].Payload = nil
			}
		}
		tr, _ := track(all)
		s := tr.Servers()[0]
		got := 0
		for _, x := range s.Conclusions() {
			if x.Topic == trace.TopicLimit {
				got = x.Count
			}
		}
		if got != c.want || s.Limit.Said != c.announced {
			t.Errorf("%s: after %d requests, %d announced, want %d and %d", name, got, s.Limit.Said, c.want, c.announced)
		}
	}
}

// A client that waits, or has only greeted: without a byte it is not known.
func TestWaitingOfUnknown(t *testing.T) {
	for n, want := range []trace.Kind{trace.Unsure, trace.Unsure, trace.Unsure, trace.Waiting} {
		text := "open 0 a\n"
		for i := range n {
			text += fmt.Sprintf("ask %d a\n", i+1)
		}
		all := script(t, text+"5 a > data 100\n9 a < fin\n9.001 a > fin\n")
		for i := range all {
			all[i].Payload = nil
		}
		if _, ended := track(all); ended[0].Kind != want {
			t.Errorf("after %d answers: %v, want %v", n, ended[0].Kind, want)
		}
	}
}

// Where no byte, or too few, of what a client sent first was captured, its silences may have been
// before any request: the conclusion is weak. One byte that is none of TLS, or more turns than a
// handshake has, tell.
func TestSilenceOfUnknown(t *testing.T) {
	plain := "open 0 a\n1 a > data \"GET_/_HTTP/1.1\\r\\n\\r\\n\"\n1.01 a < data 200\n1.02 a > ack\n"
	secure := "open 0 a\n1 a > data \"" + records(22, 300) + "\"\n1.01 a < data \"" + records(22, 90, 23, 900) + "\"\n1.02 a > data \"" + records(23, 53) + "\"\n1.03 a < data \"" + records(23, 230) + "\"\n2 a > data \"" + records(23, 150) + "\"\n2.01 a < data \"" + records(23, 250) + "\"\n2.02 a > ack\n"
	const end = "9 a < fin\n9.001 a > fin\n"
	for name, c := range map[string]struct {
		packets string
		kept    int // bytes of each payload
		weak    bool
	}{
		"whole": {plain, 1 << 10, false}, "a byte": {plain, 1, false}, "none": {plain, 0, true},
		"four turns":           {plain + "ask 2 a\nask 3 a\nask 4 a\n", 0, false},
		"three":                {plain + "ask 2 a\nask 3 a\n", 0, true},
		"TLS, whole":           {secure, 1 << 10, false},
		"TLS, its first bytes": {secure, 12, false},
		"TLS, too few":         {secure, 5, true},
		"TLS, none":            {secure, 0, true},
		"no more than a byte":  {"open 0 a\n1 a > data \"\\x16\"\n1.01 a < data 200\n1.02 a > ack\n", 10, false},
	} {
		all := script(t, c.packets+end)
		for i := range all {
			all[i].Payload = all[i].Payload[:min(len(all[i].Payload), c.kept)]
		}
		tr, _ := track(all)
		n := 0
		for _, x := range tr.Servers()[0].Conclusions() {
			if x.Topic == trace.TopicIdle {
				if n++; x.Weak != c.weak || c.weak != strings.Contains(x.Wrong, "nothing was asked") {
					t.Errorf("%s: %+v", name, x)
				}
			}
		}
		if n != 1 {
			t.Errorf("%s: %d conclusions", name, n)
		}
	}
}

package livetest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]livetest.Target{
		"127.0.0.1:8080":                 {Scheme: "http", Host: "127.0.0.1", Port: 8080, Method: "GET", Path: "/"},
		"example.test":                   {Scheme: "http", Host: "example.test", Port: 80, Method: "GET", Path: "/"},
		"example.test:443":               {Scheme: "https", Host: "example.test", Port: 443, Method: "GET", Path: "/"},
		"http://example.test:443/":       {Scheme: "http", Host: "example.test", Port: 443, Method: "GET", Path: "/"},
		"HTTPS://example.test/a%20b?c=d": {Scheme: "https", Host: "example.test", Port: 443, Method: "GET", Path: "/a%20b?c=d"},
		"[::1]:8080":                     {Scheme: "http", Host: "::1", Port: 8080, Method: "GET", Path: "/"},
		"unix:/run/a.sock":               {Scheme: "http", Host: "localhost", Port: 80, Method: "GET", Path: "/", Route: livetest.Route{Unix: "/run/a.sock"}},
		"unix:///run/a.sock":             {Scheme: "http", Host: "localhost", Port: 80, Method: "GET", Path: "/", Route: livetest.Route{Unix: "/run/a.sock"}},
		"http://unix:/run/a.sock:/b?c":   {Scheme: "http", Host: "localhost", Port: 80, Method: "GET", Path: "/b?c", Route: livetest.Route{Unix: "/run/a.sock"}},
		"unix:./a.sock":                  {Scheme: "http", Host: "localhost", Port: 80, Method: "GET", Path: "/", Route: livetest.Route{Unix: "./a.sock"}},
		"unix:8080":                      {Scheme: "http", Host: "unix", Port: 8080, Method: "GET", Path: "/"},
		"::1":                            {Scheme: "http", Host: "::1", Port: 80, Method: "GET", Path: "/"},
	} {
		got, err := livetest.ParseTarget(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		if again, err := livetest.ParseTarget(got.String()); err != nil || !cmp.Equal(again, got) {
			t.Errorf("%q is written as %q, which is %+v (%v)", text, got, again, err)
		}
	}
	for text, says := range map[string]string{
		"": "the target is empty", "ftp://x/": `the scheme "ftp" is not supported`, "http://": "is not a target",
		"x:99999": "the port 99999 is out of range", "x:0": `the port "0" is out of range`, "http://u:p@x/": "user name", "http://a b/": "is not a target",
		"\x1b[2J": "is not a target",
	} {
		_, err := livetest.ParseTarget(text)
		if err == nil || !strings.Contains(err.Error(), says) || strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("%q: err = %v, want %q", text, err, says)
		}
	}
}

func TestTargetNames(t *testing.T) {
	for _, c := range []struct {
		target                       livetest.Target
		address, authority, sni, url string
	}{
		{livetest.Target{Host: "x.test"}, "x.test:80", "x.test", "x.test", "http://x.test:80/"},
		{livetest.Target{Host: "::1", Port: 81}, "[::1]:81", "[::1]:81", "::1", "http://[::1]:81/"},
		{livetest.Target{Host: "fe80::1%eth0"}, "[fe80::1%eth0]:80", "[fe80::1]", "fe80::1", "http://[fe80::1%eth0]:80/"},
		{livetest.Target{Scheme: "https", Host: "192.0.2.1", SNI: "y.test", HostHeader: "z.test"}, "192.0.2.1:443", "z.test", "y.test", "https://192.0.2.1:443/"},
	} {
		n := c.target.Normalize()
		if got := []string{n.Address(), n.Authority(), n.ServerName(), n.String()}; !cmp.Equal(got, []string{c.address, c.authority, c.sni, c.url}) {
			t.Errorf("%+v: %q", c.target, got)
		}
	}
}

func TestSpecValidate(t *testing.T) {
	good := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if n := good.Sockets(); n != 12 {
		t.Errorf("the default test opens %d connections, want 12", n)
	}
	if s := good.WithConnections(40); s.Validate() != nil || s.Cap != 45 {
		t.Errorf("40 connections: %v with a cap of %d", s.Validate(), s.Cap)
	}
	for says, change := range map[string]func(*livetest.Spec){
		"the idle limit -1s is out of range":          func(s *livetest.Spec) { s.IdleLimit = -time.Second },
		"the idle limit 25h0m0s is out of range":      func(s *livetest.Spec) { s.IdleLimit = 25 * time.Hour },
		"-1 connections are out of range":             func(s *livetest.Spec) { s.Connections = -1 },
		"above the cap of 12":                         func(s *livetest.Spec) { s.Connections = 9 },
		"the stagger 2m0s is out of range":            func(s *livetest.Spec) { s.Stagger = 2 * time.Minute },
		"-5 requests to count are out of range":       func(s *livetest.Spec) { s.Requests = -5 },
		"the request rate is negative":                func(s *livetest.Spec) { s.RequestRate = -1 },
		`there is no measurement "speed"`:             func(s *livetest.Spec) { s.Measure = []livetest.Measurement{"speed"} },
		"the target has no usable host":               func(s *livetest.Spec) { s.Target.Host = "a b" },
		`"GET /" is not a request method`:             func(s *livetest.Spec) { s.Target.Method = "GET /" },
		"the method CONNECT is not supported":         func(s *livetest.Spec) { s.Target.Method = "CONNECT" },
		"is not a request path":                       func(s *livetest.Spec) { s.Target.Path = "/ HTTP/1.1\r\nX: y" },
		"the Host header holds a blank":               func(s *livetest.Spec) { s.Target.HostHeader = "a\r\nb" },
		"the TLS server name holds a blank":           func(s *livetest.Spec) { s.Target.SNI = "a b" },
		"the value of header X holds a line break":    func(s *livetest.Spec) { s.Target.Headers = []livetest.Header{{Name: "X", Value: "a\nb"}} },
		`"X Y" is not a header name`:                  func(s *livetest.Spec) { s.Target.Headers = []livetest.Header{{Name: "X Y"}} },
		"the header connection is set by the test":    func(s *livetest.Spec) { s.Target.Headers = []livetest.Header{{Name: "connection"}} },
		"the header Content-Length announces a body ": func(s *livetest.Spec) { s.Target.Headers = []livetest.Header{{Name: "Content-Length"}} },
	} {
		bad := good
		change(&bad)
		if err := bad.Normalize().Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("err = %v, want %q", err, says)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"plain text", 20, "plain text"},
		{"größer 漢字", 20, "größer 漢字"},
		{"\x1b[2Jx\x1b]52;c;eA==\x07", 40, "·[2Jx·]52;c;eA==·"},
		{"a\r\n\x00\tb", 20, "a·b"},
		{"bad \xff\xc3 utf", 20, "bad · utf"},
		{"\u202eevil\u2066\u200b", 20, "·evil·"},
		{"c1 \u009b31m", 20, "c1 ·31m"},
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd…"},
		{"abcdef", 1, "…"},
		{"abcdef", 0, ""},
		{"", 3, ""},
	} {
		if got := model.Clean(c.text, c.limit); got != c.want {
			t.Errorf("Clean(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[2J\xff", 5)
	f.Add("\u202e", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = min(max(limit, 0), 1000)
		got := model.Clean(text, limit)
		if n := utf8.RuneCountInString(got); n > limit {
			t.Errorf("%q has %d runes, limit %d", got, n, limit)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
		if again := model.Clean(got, limit); again != got {
			t.Errorf("cleaning %q again gives %q", got, again)
		}
	})
}

func TestEventJSON(t *testing.T) {
	five, hundred := 5*time.Second, 100
	spec := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
	e := livetest.Event{
		At: 75_000_123_457, Wall: time.Date(2026, 11, 21, 7, 0, 0, 5, time.UTC), Kind: livetest.EventClosed, Conn: 3, Role: livetest.RoleIdle,
		Spec: &spec, Text: "x", Connect: 1, Handshake: 2, RTT: 3, RTO: 4, Took: 5, KeepAlive: &livetest.Hint{Timeout: &five, Max: &hundred},
		After: 74_999_999_999, Close: livetest.CloseFIN, From: 7, Jump: -8, Exact: true,
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"at_s":75.000123457`, `"after_s":74.999999999`, `"idle_limit_s":90`, `"keep_alive":{"timeout_s":5,"max":100}`, `"jump_s":-0.000000008`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s lacks %s", b, want)
		}
	}
	if n := strings.Count(string(b), `"at_s"`); n != 1 {
		t.Errorf("at_s appears %d times", n)
	}
	var got livetest.Event
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSecondsAreExact(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", time.Second: "1", 90 * time.Second: "90", 4_981_039_950: "4.98103995", 1: "0.000000001", -1500 * time.Millisecond: "-1.5",
		100 * 24 * time.Hour: "8640000", 8_639_999_999_999_999: "8639999.999999999",
	} {
		b, err := json.Marshal(livetest.Event{At: d})
		if err != nil || !strings.HasPrefix(string(b), `{"at_s":`+want+",") {
			t.Errorf("%d: %s, %v, want at_s %s", d, b, err, want)
		}
		var e livetest.Event
		if err := json.Unmarshal(b, &e); err != nil || e.At != d {
			t.Errorf("%s: back as %d, %v", b, e.At, err)
		}
	}
}

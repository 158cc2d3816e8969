package model_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// small is a server with one parameter.
func small(id, idle string) string {
	return fmt.Sprintf(`id = %q
name = "Small"
kind = "server"
assume = "1"
os = "linux"

[server]
close = "fin"

[[server.param]]
name = "idle"
role = "idle"
unit = "s"
zero = "off"
default = [{ since = "0", value = %q, source = "a test", seen = "2026-11-20" }]
`, id, idle)
}

// A mistake in a file is told with its line and what would be right.
func TestDecodeNamesTheLine(t *testing.T) {
	const param = "\n[[server.param]]\n"
	for _, tt := range []struct {
		name, replace, by string
		line              int
		says              string
	}{
		{"not TOML", `zero = "off"`, `zero = off`, 14, ""},
		{"unknown key", `zero = "off"`, "zero = \"off\"\ncolour = \"red\"", 15, `unknown key "server.param.colour"`},
		{"unknown key on top", `os = "linux"`, "os = \"linux\"\ncolour = \"red\"", 6, `unknown key "colour"`},
		{"unknown unit", `unit = "s"`, `unit = "fortnight"`, 13, "it must be one of"},
		{"unit of another kind", `unit = "s"`, `unit = "count"`, 13, "does not go with the unit count"},
		{"unknown role", `role = "idle"`, `role = "idol"`, 12, `unknown role "idol"`},
		{"unknown zero", `zero = "off"`, `zero = "nil"`, 14, "it must be one of"},
		{"no source", `, source = "a test", seen = "2026-11-20"`, ``, 15, "needs a source"},
		{"no date", `, seen = "2026-11-20"`, ``, 15, "the date it was seen"},
		{"not a value", `value = "5s"`, `value = "soon"`, 15, `not "soon"`},
		{"no version", `assume = "1"`, `assume = "one"`, 4, `version "one" does not sort`},
		{"unknown kind", `kind = "server"`, `kind = "toaster"`, 3, "it must be one of server"},
		{"a hint at no time", `close = "fin"`, "close = \"fin\"\nsends = [{ since = \"0\", when = \"sometimes\" }]", 9, "it must be never, asked, always or unknown"},
		{"a parameter without a name", `name = "idle"`, ``, 10, "needs a name"},
		{"a fallback to nothing", `zero = "off"`, "zero = \"unset\"\nfallback = \"nowhere\"", 15, "x.nowhere, which is not a parameter"},
		{"follows nothing", `zero = "off"`, "zero = \"off\"\nfollows = [{ since = \"0\", of = \"nowhere\" }]", 15, "x.nowhere, which is not a parameter"},
		{"an option that follows nothing", "[[server.param]]", "[server.socket]\nfollows = [{ since = \"0\", option = \"every\", of = \"gap\" }]\n\n[[server.param]]", 11, "they must be keepalive, idle, every, count or user_timeout"},
		{"an idle limit that ends at once", `zero = "off"`, "zero = \"off\"\nat_once = true", 15, "only the role age has"},
		{"fallbacks in a circle", `zero = "off"`, "zero = \"unset\"\nfallback = \"idle\"", 15, "run in a circle"},
		{"a spread the wrong way round", `zero = "off"`, "zero = \"off\"\nreal = [{ since = \"0\", low = \"2s\", high = \"1s\", source = \"a test\" }]", 15, "ends before it begins"},
		{"a proof of nothing", "[server]", "[[proved]]\nface = \"server\"\nversion = \"1\"\npackage = \"Debian 12\"\nwhat = [\"colour\"]\nseen = \"2026-11-20\"\n\n[server]", 11, "what must list some of idle"},
		{"a proof of a face that is not there", "[server]", "[[proved]]\nface = \"client\"\nversion = \"1\"\n\n[server]", 8, "it must be a face of this system"},
		{"an id with a colour", `id = "x"`, `id = "x\u001b[31m"`, 1, "it must be lower-case letters"},
		{"a box on a server", "[server]", "[box]\non_expiry = \"silent\"\n\n[server]", 7, "only a system of kind middlebox"},
		{"a timer of one connection", `zero = "off"`, "zero = \"off\"\ntoward = \"client\"", 15, "it is client or server, and for a socket option"},
		{"a watch that ends too soon", `close = "fin"`, "close = \"fin\"\nwatches = [{ since = \"0\", times = 0.5, source = \"a test\" }]", 9, "times from 1 on"},
		{"an idle timer that needs nothing that is", `zero = "off"`, "zero = \"off\"\nneeds = \"nowhere\"", 15, "x.nowhere, which is not a switch"},
		{"a middlebox without a box", `kind = "server"`, `kind = "middlebox"`, 3, "needs a [box] table"},
		{"a second parameter is wrong", param, param + "name = \"first\"\nrole = \"age\"\nunit = \"s\"\nzero = \"off\"\n" + param + "colour = 1\n", 17, "unknown key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := small("x", "5s")
			if !strings.Contains(text, tt.replace) {
				t.Fatalf("%q is not in the file", tt.replace)
			}
			_, err := model.DecodeSystem("x.toml", []byte(strings.Replace(text, tt.replace, tt.by, 1)))
			if err == nil {
				t.Fatal("no error")
			}
			prefix := fmt.Sprintf("x.toml:%d: ", tt.line)
			if !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want %q… with %q", err, prefix, tt.says)
			}
		})
	}
	if _, err := model.DecodeSystem("x.toml", []byte(small("x", "5s"))); err != nil {
		t.Errorf("the file itself: %v", err)
	}
}

func TestDecodeNeverPanics(*testing.T) {
	text := small("x", "5s")
	for i := range text {
		for _, cut := range []string{text[:i], text[i:], text[:i] + "\x00" + text[i:]} {
			_, _ = model.DecodeSystem("x.toml", []byte(cut))
		}
	}
}

// What the makers call a setting is accepted, with the system in front or not.
func TestNamesOfSettings(t *testing.T) {
	c := model.Embedded()
	p, err := model.ParsePath("go-client > aws-nlb > haproxy > node", c)
	if err != nil {
		t.Fatal(err)
	}
	for set, want := range map[string]model.ParamID{
		"aws-nlb.tcp.idle_timeout.seconds=60": "aws-nlb.tcp.idle_timeout.seconds",
		"aws-nlb.idle_timeout=60":             "aws-nlb.tcp.idle_timeout.seconds",
		"aws-nlb:idle_timeout=1m":             "aws-nlb.tcp.idle_timeout.seconds",
		"timeout http-keep-alive=5s":          "haproxy.timeout http-keep-alive",
		"haproxy.timeout_http_keep_alive=5s":  "haproxy.timeout http-keep-alive",
		"haproxy:clitcpka-idle=30":            "haproxy.tcp_keepidle",
		"haproxy.upstream.srvtcpka=on":        "haproxy.upstream.tcp_keepalive",
		"server:keepAliveTimeoutBuffer=500":   "node.keepAliveTimeoutBuffer",
		"client:idleconntimeout=30s":          "go-client.IdleConnTimeout",
	} {
		edits, err := model.ParseAssignment(set, model.Document{Path: p}, c)
		if err != nil {
			t.Errorf("%s: %v", set, err)
			continue
		}
		if got, ok := edits[0].(model.Set); !ok || got.Param != want {
			t.Errorf("%s sets %+v, want %s", set, edits[0], want)
		}
	}
}

func FuzzDecodeSystem(f *testing.F) {
	f.Add(small("x", "5s"))
	f.Add("id = \"b\"\nname = \"B\"\nkind = \"middlebox\"\nassume = \"1\"\n[box]\non_expiry = \"silent\"\nrefreshed_by_probes = \"no\"\nsource = \"s\"\n[client.socket]\nidle = [{value = \"1s\"}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := model.DecodeSystem("x.toml", []byte(text))
		switch {
		case err != nil && (strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "x.toml:")):
			t.Errorf("the error is %q", err)
		case err == nil:
			for _, p := range s.Params {
				_ = s.DefaultAt(p, s.Assume)
				_ = p.Accepts()
			}
		}
	})
}

func TestPathsAreChecked(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct{ in, want string }{
		{"chrome > nginx@1.30/linux", "chrome > nginx@1.30/linux"},
		{"CURL/Windows@XP>httpd", "curl/windows@xp > apache"},
		{"curl/windows@98 > iis@1.0", "curl/windows-9x@98 > iis@1.0"},
		{"ie@11/windows@10 > iis@10.0", "ie@11/windows@10 > iis@10.0"},
		{"node > node", "node > node"},
		{"chrome -> nginx", "chrome > nginx"},
		{"chrome --> nginx \u2192 node 22", "chrome > nginx > node@22"},
		{"ie11/win7 ==> nginx v1.30", "ie@11/windows@7 > nginx@1.30"},
		{"Internet Explorer 11/Windows Server 2012 R2 > IIS 10", "ie@11/windows@2012r2 > iis@10"},
		{"curl/win98 > node24", "curl/windows-9x@98 > node@24"},
		{"putty/windows nt 4.0 > sshd", "putty/windows@nt4.0 > sshd"},
		{"chrome > node 22.x", "chrome > node@22"},
		{"ie@2/nt4 > iis@1.0/NT4", "ie@2/windows@nt4 > iis@1.0/windows@nt4"},
		{"chrome > apache2", "chrome > apache"},
	} {
		p, err := model.ParsePath(tt.in, c)
		if err != nil || p.String() != tt.want {
			t.Errorf("%q: got %q, %v; want %q", tt.in, p, err, tt.want)
		}
	}
	for in, says := range map[string]string{
		"nginz > node":         "did you mean nginx",
		"curl > haprxy":        "did you mean haproxy?",
		"chrome > iis@11":      "iis has no version \"11\"; known are 1.0, 4.0",
		"chrome > nginx@new":   "nginx has no version \"new\"; known are 1.15.3",
		"curl/windows@7.1 > x": "windows has no version",
		"curl/nginx > node":    "nginx is not an operating system",
		"curl > ":              "on either side of each arrow",
		"curl@ > node":         "is not SYSTEM[@VERSION]",
		"../etc/passwd > node": "there is no system",
		"chrome > iis 11":      "there is no system \"iis 11\"; did you mean iis?",
		"chrome > node 2x":     "there is no system",
		"mongodb > node":       "there is no system \"mongodb\" (keeptune systems",
	} {
		if _, err := model.ParsePath(in, c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", in, err, says)
		}
	}
}

// A name that is nothing but a few letters away is no reason to suggest it.
func TestOnlyWhatCanBeMeantIsSuggested(t *testing.T) {
	c := model.Embedded()
	for in, want := range map[string]string{
		"ngnix": "nginx", "apahce": "apache", "haprxy": "haproxy", "postgre": "postgresql",
		"mysqx": "mariadb", "kafka": "", "mongodb": "", "smtp": "", "foo": "", "psqx": "libpq", "msqyl": "",
	} {
		_, err := c.System(model.SystemID(in))
		unknown, ok := errors.AsType[*model.UnknownSystemError](err)
		switch {
		case !ok:
			t.Errorf("%q is a system", in)
		case want == "" && len(unknown.Nearest) > 0:
			t.Errorf("%q suggests %v", in, unknown.Nearest)
		case want != "" && !slices.Contains(unknown.Nearest, model.SystemID(want)):
			t.Errorf("%q suggests %v, not %s", in, unknown.Nearest, want)
		}
	}
	p, err := model.ParsePath("mysql > mysql", c)
	if err == nil {
		err = model.Document{Path: p}.Check(c)
	}
	if err == nil || !strings.Contains(err.Error(), "a client of its protocol is mariadb-connector-nodejs or mysql-client") {
		t.Errorf("mysql as a client: %v", err)
	}
}

// A version that no file knows lies between two that one does.
func TestAVersionThatIsNotKnownSaysWhereItLies(t *testing.T) {
	s, err := model.Embedded().System("nginx")
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[model.Version]string{
		"1.28.0": "", "1.28": "", "": "",
		"1.29.3": "nginx 1.29.3 is not known; it lies between 1.28.0 and 1.29.7, and what it does is assumed",
		"99":     "nginx 99 is newer than the newest that is known, " + string(s.Known[len(s.Known)-1]) + "; what it does is assumed",
		"0.1":    "nginx 0.1 is older than the oldest that is known, " + string(s.Known[0]) + "; what it does is assumed",
	} {
		if got := s.NotKnown(v); got != want {
			t.Errorf("%s: %q, want %q", v, got, want)
		}
	}
	p := s.Param("nginx.keepalive_requests")
	if s.AssumedAt(p, "1.28.0") || s.AssumedAt(p, "1.29.3") || !s.AssumedAt(p, "1.19.9") || !s.AssumedAt(p, "99") {
		t.Error("keepalive_requests is assumed where its default is known, or known where it is assumed")
	}
}

// A step that is wider than the spread of the timer it belongs to cannot be right.
func TestStepFitsItsSpread(t *testing.T) {
	const system = `id = "x"
name = "X"
kind = "server"
assume = "1"

[server]
source = "s"

[[server.param]]
name = "keepalive"
role = "idle"
unit = "s"
zero = "never"
default = [{ since = "0", value = "5s", source = "s", seen = "2026-11-20" }]
real = [{ since = "0", low = "-1s", high = "1s", step = "%s", source = "s" }]
`
	for step, fault := range map[string]string{"2s": "", "2100ms": "x.toml:15: the spread of x.keepalive is 2 s wide, narrower than its step of 2.1 s", "soon": "x.toml:15: "} {
		s, err := model.DecodeSystem("x.toml", fmt.Appendf(nil, system, step))
		switch {
		case fault != "" && (err == nil || !strings.HasPrefix(err.Error(), fault)):
			t.Errorf("%s: err = %v, want %s", step, err, fault)
		case fault == "" && err != nil:
			t.Errorf("%s: %v", step, err)
		case fault == "" && s.Params[0].Real[0].Fact.Step != 2*time.Second:
			t.Errorf("%s: %+v", step, s.Params[0].Real)
		}
	}
}

// A socket option is named as its product does; the general name is an alias.
func TestSocketOptionsHaveTheirProductsNames(t *testing.T) {
	c := model.Embedded()
	for id, want := range map[model.ParamID]string{
		"libpq.tcp_keepidle": "keepalives_idle", "haproxy.upstream.tcp_keepalive": "srvtcpka", "putty.tcp_keepalive": "TCPKeepalives",
		"putty.tcp_keepidle": "tcp_keepidle", // it has none of its own
	} {
		s, err := c.System(id.System())
		if err != nil {
			t.Fatal(err)
		}
		if p := s.Param(id); p == nil || p.Name != want || !p.Means(id.Name()) || !p.Means(want) {
			t.Errorf("%s: %+v, want the name %s", id, p, want)
		}
	}
}

// A socket option of a middlebox belongs to one of its two connections.
func TestSocketOptionsOfABox(t *testing.T) {
	const box = "id = \"b\"\nname = \"B\"\nkind = \"middlebox\"\nassume = \"1\"\n[box]\non_expiry = \"fin\"\nrefreshed_by_probes = \"no\"\nends_tcp = %s\nsource = \"s\"\n" +
		"[[host.param]]\nname = \"ttl\"\nrole = \"middlebox-idle\"\nunit = \"s\"\nzero = \"off\"\ndefault = [{ since = \"0\", value = \"5s\", source = \"a test\", seen = \"2026-11-20\" }]\n" +
		"[[host.param]]\nname = \"ka\"\nrole = \"so-keepalive\"\nunit = \"switch\"\nzero = \"off\"\n%sdefault = [{ since = \"0\", value = \"off\", source = \"a test\", seen = \"2026-11-20\" }]\n"
	for _, tt := range []struct{ ends, toward, says string }{
		{"true", "toward = \"client\"\n", ""},
		{"true", "toward = \"server\"\n", ""},
		{"true", "", "it takes ends_tcp in [box], and toward"},
		{"false", "toward = \"client\"\n", "it takes ends_tcp in [box], and toward"},
		{"true", "toward = \"host\"\n", "it is client or server"},
	} {
		_, err := model.DecodeSystem("b.toml", fmt.Appendf(nil, box, tt.ends, tt.toward))
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ends_tcp %s, %q: %v", tt.ends, tt.toward, err)
		}
	}
}

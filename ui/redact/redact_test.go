package redact

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
)

func TestStandIns(t *testing.T) {
	r := New(WordsOf("nginx node nginx.keepalive_timeout proxy_read_timeout limit by own haproxy.cfg node.js /proc/sys/net says /etc/hosts"))
	r.Given("upstream billing { server 10.1.2.3:8080; } server_name api.acme.com; location /v1/users proxy_read_timeout app_pool", "https://shop.acme.com/a?q=1", "/run/acme/app.sock")
	r.Path("/srv/acme/edge.conf")
	r.Name("web edge")
	r.Name("nginx") // the name of a system is none of anybody's
	for _, c := range []struct{ text, want string }{
		{"nginx.keepalive_timeout 65s by node.js", "nginx.keepalive_timeout 65s by node.js"},
		{"the upstream billing has 10.1.2.3:8080", "the upstream name-2 has addr-1:8080"},
		{"billing again, and BILLING", "name-2 again, and name-2"},
		{"server api.acme.com location /v1/users", "server host-1 location path-2"},
		{"http://shop.acme.com:8443/a", "http://host-2:8443/a"},
		{"/srv/acme/edge.conf:12, edge.conf:12", "path-1:12, path-1:12"},
		{"web edge * unsaved", "name-1 * unsaved"},
		{"webedge", "webedge"},
		{"10.0.0.0/8 and 10.1.2.3", "addr-2 and addr-1"},
		{"127.0.0.1:80 ::1 0.0.0.0", "127.0.0.1:80 ::1 0.0.0.0"},
		{"http://[2001:db8::1]:80/ unix:/run/acme/app.sock", "http://[addr-3]:80/ unix:path-3"},
		{"[2001:db8::1]:443 at 12:30:05", "[addr-3]:443 at 12:30:05"},
		{"app\\_pool and app_pool", "name-3 and name-3"},
		{"1m5s 7.875 2.4.66 1.5ms 0x1 1/325", "1m5s 7.875 2.4.66 1.5ms 0x1 1/325"},
		{"/proc/sys/net says /etc/hosts", "/proc/sys/net says /etc/hosts"},
		{"host-1 and name-1", "host-1 and name-1"},
		{"shop.acme.c~ and acme.com", "path-4~ and host-3"},
		{`a\b x\\y`, `a\b x\\y`},
		{"", ""},
	} {
		if got := r.Text(c.text); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
	var none *Redactor
	if got := none.Text("billing 10.1.2.3"); got != "billing 10.1.2.3" {
		t.Errorf("no redactor gives %q", got)
	}
}

// A word that nobody gave stays, and one that was given later does not.
func TestGivenLater(t *testing.T) {
	r := New()
	if got := r.Text("quartz"); got != "quartz" {
		t.Errorf("quartz is %q before it was given", got)
	}
	r.Given("quartz")
	if got := r.Text("quartz"); got != "name-1" {
		t.Errorf("quartz is %q after it was given", got)
	}
	if got := r.Text("qu quar"); got != "qu name-2" {
		t.Errorf("what a narrow screen leaves of quartz is %q", got)
	}
}

func TestLinesKeepTheirWidth(t *testing.T) {
	r := New(WordsOf("limit"))
	r.Given("orchard x9 verylongname.acme.example ab1")
	lawcheck.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.SampledFrom([]string{"orchard", "verylongname.acme.example", "ab1", "limit", "\x1b[31m", "\x1b[0m", "  ", " ", "   ", "│", "10.9.8.7"})).Draw(t, "words")
		line := strings.Join(words, "|")
		w := ansi.StringWidth(line)
		got := r.Frame(line, w)
		if ansi.StringWidth(got) != w {
			t.Fatalf("%q is %d wide, %q %d", line, w, got, ansi.StringWidth(got))
		}
		for _, name := range []string{"verylong", "10.9.8.7"} {
			if strings.Contains(got, name) {
				t.Fatalf("%s survives in %q", name, got)
			}
		}
	})
	if got := r.Frame("a  orchard    5 s", 17); got != "a  name-2     5 s" && got != "a  name-1     5 s" {
		t.Errorf("%q", got)
	}
	if got := r.Line("\x1b[1mab1\x1b[0m      5 s"); !strings.HasSuffix(got, "5 s") || ansi.StringWidth(got) != ansi.StringWidth("ab1      5 s") {
		t.Errorf("%q", got)
	}
}

func TestDocument(t *testing.T) {
	p, err := model.ParsePath("chrome > nginx", model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Name: "orchard", Target: "https://pear.orchard.example/", Notes: "orchard 10.1.1.1", Path: p, Places: []model.Place{{Endpoint: "nginx", Addr: netip.MustParseAddrPort("10.1.1.2:443")}}}
	d, err = d.Assign(model.Embedded(), "nginx.keepalive_timeout=30s")
	if err != nil {
		t.Fatal(err)
	}
	e := &d.Path.Endpoints[1]
	for id, s := range e.Settings {
		s.Origin.Where = "/srv/orchard/nginx.conf"
		e.Settings[id] = s
	}
	r := New(WordsOf("chrome nginx keepalive_timeout nginx.keepalive_timeout typed"))
	r.Given("orchard pear.orchard.example /srv/orchard/nginx.conf")
	out := model.EncodeDocument(r.Document(d))
	for _, name := range []string{"orchard", "pear", "10.1.1."} {
		if strings.Contains(string(out), name) {
			t.Errorf("%s survives:\n%s", name, out)
		}
	}
	if _, err := model.DecodeDocument("s.toml", out, model.Embedded()); err != nil {
		t.Error(err)
	}
	if d.Name != "orchard" || len(d.Places) != 1 || e.Settings["nginx.keepalive_timeout"].Origin.Where != "/srv/orchard/nginx.conf" {
		t.Error("the document itself was changed")
	}
}

func TestWriter(t *testing.T) {
	r := New()
	r.Given("orchard")
	var b strings.Builder
	w := r.Writer(&b)
	for _, c := range "an orch" + "ard\nof orchard" {
		if _, err := w.Write([]byte(string(c))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil || b.String() != "an name-1\nof name-1" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

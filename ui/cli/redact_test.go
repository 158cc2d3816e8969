package cli_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/ui/cli"
)

// both runs a command and returns what it prints on either output.
func both(t rapid.TB, dir, in string, args ...string) (int, string) {
	t.Helper()
	open := func(name string, flag int) *os.File {
		f, err := os.OpenFile(name, flag, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	out := open(filepath.Join(dir, "out"), os.O_CREATE|os.O_TRUNC|os.O_RDWR)
	defer out.Close()
	input := open(in, os.O_RDONLY)
	defer input.Close()
	code := cli.Main(args, input, out, out)
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	return code, string(data)
}

// Whatever name, address or path is planted in what keeptune is given, with --redact no
// output of any command has it.
func TestNothingPlantedSurvives(t *testing.T) {
	base := t.TempDir()
	n, every := 0, 3 // of the commands of a case, one in so many is run
	if lawcheck.Long() {
		every = 6
	}
	lawcheck.Check(t, func(t *rapid.T) {
		var planted []string
		name := func(label string) string {
			s := "zq" + rapid.StringMatching(`[a-z]{5}`).Draw(t, label)
			planted = append(planted, s)
			return s
		}
		address := func(label string) string {
			s := fmt.Sprintf("10.%d.%d.%d", rapid.IntRange(10, 250).Draw(t, label), rapid.IntRange(10, 250).Draw(t, label), rapid.IntRange(10, 250).Draw(t, label))
			planted = append(planted, s)
			return s
		}
		n++
		dir := filepath.Join(base, fmt.Sprintf("%d", n), name("folder"))
		scratch := filepath.Join(base, fmt.Sprintf("scratch%d", n))
		if err := os.Mkdir(scratch, 0o700); err != nil {
			t.Fatal(err)
		}
		write := func(file, text string) string {
			path := filepath.Join(dir, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		conf := write(name("file")+".conf", fmt.Sprintf(`http {
  upstream %s { server %s:8080; keepalive 16; keepalive_timeout 50s; }
  upstream %s { server %s.example:8080; }
  include %s/*.conf;
  server { listen 80; server_name www.%s.org; keepalive_timeout 65s; access_log /var/log/%s.log;
    location /%s/ { proxy_pass http://%s; proxy_http_version 1.1; proxy_set_header X-Who %s; } # %s
    location /%s { proxy_pass http://%s; keepalive_timeout $%s; }
    if ($host = %s) { keepalive_timeout 7s; }
  }
}
`, name("pool"), address("a"), name("second"), name("host"), name("include"), name("site"), name("log"), name("at"), planted[2], name("header"), name("comment"), name("other"), planted[4], name("variable"), name("if")))
		proxy := write(name("haproxy")+".cfg", fmt.Sprintf("defaults\n  mode http\n  timeout client 50s\n  timeout http-keep-alive 10s\nfrontend %s\n  bind %s:80\n  default_backend %s\nbackend %s\n  timeout server 20s\n  server %s %s:80 maxconn 20 cookie %s\n",
			name("front"), address("bind"), name("back"), planted[len(planted)-1], name("server"), address("b"), name("cookie")))
		session := write(name("session")+".toml", fmt.Sprintf(`schema = "keeptune.session/1"
name = "%s of %s"
target = "https://%s.%s.test:8443/%s"
notes = "ask %s"
[[endpoint]]
system = "chrome"
[[endpoint]]
system = "nginx@1.28"
[[endpoint.setting]]
param = "nginx.keepalive_timeout"
value = "30s"
origin = "file"
where = "/srv/%s/nginx.conf"
line = 7
`, name("title"), name("title"), name("target"), name("domain"), name("uri"), name("notes"), name("where")))
		log := write(name("log")+".log", fmt.Sprintf(`2026/11/29 01:02:03 [error] 31#31: *7 upstream timed out (110: Connection timed out) while reading response header from upstream, client: %s, server: %s.example, request: "GET /%s HTTP/1.1", upstream: "http://%s:8080/", host: "%s.example"
Nov 29 03:00:00 %s haproxy[31]: %s:5 [29/Nov/2026:03:00:00.000] %s %s/%s 0/0/0/-1/60000 504 194 - - sH-- 1/1/1/1/0 0/0 "GET /%s HTTP/1.1"
`, address("client"), name("vhost"), name("get"), address("upstream"), name("hosthdr"), name("machine"), address("from"), name("fe"), name("be"), name("srv"), name("query")))
		rec := write(name("recording")+".jsonl", fmt.Sprintf(`{"at_s":0,"wall":"2026-11-29T01:00:00Z","kind":"started","spec":{"target":{"scheme":"http","host":"%s.example","port":81,"method":"GET","path":"/%s"},"connections":4,"cap":12,"requests":10,"measure":["idle"],"idle_limit_s":8,"stagger_s":1}}
{"at_s":0.1,"wall":"2026-11-29T01:00:00Z","kind":"resolved","text":"%s:81"}
{"at_s":0.2,"wall":"2026-11-29T01:00:00Z","kind":"connected","conn":1,"role":"idle","connect_s":0.001}
{"at_s":0.3,"wall":"2026-11-29T01:00:00Z","kind":"response","conn":1,"role":"idle","status":200,"version":"HTTP/1.1","server":"%s/1.0"}
{"at_s":2.3,"wall":"2026-11-29T01:00:02Z","kind":"closed","conn":1,"role":"idle","after_s":2,"close":"fin","exact":true}
{"at_s":2.4,"wall":"2026-11-29T01:00:02Z","kind":"finished","outcome":"measured","text":"lookup %s.example"}
`, name("probed"), name("page"), address("resolved"), name("banner"), name("ending")))
		if !strings.Contains(filepath.Base(rec), ".jsonl") {
			t.Fatal(rec)
		}
		var all [][]string
		for _, f := range []string{"text", "json", "markdown", "sarif", "junit"} {
			all = append(all, []string{"check", conf, "--format", f}, []string{"check", proxy, "--format", f},
				[]string{"check", session, "--format", f, "--suppress", "ORD-1=" + name("reason") + " said so", "--against", session})
		}
		for _, f := range []string{"text", "json", "markdown", "csv", "svg", "jsonl"} {
			all = append(all, []string{"probe", "--replay", rec, "--format", f, "--server", "nginx", "--fail-on", "never"})
		}
		exported := filepath.Join(dir, name("out"))
		all = append(all,
			[]string{"import", conf}, []string{"import", conf, "--format", "json"}, []string{"import", proxy}, []string{"import", session}, []string{"import", session, "--format", "json"},
			[]string{"check", conf, "--where", "server " + name("wrong")}, []string{"check", filepath.Join(dir, name("missing"))}, []string{"check", "--path", "chrome > " + name("system")},
			[]string{"explain"}, []string{"explain", "--format", "json"}, []string{"explain", "60 s at " + name("asked") + ".example"},
			[]string{session}, []string{"--debug", filepath.Join(scratch, "debug"), "check", session},
			[]string{"export", session, "--to", "all"}, []string{"export", session, "--to", "nginx,session,markdown", "--out", exported}, []string{"export", session, "--undo"},
			[]string{"probe", "http://" + name("asked") + ".invalid/"}, []string{"config"},
		)
		for i, args := range all {
			if (i+n)%every != 0 {
				continue
			}
			in := log
			if args[0] != "explain" {
				in = os.DevNull
			}
			_, text := both(t, scratch, in, append([]string{"--config", "none", "--redact"}, args...)...)
			survives(t, planted, fmt.Sprint(args), text)
		}
		if debug, err := os.ReadFile(filepath.Join(scratch, "debug")); err == nil {
			survives(t, planted, "the log", string(debug))
		}
		files, err := filepath.Glob(filepath.Join(exported, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			survives(t, planted, f, string(data))
			// And none is in what a file holds to be opened again.
			link := filepath.Join(scratch, filepath.Base(f))
			if err := os.WriteFile(link, data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, text := both(t, scratch, os.DevNull, "--config", "none", "import", link)
			survives(t, planted, f+" opened again", text)
		}
	})
}

func survives(t rapid.TB, planted []string, what, text string) {
	t.Helper()
	for _, p := range planted {
		if i := strings.Index(strings.ToLower(text), p); i >= 0 {
			t.Fatalf("%s is in what %s prints:\n%s", p, what, text[max(0, i-300):min(len(text), i+100)])
		}
	}
}

// Where nothing was given that is anybody's, an output with stand-ins is the one without.
func TestRedactingChangesNothingOfOurs(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"check", "--path", "chrome > aws-alb > nginx > node"},
		{"check", "--path", "putty > firewall > sshd", "--format", "json"},
		{"check", "--path", "ie > apache", "--format", "sarif"},
		{"check", "--path", "ie > apache", "--format", "junit"},
		{"check", "--path", "ie > apache", "--format", "markdown"},
		{"explain", "7875 s"},
		{"systems"},
		{"systems", "nginx"},
		{"calc"},
		{"export", "--path", "ie > apache", "--set", "server:KeepAliveTimeout=70s", "--to", "all"},
		{"help"},
	} {
		_, plain := both(t, dir, os.DevNull, append([]string{"--config", "none"}, args...)...)
		_, redacted := both(t, dir, os.DevNull, append([]string{"--config", "none", "--redact"}, args...)...)
		for i, l := range strings.Split(plain, "\n") {
			if other := strings.Split(redacted, "\n"); i >= len(other) || other[i] != l {
				t.Errorf("%v: %q is %q", args, l, other[min(i, len(other)-1)])
				break
			}
		}
	}
}

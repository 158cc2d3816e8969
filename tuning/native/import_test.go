package native_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning/native"
)

// An exportCase is a document that a format writes.
type exportCase struct {
	to, path string
	sets     []string
}

// exportCases has a document for each format.
var exportCases = []exportCase{
	{"nginx", "chrome > nginx@1.22.1", []string{"server:keepalive_timeout=190s"}},
	{"apache", "ie@11 > apache@2.4.71", []string{"server:KeepAliveTimeout=190s"}},
	{"htaccess", "ie@11 > apache@2.4.71", nil},
	{"haproxy", "chrome > haproxy@2.6.12", []string{"server:timeout http-keep-alive=310s"}},
	{"haproxy", "libpq > haproxy-tcp@2.6.12 > postgresql", []string{"haproxy-tcp:timeout tunnel=1h"}},
	{"applicationhost", "ie@11 > iis@10", []string{"server:connectionTimeout=190s"}},
	{"node", "chrome > node@20.20.2", []string{"server:keepAliveTimeout=65s"}},
	{"go-server", "chrome > go-server", []string{"server:IdleTimeout=75s"}},
	{"go-client", "go-client > nginx", []string{"client:IdleConnTimeout=60s"}},
	{"curl", "curl > nginx", []string{"client:max-time=30s"}},
	{"sysctl", "chrome > nginx/linux", []string{"server:tcp_keepalive_time=10m"}},
	{"reg", "ie@11 > nginx", []string{"client:KeepAliveTimeout=180s"}},
	{"reg4", "ie@4/windows@nt4 > nginx", []string{"client:ie.KeepAliveTimeout=180s"}},
	{"reg4", "curl/windows@98 > nginx", []string{"client:KeepAliveTime=10m"}},
	{"markdown", "ie@11 > apache", []string{"server:KeepAliveTimeout=190s"}},
	{"session", "ie@11 > apache", []string{"server:KeepAliveTimeout=190s"}},
}

// TestImportAny opens the session of every export, told from its content alone.
func TestImportAny(t *testing.T) {
	c := model.Embedded()
	all := slices.Concat(exportCases, hostExportCases, serverExportCases, libraryExportCases)
	for _, tt := range all {
		d := document(t, c, tt.path, tt.sets...)
		files, err := format(t, tt.to).Render(request(t, c, d))
		if err != nil {
			t.Fatal(err)
		}
		if got := native.Detect(files[0].Content); got != tt.to {
			t.Errorf("%s is detected as %q", tt.to, got)
		}
		if got := native.Detect(files[0].Undo); files[0].UndoName != "" && got != tt.to {
			t.Errorf("the undo of %s is detected as %q", tt.to, got)
		}
		im, err := native.ImportAny("some.file", files[0].Content, c)
		if err != nil || im.Document == nil || !im.Document.Equal(d) || len(im.Warnings) > 0 {
			t.Errorf("%s: %v, %v, document %+v", tt.to, err, im.Warnings, im.Document)
		}
	}
	for _, f := range native.Formats() {
		if !slices.ContainsFunc(all, func(e exportCase) bool { return e.to == f.ID() }) {
			t.Errorf("%s has no case", f.ID())
		}
	}
}

// A foreignCase is a file that keeptune did not write.
type foreignCase struct {
	format, text string
	want         map[model.ParamID]string
	warnings     []string
}

// TestImportForeign reads files that keeptune did not write.
func TestImportForeign(t *testing.T) {
	for _, tt := range []foreignCase{
		{
			"nginx", "# main\nevents { worker_connections 768; }\nhttp {\n  log_format x '$a; # {';\n  keepalive_timeout 65;\n  server { listen 80 so_keepalive=30m::10; keepalive_requests 50; location / { proxy_pass http://u; }\n  }\n" +
				"  upstream u { server a; keepalive 32; keepalive_timeout 1m; }\n  proxy_read_timeout 1h30m; send_timeout 1M;\n}\n",
			map[model.ParamID]string{
				"nginx.keepalive_timeout": "1m5s", "nginx.tcp_keepalive": "on", "nginx.tcp_keepidle": "30m", "nginx.tcp_keepcnt": "10", "nginx.keepalive_requests": "50",
				"nginx.upstream.keepalive": "32", "nginx.upstream.keepalive_timeout": "1m", "nginx.upstream.proxy_read_timeout": "1h30m",
				"nginx.upstream.proxy_http_version 1.1": "off",
			},
			[]string{"f:9: nginx.send_timeout 1M is not understood"},
		},
		{
			"nginx", "upstream u { keepalive 16; }\nproxy_http_version 1.0;\n",
			map[model.ParamID]string{"nginx.upstream.keepalive": "16", "nginx.upstream.proxy_http_version 1.1": "off", "nginx.upstream.proxy_http_version": "off"},
			nil,
		},
		{
			"nginx", "http {\n  keepalive_timeout 65s;\n  server {\n    keepalive_timeout 10s;\n",
			map[model.ParamID]string{"nginx.keepalive_timeout": "10s"},
			[]string{"f:4: the file ends inside a { block }"},
		},
		{
			"apache", "ServerRoot \"/etc/apache2\"\nTimeout 300\nKeepAlive On\nMaxKeepAliveRequests 100\nKeepAliveTimeout \\\n  2mi\n<IfModule mod_reqtimeout.c>\nRequestReadTimeout header=20-40,minrate=500\n</IfModule>\nProxyPass / http://a/ ttl=4 keepalive=On\n",
			map[model.ParamID]string{
				"apache.Timeout": "5m", "apache.KeepAlive": "on", "apache.MaxKeepAliveRequests": "100", "apache.KeepAliveTimeout": "2m",
				"apache.RequestReadTimeout": "20s", "apache.upstream.ttl": "4s", "apache.upstream.tcp_keepalive": "on",
			},
			[]string{"f:8: of header=20-40,minrate=500 only the first number is kept, not -40,minrate=500"},
		},
		{
			"apache", "KeepAliveTimeout 5m\nKeepAlive\n", nil,
			[]string{"f:1: KeepAliveTimeout: Apache takes s, ms, mi (minutes) and h, not 5m", "f:2: KeepAlive takes one value"},
		},
		{
			"haproxy", "global\n  daemon\ndefaults\n  timeout connect 5000\n  timeout client  50000\n  timeout server 50000 # ms\n  no option httpclose\nlisten a\n  bind :80 tcp-ut 30s\n  option tcpka\n  clitcpka-idle 40\n",
			map[model.ParamID]string{
				"haproxy.upstream.timeout connect": "5s", "haproxy.timeout client": "50s", "haproxy.upstream.timeout server": "50s", "haproxy.option http-keep-alive": "on",
				"haproxy.upstream.server keep-alive": "on", "haproxy.tcp_user_timeout": "30s", "haproxy.tcp_keepalive": "on", "haproxy.upstream.tcp_keepalive": "on", "haproxy.tcp_keepidle": "40s",
			},
			nil,
		},
		{
			"sysctl", "; comment\nnet.ipv4.tcp_keepalive_time=600\n-net/ipv4/tcp_keepalive_intvl = 15\nnet.ipv4.tcp_sack = 1\nvm.swappiness = 1\nnonsense\nnet.ipv4.tcp_keepalive_probes = many\n",
			map[model.ParamID]string{"linux.tcp_keepalive_time": "10m", "linux.tcp_keepalive_intvl": "15s"},
			[]string{"f:6: nonsense is not KEY = VALUE", "f:7: linux.tcp_keepalive_probes takes a number from 0 to 255, not \"many\""},
		},
		{
			"reg", "Windows Registry Editor Version 5.00\r\n\r\n[hkey_local_machine\\system\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\"keepalivetime\"=dword:000493E0\r\n\"Hostname\"=\"x\"\r\n\"KeepAliveInterval\"=hex:01\r\n[HKEY_USERS\\x]\r\n\"a\"=dword:1\r\n",
			map[model.ParamID]string{"windows.KeepAliveTime": "5m"},
			[]string{"f:5: the value Hostname is not known", "f:6: hex:01 is neither a DWORD nor a string", `f:7: nothing is known of the key [HKEY_USERS\x]`},
		},
		{
			"applicationhost", "<configuration><system.applicationHost><sites><site name=\"a\"><limits connectionTimeout=\"00:02:30\"/></site></sites></system.applicationHost>\n<oops></configuration>",
			map[model.ParamID]string{"iis.connectionTimeout": "2m30s"},
			[]string{"f:2: the XML is not well-formed: XML syntax error on line 2: element <oops> closed by </configuration>"},
		},
		{
			"node", "const server = http.createServer({ keepAlive: true });\nserver.keepAliveTimeout = 65_000;\nserver.headersTimeout = 66 * 1000;\n",
			map[model.ParamID]string{"node.keepAliveTimeout": "1m5s", "node.headersTimeout": "1m6s", "node.tcp_keepalive": "on"},
			nil,
		},
		{
			"curl", "--keepalive-time 30\nsilent\nno-keepalive\n",
			map[model.ParamID]string{"curl.tcp_keepidle": "30s", "curl.tcp_keepintvl": "30s", "curl.tcp_keepalive": "off"},
			[]string{"f:2: silent is not understood"},
		},
	} {
		tt.hold(t)
	}
}

// hold reads the file and holds settings, origins and warnings against what is expected.
func (tt *foreignCase) hold(t *testing.T) {
	t.Helper()
	f := format(t, tt.format)
	im, err := f.Parse("f", []byte(tt.text), model.Embedded())
	if err != nil {
		t.Errorf("%s: %v", tt.format, err)
		return
	}
	holdLines(t, f, "/f", memory{"/f": tt.text})
	got := map[model.ParamID]string{}
	for id, s := range im.Settings {
		got[id] = s.Value.String()
		if s.Origin.Kind != model.FromFile && s.Origin.Kind != model.FromDefault || s.Origin.Where != "f" || s.Origin.Line == 0 {
			t.Errorf("%s: %s has the origin %+v", tt.format, id, s.Origin)
		}
	}
	for id, v := range tt.want {
		if got[id] != v {
			t.Errorf("%s: %s is %q, want %q", tt.format, id, got[id], v)
		}
	}
	if len(got) != len(tt.want) {
		t.Errorf("%s: got %v", tt.format, got)
	}
	var warnings []string
	for _, w := range im.Warnings {
		warnings = append(warnings, w.String())
	}
	for _, ctx := range im.Contexts {
		for _, d := range ctx.Doubts {
			warnings = append(warnings, d.String())
		}
	}
	if !slices.Equal(warnings, tt.warnings) {
		t.Errorf("%s: warnings\n%s\nwant\n%s", tt.format, strings.Join(warnings, "\n"), strings.Join(tt.warnings, "\n"))
	}
}

// TestDetectForeign tells the format of files that keeptune did not write.
func TestDetectForeign(t *testing.T) {
	for want, text := range map[string]string{
		"nginx":           "user www-data;\nworker_processes auto;\nevents {\n}\nhttp {\n}\n",
		"kubernetes":      "kind: Deployment\nspec:\n  securityContext:\n",
		"apache":          "<VirtualHost *:80>\nServerName x\n</VirtualHost>\n",
		"haproxy":         "global\n log /dev/log local0\n\ndefaults\n mode http\n",
		"sysctl":          "# x\nnet.ipv4.ip_forward=1\n",
		"reg":             "\xff\xfeW\x00i\x00n\x00d\x00o\x00w\x00s\x00 \x00R\x00e\x00g\x00i\x00s\x00t\x00r\x00y\x00 \x00E\x00d\x00i\x00t\x00o\x00r\x00 \x00V\x00e\x00r\x00s\x00i\x00o\x00n\x00 \x005\x00.\x000\x000\x00",
		"reg4":            "REGEDIT4\r\n\r\n",
		"applicationhost": "<?xml version=\"1.0\"?>\n<configuration>\n</configuration>",
		"session":         "schema = \"keeptune.session/1\"\n",
		"go-client":       "package x\n\nvar c = http.Client{}\n",
		"curl":            "keepalive-time = 3\n",
		"":                "hello\n",
	} {
		if got := native.Detect([]byte(text)); got != want {
			t.Errorf("%q is detected as %q, want %q", text, got, want)
		}
	}
	if got := native.Detect([]byte("kind: ConfigMap\ndata:\n  keep-alive: \"75\"\n")); got != "nginx" {
		t.Errorf("the ConfigMap of ingress-nginx is detected as %q", got)
	}
	manual := strings.Repeat("# a manual in comments, port after port\n", 1000)
	if got := native.Detect([]byte(manual + "http_port 3128\n")); got != "squid" {
		t.Errorf("a file that begins with a long manual is detected as %q", got)
	}
	if got := native.Detect([]byte(manual)); got != "" || !native.Blank([]byte(manual)) || native.Blank([]byte(manual+"x")) {
		t.Errorf("a file of comments is detected as %q, or not as blank", got)
	}
	_, err := native.ImportAny("x", []byte("hello\n"), model.Embedded())
	if detect, ok := errors.AsType[*native.DetectError](err); !ok || !strings.HasPrefix(detect.Error(), "x: the format cannot be told from the content; say it with --as") {
		t.Errorf("got %v", err)
	}
}

// TestImportEdited warns of values that were changed below the restore string,
// and reads them where the restore string is damaged.
func TestImportEdited(t *testing.T) {
	c := model.Embedded()
	files, err := format(t, "nginx").Render(request(t, c, document(t, c, "chrome > nginx@1.22.1", "server:keepalive_timeout=190s")))
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(files[0].Content), "keepalive_timeout 190s;", "keepalive_timeout 200s;", 1)
	im, err := native.ImportAny("f", []byte(edited), c)
	if err != nil || im.Document == nil || len(im.Warnings) != 1 || !strings.Contains(im.Warnings[0].Text, "is 3m20s here and 3m10s in the session") {
		t.Errorf("edited: %v, %+v", err, im.Warnings)
	}
	damaged := strings.Replace(edited, "keeptune-session: eN", "keeptune-session: ee", 1)
	im, err = native.ImportAny("f", []byte(damaged), c)
	if err != nil || im.Document != nil || im.Settings["nginx.keepalive_timeout"].Value.String() != "3m20s" ||
		len(im.Warnings) != 1 || im.Warnings[0].String() != "f:1: the restore string is damaged; the values below it were read instead" {
		t.Errorf("damaged: %v, %+v", err, im)
	}
	if _, err := native.ImportAny("f", make([]byte, native.MaxSize+1), c); err == nil {
		t.Error("a file without end is read")
	}
}

// TestParseLong hands each parser a lot of what it stacks up: it comes to an end,
// and four times as much takes about four times the memory.
func TestParseLong(t *testing.T) {
	c := model.Embedded()
	size := 1 << 10
	if lawcheck.Long() {
		size = 1 << 11
	}
	for i, f := range native.Formats() {
		t.Run(f.ID(), func(t *testing.T) {
			for j, unit := range []string{"\\\n", "{", "a{", "<a b='c'>", "\"", "[", "keepalive_timeout 1 ", "keepalive_timeout 1;\n", "a;", "keeptune-session: A\n", "net.x=1\n", "timeout client 1\n", "undici keepAliveTimeout: 1, ", "httpx Limits(timeout=x ", "  listeners:\n  tcp_keepalive:\n"} {
				if !lawcheck.Long() && (i+j)%4 != 0 {
					continue // the long run hands each to every one
				}
				_, _ = f.Parse("f", []byte(unit), c) // what is built once
				short := parsed(f, c, unit, size)
				if long := parsed(f, c, unit, 4*size); long > 8*short+1<<18 {
					t.Errorf("%q: %d bytes for %d, %d for four times as many", unit, short, size, long)
				}
			}
		})
	}
}

// parsed is how many bytes a parser allocates for a file of one text, again and again: the
// least of three, because a collection in between takes away what regular expressions keep.
func parsed(f native.Format, c *model.Catalog, unit string, size int) uint64 {
	data := []byte(strings.Repeat(unit, size/len(unit)))
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = f.Parse("f", data, c)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// TestLongNotes leaves notes out of a restore string that they would swell.
func TestLongNotes(t *testing.T) {
	c := model.Embedded()
	d := document(t, c, "chrome > nginx@1.22.1", "server:keepalive_timeout=190s")
	random := rand.New(rand.NewPCG(1, 2))
	for range 4_000 {
		d.Notes += strconv.FormatUint(random.Uint64(), 36) + "\n"
	}
	files, err := format(t, "nginx").Render(request(t, c, d))
	if err != nil || len(files[0].Content) > 4096 {
		t.Fatalf("%v, %d bytes", err, len(files[0].Content))
	}
	im, err := native.ImportAny("f", files[0].Content, c)
	if d.Notes = ""; err != nil || im.Document == nil || !im.Document.Equal(d) {
		t.Errorf("%v: %+v", err, im.Document)
	}
}

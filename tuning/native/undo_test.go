package native_test

import (
	"encoding/xml"
	"errors"
	gofmt "go/format"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// An undoCase is an export over a known value; its undo must say that and want.
type undoCase struct {
	to, path, known string
	sets            []string
	want            map[model.ParamID]string // besides the known value
}

var undoCases = []undoCase{
	{"nginx", "chrome > nginx@1.22.1", "server:keepalive_timeout=65s", []string{"server:keepalive_timeout=190s", "server:keepalive_requests=50"}, nil},
	{"nginx", "chrome > nginx@1.22.1 > node", "nginx:nginx.upstream.keepalive=8", []string{"nginx:nginx.upstream.keepalive=16"}, nil},
	{"apache", "chrome > apache@2.4.71", "server:KeepAliveTimeout=15s", []string{"server:KeepAliveTimeout=190s"}, nil},
	{"haproxy", "chrome > haproxy@2.6.12", "server:timeout client=50s", []string{"server:timeout client=320s"}, nil},
	{"sysctl", "chrome > nginx/linux", "server:tcp_keepalive_time=1h", []string{"server:tcp_keepalive_time=10m", "server:tcp_retries2=8"}, map[model.ParamID]string{"linux.tcp_retries2": "15"}},
	{"reg", "ie@11 > nginx", "client:ie.KeepAliveTimeout=90s", []string{"client:ie.KeepAliveTimeout=180s", "client:ServerInfoTimeout=180s"}, nil},
	{"reg4", "ie@4/windows@nt4 > nginx", "client:windows.KeepAliveTime=1h", []string{"client:windows.KeepAliveTime=10m", "client:ie.KeepAliveTimeout=180s"}, nil},
	{"applicationhost", "ie@11 > iis@10", "server:connectionTimeout=3m", []string{"server:connectionTimeout=190s", "server:AllowKeepAlive=off"}, nil},
	{"node", "chrome > node@20.20.2", "server:keepAliveTimeout=10s", []string{"server:keepAliveTimeout=65s"}, nil},
	{"go-server", "chrome > go-server", "server:IdleTimeout=90s", []string{"server:IdleTimeout=75s"}, nil},
	{"go-client", "go-client > nginx", "client:IdleConnTimeout=80s", []string{"client:IdleConnTimeout=60s"}, nil},
	{"curl", "curl > nginx", "client:max-time=10s", []string{"client:max-time=30s"}, nil},
}

// TestUndo reads each undo back: what was known before is there, nothing else.
func TestUndo(t *testing.T) {
	c := model.Embedded()
	for _, tt := range slices.Concat(undoCases, hostUndoCases, serverUndoCases, libraryUndoCases) {
		before := document(t, c, tt.path, tt.known)
		want := map[model.ParamID]string{}
		for i, e := range before.Path.Endpoints {
			for id, s := range e.Settings {
				want[id] = s.Value.String()
				s.Origin = model.Origin{Kind: model.FromFile, Where: "old.conf", Line: 3}
				before.Path.Endpoints[i].Settings[id] = s
			}
		}
		maps.Copy(want, tt.want)
		req := request(t, c, document(t, c, tt.path, tt.sets...))
		req.Before = &before
		f := format(t, tt.to)
		files, err := f.Render(req)
		if err != nil {
			t.Fatal(err)
		}
		im, err := f.Parse("u", files[0].Undo, c)
		if err != nil || im.Document != nil || len(im.Warnings) > 0 {
			t.Errorf("%s: %v, %v", tt.to, err, im.Warnings)
		}
		for id, v := range want {
			if got := im.Settings[id].Value.String(); got != v {
				t.Errorf("%s: the undo of %s says %s, want %s\n%s", tt.to, id, got, v, readable(files[0].Undo))
			}
		}
		if len(im.Settings) != len(want) {
			t.Errorf("%s: the undo says %v", tt.to, im.Settings)
		}
		if strings.HasPrefix(tt.to, "go-") {
			for _, src := range [][]byte{files[0].Content, files[0].Undo} {
				if clean, err := gofmt.Source(src); err != nil || string(clean) != string(src) {
					t.Errorf("%s is not as gofmt writes it (%v)\n%s", tt.to, err, src)
				}
			}
		}
	}
}

// TestInForce holds what a file has in force against the same value typed: there
// is nothing to write, and a version change leaves no setting behind unsaid.
func TestInForce(t *testing.T) {
	c := model.Embedded()
	d := document(t, c, "chrome > nginx@1.22.1", "server:keepalive_timeout=190s")
	before := document(t, c, "chrome > nginx@1.22.1", "server:keepalive_timeout=190s")
	s := before.Path.Endpoints[1].Settings["nginx.keepalive_timeout"]
	s.Origin = model.Origin{Kind: model.FromRunning}
	before.Path.Endpoints[1].Settings["nginx.keepalive_timeout"] = s
	req := request(t, c, d)
	req.Before = &before
	if _, err := format(t, "nginx").Render(req); err == nil || !strings.HasSuffix(err.Error(), "is changed; change one first") {
		t.Errorf("what is in force is written again: %v", err)
	}

	old := document(t, c, "chrome > nginx@1.30.0", "server:keepalive_min_timeout=5s", "server:keepalive_timeout=80s")
	old.Path.Endpoints[1].Version = "1.22.1"
	_, err := format(t, "nginx").Render(request(t, c, old))
	cannot, ok := errors.AsType[*native.InexpressibleError](err)
	if want := "nginx: nginx.keepalive_min_timeout cannot be 5 s in nginx 1.22.1: it exists from 1.27.4 on"; !ok || cannot.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// documentedAttributes are those that iis-docs lists for the elements that are
// written (iis/configuration/system.applicationHost/sites/site/limits.md,
// …/webLimits.md, system.webServer/httpProtocol/index.md).
var documentedAttributes = map[string][]string{
	"limits":       {"connectionTimeout", "maxBandwidth", "maxConnections", "maxUrlSegments"},
	"webLimits":    {"connectionTimeout", "demandStartThreshold", "dynamicIdleThreshold", "dynamicRegistrationThreshold", "headerWaitTimeout", "minBytesPerSecond"},
	"httpProtocol": {"allowKeepAlive"},
}

// TestApplicationhostIsDocumented reads export and undo as XML and looks each
// attribute up.
func TestApplicationhostIsDocumented(t *testing.T) {
	c := model.Embedded()
	files, err := format(t, "applicationhost").Render(request(t, c, document(t, c, "ie@11 > iis@10",
		"server:connectionTimeout=190s", "server:AllowKeepAlive=off", "server:headerWaitTimeout=30s", "server:idleconnectiontimeout=60s")))
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{files[0].Content, files[0].Undo} {
		dec := xml.NewDecoder(strings.NewReader(string(content)))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, content)
			}
			if e, ok := token.(xml.StartElement); ok {
				for _, a := range e.Attr {
					if !slices.Contains(documentedAttributes[e.Name.Local], a.Name.Local) {
						t.Errorf("%s has no documented attribute %s", e.Name.Local, a.Name.Local)
					}
				}
			}
		}
	}
}

// TestSuggested names the formats for what is changed on either end.
func TestSuggested(t *testing.T) {
	c := model.Embedded()
	d := document(t, c, "ie@11 > apache/linux@6.1", "client:KeepAliveTimeout=180s", "server:KeepAliveTimeout=190s", "server:tcp_keepalive_time=10m")
	var got []string
	for _, f := range native.Suggested(request(t, c, d)) {
		got = append(got, f.ID())
	}
	if want := []string{"reg", "apache", "sysctl"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := native.Suggested(request(t, c, document(t, c, "ie@11 > apache"))); len(got) != 0 {
		t.Errorf("for no change: %v", got)
	}
	if _, err := native.Find("ngnix"); err == nil || err.Error() != `there is no format "ngnix"; did you mean nginx?` {
		t.Errorf("got %v", err)
	}
}

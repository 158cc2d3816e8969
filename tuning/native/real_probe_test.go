//go:build real

package native_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/probe/realserver"
)

// TestRealServersCloseAtTheExportedValue starts each server with what was
// exported for it and holds the live test against the report of the document.
func TestRealServersCloseAtTheExportedValue(t *testing.T) {
	for _, tt := range []struct {
		name, to, path, set string
		start               func(testing.TB, native.File) *realserver.Server
	}{
		{
			"nginx", "nginx", "chrome > nginx@1.22.1", "server:keepalive_timeout=3s",
			func(t testing.TB, f native.File) *realserver.Server {
				return realserver.Nginx(t, realserver.NginxConf{HTTP: string(f.Content)})
			},
		},
		{
			"Apache", "apache", "chrome > apache@2.4.71", "server:KeepAliveTimeout=3s",
			func(t testing.TB, f native.File) *realserver.Server {
				return realserver.Apache(t, realserver.ApacheConf{Server: string(f.Content)})
			},
		},
		{
			"HAProxy", "haproxy", "chrome > haproxy@2.6.12", "server:timeout http-keep-alive=3s",
			func(t testing.TB, f native.File) *realserver.Server {
				_, lines, _ := strings.Cut(string(f.Content), "\ndefaults\n")
				return realserver.HAProxy(t, realserver.HAProxyConf{Defaults: realserver.DebianTimeouts + "\n" + lines})
			},
		},
		{
			"Node", "node", "chrome > node@" + nodeVersion(t), "server:keepAliveTimeout=3s",
			func(t testing.TB, f native.File) *realserver.Server {
				dir := realserver.Dir(t)
				path := realserver.File(t, dir, f.Name, string(f.Content))
				return realserver.NodeScript(t, fmt.Sprintf(
					"const { options, tune } = require(%q);\nconst http = require('node:http');\n"+
						"tune(http.createServer(options, (q, r) => { r.end('ok\\n'); })).listen(Number(process.env.PORT), process.env.HOST);\n", path))
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := model.Embedded()
			d := document(t, c, tt.path, tt.set)
			_, files := export(t, tt.to, tt.path, tt.set)
			row := request(t, c, d).Report.Legs[0].Server.First(model.RoleIdle)
			s := tt.start(t, files[0])
			low, high, how := idleOf(t, s.Addr)
			t.Logf("configured 3 s, predicted %v to %v, measured %v to %v, %s", row.Low, row.High, low, high, how)
			const tolerance = 150 * time.Millisecond // this machine does other things, too
			if low < row.Low-50*time.Millisecond || high > row.High+tolerance || how != model.CloseFIN {
				t.Errorf("measured %v to %v, %s; the report says %v to %v\n%s", low, high, how, row.Low, row.High, s.Log())
			}
		})
	}
}

// nodeVersion is the version installed: what Node adds to a time depends on it.
func nodeVersion(t testing.TB) string {
	t.Helper()
	return strings.TrimPrefix(strings.TrimSpace(realserver.Output(t, "node", "--version")), "v")
}

// idleOf measures when a server ends an idle connection, and how.
func idleOf(t testing.TB, addr string) (low, high time.Duration, how model.CloseKind) {
	t.Helper()
	target, err := model.ParseProbeTarget(addr)
	if err != nil {
		t.Fatal(err)
	}
	spec := model.NewProbeSpec(target)
	spec.IdleLimit = 10 * time.Second
	spec.Measure = []model.Measurement{model.MeasureIdle}
	var events []model.Event
	if err := probe.Run(t.Context(), spec, func(e model.Event) { events = append(events, e) }); err != nil {
		t.Fatal(err)
	}
	got := model.Summarize(events).Idle
	if got.Low == nil || got.High == nil {
		t.Fatalf("nothing was measured: %+v", got)
	}
	return *got.Low, *got.High, got.Close
}

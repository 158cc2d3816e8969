//go:build real

package native_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"example.com/keeptune/model"
)

// TestRealShippedFilesAreRead reads the configurations that Debian ships: each
// without a warning, and what is set in it.
func TestRealShippedFilesAreRead(t *testing.T) {
	c := model.Embedded()
	const ats = "trafficserver.proxy.config.http."
	for _, tt := range []struct {
		format, file string
		want         map[model.ParamID]string
	}{
		{"lighttpd", "/etc/lighttpd/lighttpd.conf", nil},
		{"caddy", "/etc/caddy/Caddyfile", nil},
		{"varnish", "/etc/varnish/default.vcl", nil},
		{"varnish", "/lib/systemd/system/varnish.service", nil},
		{"squid", "/etc/squid/squid.conf", nil},
		{"h2o", "/etc/h2o/h2o.conf", nil},
		{"trafficserver", "/etc/trafficserver/records.config", map[model.ParamID]string{
			ats + "keep_alive_no_activity_timeout_in": "2m", ats + "accept_no_activity_timeout": "2m", ats + "transaction_no_activity_timeout_in": "30s",
			"trafficserver.upstream.proxy.config.http.keep_alive_no_activity_timeout_out": "2m",
		}},
		{"tomcat", "/etc/tomcat10/server.xml", map[model.ParamID]string{"tomcat.connectionTimeout": "20s"}},
		{"jetty", "/etc/jetty9/start.ini", map[model.ParamID]string{"jetty.jetty.http.idleTimeout": "30s"}},
		{"passenger", "/usr/share/passenger/templates/standalone/config.erb", map[model.ParamID]string{"passenger.keepalive_timeout": "1m"}},
	} {
		content, err := os.ReadFile(tt.file)
		if errors.Is(err, fs.ErrNotExist) && os.Getenv("KEEPTUNE_REQUIRE_REAL") != "1" {
			t.Logf("%s is not installed", tt.file)
			continue
		}
		if err != nil {
			t.Error(err)
			continue
		}
		im, err := format(t, tt.format).Parse(tt.file, content, c)
		if err != nil || len(im.Warnings) > 0 {
			t.Errorf("%s: %v, %v", tt.file, err, im.Warnings)
		}
		for id, s := range im.Settings {
			if tt.want[id] != s.Value.String() {
				t.Errorf("%s: %s is read as %s, want %q", tt.file, id, s.Value, tt.want[id])
			}
		}
		if len(im.Settings) != len(tt.want) {
			t.Errorf("%s: %d settings, want %d", tt.file, len(im.Settings), len(tt.want))
		}
	}
}

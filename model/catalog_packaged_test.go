package model_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// What a distribution writes into its files is kept beside the makers' default:
// Debian's haproxy.cfg (2.6.12) and apache2.conf (2.4.71). Tomcat's own
// server.xml is the makers', and stands for its default.
func TestPackagedDefaults(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct{ param, plain, packaged string }{
		{"haproxy.timeout client", "unset", "50s"},
		{"haproxy.upstream.timeout server", "unset", "50s"},
		{"haproxy.upstream.timeout connect", "unset", "5s"},
		{"haproxy.timeout http-keep-alive", "unset", ""},
		{"haproxy.timeout http-request", "unset", ""},
		{"apache.Timeout", "1m", "5m"},
		{"apache.KeepAliveTimeout", "5s", ""},
		{"tomcat.keepAliveTimeout", "unset", ""},
		{"tomcat.connectionTimeout", "20s", ""},
		{"nginx.keepalive_timeout", "1m15s", ""},
	} {
		id := model.ParamID(tt.param)
		s, err := c.System(id.System())
		if err != nil {
			t.Fatal(err)
		}
		p := s.Param(id)
		if p == nil {
			t.Errorf("there is no %s", id)
			continue
		}
		packaged := ""
		defaults, _ := model.At(s.Order, p.Defaults, s.Assume)
		for _, d := range defaults {
			if d.Distribution == "debian" {
				packaged = d.Value.String()
			}
		}
		if plain := s.DefaultAt(p, s.Assume).Value.String(); plain != tt.plain || packaged != tt.packaged {
			t.Errorf("%s: %s, and %q in Debian; want %s and %q", id, plain, packaged, tt.plain, tt.packaged)
		}
	}
}

// Servers that look at their clock once a second may be a second late.
func TestClocksOfASecond(t *testing.T) {
	c := model.Embedded()
	for id, param := range map[model.SystemID]model.ParamID{
		"lighttpd": "lighttpd.server.max-keep-alive-idle", "tomcat": "tomcat.keepAliveTimeout",
		"gunicorn": "gunicorn.keepalive", "kestrel": "kestrel.Limits.KeepAliveTimeout",
	} {
		s, err := c.System(id)
		if err != nil {
			t.Fatal(err)
		}
		if late, ok := model.At(s.Order, s.Param(param).Real, s.Assume); !ok || late.High < time.Second || late.Source == "" {
			t.Errorf("%s: %+v, want up to a second and more", id, late)
		}
	}
}

package tuning_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// An edge is a rule from both sides: settings with which it just fires, one of them
// changed so that it just does not, and, where it may rest on an assumption, the
// path on which it does and how grave it is there.
type edge struct {
	rule, path    string
	fires, spares []string
	severity      tuning.Severity
	assuming      string   // the path; "" where there is none
	assumed       []string // the settings
	lower         tuning.Severity
}

// both is settings that both sides of an edge have, and the two others.
func both(same []string, fires, spares string) (on, off []string) {
	return append(slices.Clone(same), fires), append(slices.Clone(same), spares)
}

func at(rule, path string, severity tuning.Severity, fires, spares string, same ...string) edge {
	on, off := both(same, fires, spares)
	if spares == "" {
		off = same
	}
	return edge{rule: rule, path: path, fires: on, spares: off, severity: severity}
}

// assumes adds the path on which the finding rests on an assumption.
func (e edge) assumes(path string, lower tuning.Severity, set ...string) edge {
	e.assuming, e.assumed, e.lower = path, set, lower
	return e
}

// edges has every rule from both sides.
var edges = slices.Concat(reuseEdges)

var reuseEdges = []edge{
	at("ORD-3", "aws-alb > node@22.10", tuning.Error, "leg1:period=6125ms", "leg1:period=6126ms"),
	at("ORD-3", "aws-alb > node@22.10", tuning.Error, "leg1:period=5900ms", "leg1:period=5899ms").
		assumes("cloudflare > node@22.10", tuning.Warning, "leg1:period=6s"),
	at("ORD-3", "node@20.18 > nginx@1.30.0", tuning.Info, "leg1:period=5s", "leg1:period=6s"),
	at("ORD-6", "nginx@1.30.0 > node@22.10", tuning.Info, "leg1:rate=1", "nginx:nginx.upstream.keepalive_timeout=59s"),
	at("ORD-7", "aws-alb > node@16.20", tuning.Warning, "node:keepAliveTimeout=65s", "node:keepAliveTimeout=59s"),
	at("ORD-7", "aws-alb > node@18.1", tuning.Warning, "node:headersTimeout=65s", "node:headersTimeout=66s", "node:keepAliveTimeout=65s"),
	at("ORD-8", "nginx@1.30.0 > node@22.10", tuning.Error, "leg1:posts=on", "leg1:posts=off").
		assumes("cloudflare > node@22.10", tuning.Warning, "leg1:posts=on"),
	at("ORD-8", "nginx@1.30.0 > node@22.10", tuning.Error, "node:keepAliveTimeout=60s", "node:keepAliveTimeout=70s", "leg1:posts=on"),
	at("ORD-9", "reactor-netty > tomcat@10.1.60", tuning.Warning, "leg1:rate=2", "leg1:rate=1.6"),
	at("ORD-9", "reactor-netty > tomcat@10.1.60", tuning.Warning, "tomcat:maxKeepAliveRequests=100", "tomcat:maxKeepAliveRequests=101", "leg1:rate=10"),
	at("ORD-10", "chrome > envoy", tuning.Info, "leg1:connections=100", "leg1:connections=99", "envoy:envoy.common_http_protocol_options.max_connection_duration=1h"),
	at("ORD-11", "nginx@1.30.0 > nginx@1.30.0", tuning.Warning, "nginx-2:nginx.keepalive_min_timeout=60s", "nginx-2:nginx.keepalive_min_timeout=61s", "leg1:reloads=on"),
	at("ORD-11", "apache > haproxy@3.2", tuning.Warning, "leg1:reloads=on", "leg1:reloads=off"),
	at("ORD-12", "aws-alb > node@18.20.8", tuning.Warning, "leg1:grace=64s", "leg1:grace=65s", "node:keepAliveTimeout=65s"),
	at("ORD-13", "undici > haproxy@3.2 > fastify", tuning.Error, "fastify:keepAliveTimeout=72s", "fastify:keepAliveTimeout=10s", "haproxy:timeout http-keep-alive=20s"),
}

func found(r tuning.Report, rule string, leg int) *tuning.Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Rule.ID == rule && (leg < 0 || f.Leg == leg) {
			return f
		}
	}
	return nil
}

func reported(t *testing.T, c *model.Catalog, path string, sets []string) tuning.Report {
	t.Helper()
	r, err := tuning.Analyze(document(t, c, path, sets...), tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryRuleHasTwoSides(t *testing.T) {
	c := model.Embedded()
	for _, e := range edges {
		t.Run(e.rule+" "+e.path, func(t *testing.T) {
			f := found(reported(t, c, e.path, e.fires), e.rule, -1)
			switch {
			case f == nil:
				t.Errorf("%q does not fire it", e.fires)
			case f.Severity != e.severity:
				t.Errorf("%q: %s, want %s: %q, assuming %v", e.fires, f.Severity, e.severity, f.Because, f.Assuming)
			case len(f.At) == 0 || len(f.Because) == 0:
				t.Errorf("%q: at %v because %q", e.fires, f.At, f.Because)
			}
			if f := found(reported(t, c, e.path, e.spares), e.rule, -1); f != nil {
				t.Errorf("%q fires it: %q", e.spares, f.Because)
			}
			if e.assuming == "" {
				return
			}
			if f := found(reported(t, c, e.assuming, e.assumed), e.rule, -1); f == nil || f.Severity != e.lower || len(f.Assuming) == 0 {
				t.Errorf("%s %q: %+v, want %s and an assumption", e.assuming, e.assumed, f, e.lower)
			}
		})
	}
}

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
var edges = slices.Concat(olderEdges, reuseEdges, fallbackEdges, boxEdges, aliveEdges, loadEdges)

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
	at("ORD-9", "reactor-netty > tomcat@10.1.60", tuning.Warning, "tomcat:maxKeepAliveRequests=60", "tomcat:maxKeepAliveRequests=61", "leg1:rate=1"),
	at("ORD-10", "chrome > envoy", tuning.Info, "leg1:connections=100", "leg1:connections=99", "envoy:envoy.common_http_protocol_options.max_connection_duration=1h"),
	at("ORD-11", "nginx@1.30.0 > nginx@1.30.0", tuning.Warning, "nginx-2:nginx.keepalive_min_timeout=60s", "nginx-2:nginx.keepalive_min_timeout=61s", "leg1:reloads=on"),
	at("ORD-11", "nginx@1.30.0 > nginx@1.30.0", tuning.Warning, "nginx-2:keepalive_min_timeout=60070ms", "nginx-2:keepalive_min_timeout=60071ms", "leg1:reloads=on"),
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

var fallbackEdges = []edge{
	at("EFF-2", "aws-alb > haproxy@2.6.12", tuning.Warning, "haproxy:timeout client=19s", "haproxy:timeout client=20s", "haproxy:timeout http-keep-alive=20s"),
	at("EFF-2", "aws-alb > haproxy@3.2", tuning.Info, "haproxy:timeout http-request=5s", "haproxy:timeout http-keep-alive=70s"),
	at("EFF-3", "chrome > tomcat", tuning.Info, "tomcat:connectionTimeout=20s", "tomcat:keepAliveTimeout=20s"),
	at("EFF-4", "chrome > go-server", tuning.Warning, "go-server:ReadTimeout=5s", "go-server:IdleTimeout=5s"),
	at("EFF-4", "chrome > go-server", tuning.Info, "leg1:rate=1", "go-server:IdleTimeout=2m"),
	at("EFF-4", "chrome > go-server", tuning.Warning, "go-server:SetKeepAlivesEnabled=on", "go-server:SetKeepAlivesEnabled=off", "go-server:ReadTimeout=5s"),
	at("EFF-6", "chrome > nginx@1.29.7 > node@22.19", tuning.Info, "leg1:rate=1", "nginx:nginx.upstream.keepalive=32"),
	at("EFF-7", "nginx@1.30.0 > gunicorn-uvicorn", tuning.Warning, "leg1:rate=1", "server:keepalive=75s"),
	at("EFF-7", "nginx@1.30.0 > gunicorn-asgi@26.1.0", tuning.Info, "leg1:rate=1", "server:idle timeout=75s"),
	at("EFF-8", "chrome > apache > tomcat", tuning.Warning, "apache:apache.upstream.ttl=60s", "apache:apache.upstream.ttl=never", "apache:prefork=on").
		assumes("chrome > apache > tomcat", tuning.Warning, "apache:apache.upstream.ttl=60s", "apache:prefork=on"),
	at("EFF-14", "chrome > nginx@1.30.0", tuning.Info, "leg1:http2=on", "leg1:http2=off", "nginx:nginx.keepalive_requests=100"),
}

var boxEdges = []edge{
	at("MID-3", "libpq > haproxy-tcp > postgresql", tuning.Error, "libpq:tcp_keepidle=9s", "libpq:tcp_keepidle=10s", "haproxy-tcp:timeout client=10s", "libpq:tcp_keepintvl=1s"),
	at("MID-3", "okhttp > aws-alb", tuning.Info, "client:tcp_keepidle=50s", "client:tcp_keepidle=61s", "client:tcp_keepalive=on", "client:tcp_keepintvl=10s"),
	at("MID-4", "grpc-client > aws-alb", tuning.Warning, "grpc-client:keepaliveTime=59s", "grpc-client:keepaliveTime=60s", "grpc-client:permitWithoutStream=on"),
	at("MID-5", "chrome > nginx@1.30.0 > aws-nlb > nginx@1.30.0", tuning.Warning, "nginx:nginx.tcp_keepalive=on", "nginx:nginx.tcp_keepalive=off", "nginx-2:keepalive_timeout=400s", "nginx:nginx.upstream.keepalive_timeout=390s"),
	at("MID-6", "mqtt-js > aws-nlb > mosquitto", tuning.Info, "mqtt-js:keepalive=off", "mqtt-js:keepalive=60s"),
	at("MID-6", "mqtt-js > aws-nlb > mosquitto", tuning.Warning, "leg1:capacity=4", "mqtt-js:keepalive=60s", "mqtt-js:keepalive=off"),
	at("MID-7", "libpq > ipvs > postgresql", tuning.Info, "libpq:tcp_keepidle=900s", "libpq:tcp_keepidle=600s"),
	at("MID-7", "python-requests > ipvs > nginx@1.30.0", tuning.Info, "nginx:keepalive_timeout=15m", "nginx:keepalive_timeout=899s", "nginx:tcp_keepalive=off"),
	at("MID-7", "python-requests > ipvs > nginx@1.30.0", tuning.Info, "nginx:keepalive_timeout=1h", "nginx:keepalive_timeout=0", "nginx:tcp_keepalive=off"),
	at("MID-8", "libpq > azure-lb > postgresql", tuning.Info, "libpq:tcp_keepidle=240s", "libpq:tcp_keepidle=120s"),
	at("MID-9", "libpq > aws-nlb > postgresql", tuning.Warning, "libpq:tcp_keepalive=on", "libpq:tcp_keepidle=300s"),
	at("MID-10", "libpq > conntrack > postgresql", tuning.Info, "leg1:lossy=on", "leg1:lossy=off"),
	at("MID-11", "python-requests > aws-nlb > nginx@1.30.0", tuning.Error, "leg1:slowest=350s", "leg1:slowest=349s"),
	at("MID-12", "ssh > aws-nlb > sshd", tuning.Warning, "ssh:ServerAliveInterval=263s", "ssh:ServerAliveInterval=262s", "ssh:tcp_keepalive=off", "sshd:tcp_keepalive=off"),
	at("MID-12", "mqtt-js > nginx-stream > mosquitto", tuning.Error, "leg1:write_every=600s", "leg1:write_every=449s", "mqtt-js:keepalive=off"),
	at("MID-12", "mqtt-js > nginx-stream > mosquitto", tuning.Warning, "leg1:write_every=450s", "leg1:write_every=449s", "mqtt-js:keepalive=off"),
	at("MID-13", "apache-httpclient-4 > aws-nlb > node", tuning.Warning, "node:keepAliveTimeout=352s", "node:keepAliveTimeout=340s"),
}

var aliveEdges = []edge{
	at("KA-2", "libpq > postgresql", tuning.Error, "leg1:container=on", "leg1:container=off", "postgresql:tcp_keepalive_time=300s"),
	at("KA-3", "libpq > postgresql", tuning.Warning, "leg1:notice=2h", "leg1:notice=3h"),
	at("KA-4", "nginx@1.30.0 > node", tuning.Warning, "leg1:notice=15m", "leg1:notice=16m"),
	at("KA-5a", "libpq > postgresql", tuning.Warning, "libpq:tcp_user_timeout=79s", "libpq:tcp_user_timeout=80s", "libpq:tcp_keepidle=60s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=3"),
	at("KA-5b", "libpq > postgresql", tuning.Warning, "libpq:tcp_user_timeout=91s", "libpq:tcp_user_timeout=90s", "libpq:tcp_keepidle=60s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=3"),
	at("KA-6", "libpq > postgresql", tuning.Error, "leg1:write_every=59s", "leg1:write_every=60s", "libpq:tcp_keepidle=60s", "postgresql:tcp_keepalive=off"),
	at("KA-8", "libpq > postgresql", tuning.Warning, "leg1:budget=66", "leg1:budget=67", "leg1:connections=1000", "libpq:tcp_keepidle=30s", "libpq:tcp_keepintvl=30s", "postgresql:tcp_keepalive=off"),
	at("KA-8", "libpq > postgresql", tuning.Warning, "leg1:connections=301", "leg1:connections=300", "leg1:budget=10", "libpq:tcp_keepidle=60s", "libpq:tcp_keepintvl=30s", "postgresql:tcp_keepalive=off"),
	at("KA-8", "grpc-client > grpc-server", tuning.Info, "grpc-client:keepaliveTime=59s", "grpc-client:keepaliveTime=60s", "grpc-server:permitKeepaliveTime=10s"),
	at("KA-9", "libpq > postgresql", tuning.Warning, "libpq:tcp_keepcnt=1", "libpq:tcp_keepcnt=2"),
	at("KA-9", "libpq > postgresql", tuning.Warning, "leg1:rtt=501ms", "leg1:rtt=500ms", "libpq:tcp_keepintvl=1s"),
	at("KA-12", "ssh > sshd", tuning.Info, "ssh:ServerAliveCountMax=0", "ssh:ServerAliveCountMax=1", "ssh:ServerAliveInterval=30s"),
	at("KA-12", "ssh > firewall > sshd", tuning.Info, "ssh:ServerAliveInterval=off", "ssh:ServerAliveInterval=30s", "firewall:idle_timeout=60s"),
	at("KA-18", "libpq > postgresql", tuning.Warning, "leg1:outage=60s", "leg1:outage=59s", "leg1:notice=60s", "libpq:tcp_keepidle=20s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=3"),
	at("KA-18", "ssh > sshd", tuning.Warning, "leg1:notice=60s", "leg1:notice=61s", "leg1:outage=60s", "ssh:ServerAliveInterval=15s"),
	at("KA-13", "go-client > aws-nlb > nginx@1.30.0", tuning.Info, "nginx:keepalive_timeout=400s", "go-client:tcp_keepidle=15s"),
}

var loadEdges = []edge{
	at("CAP-2", "chrome > nginx@1.30.0", tuning.Warning, "leg1:capacity=1023", "leg1:capacity=1024", "leg1:connections=1024"),
	at("CAP-2", "chrome > nginx@1.30.0 > node", tuning.Warning, "leg1:descriptors=2047", "leg1:descriptors=2048", "leg1:connections=1024"),
	at("CAP-3", "mqtt-js > mosquitto", tuning.Warning, "mosquitto:tcp_keepalive=off", "mqtt-js:keepalive=60s", "mqtt-js:keepalive=off", "leg1:vanish=0.01"),
	at("CAP-3", "mqtt-js > mosquitto", tuning.Warning, "leg1:vanish=0.01", "leg1:vanish=0", "mosquitto:tcp_keepalive=off", "mqtt-js:keepalive=off"),
	at("CAP-4", "curl > nginx@1.30.0", tuning.Warning, "leg1:arrivals=141.2", "leg1:arrivals=141.1", "nginx:keepalive_timeout=300s"),
	at("CAP-5", "aws-alb > apache", tuning.Error, "leg1:arrivals=26", "leg1:arrivals=25", "apache:prefork=on", "apache:MaxRequestWorkers=256").
		assumes("cloudflare > apache", tuning.Warning, "leg1:arrivals=41", "apache:prefork=on", "apache:MaxRequestWorkers=256"),
	at("CAP-6", "nginx@1.30.0 > node@22.19", tuning.Warning, "leg1:capacity=127", "leg1:capacity=128", "leg1:instances=4"),
	at("CAP-7", "node@18.20.8 > aws-nat-gateway > nginx@1.30.0", tuning.Info, "leg1:rate=1", "node:node.upstream.keepAlive=on"),
	at("CAP-8", "chrome > apache", tuning.Info, "apache:KeepAliveTimeout=1s", "apache:KeepAliveTimeout=2s", "leg1:tls=on"),
}

var olderEdges = []edge{
	at("ORD-1", "aws-alb > node@22.19", tuning.Error, "node:keepAliveTimeout=59050ms", "node:keepAliveTimeout=59051ms").
		assumes("cloudflare > node@22.19", tuning.Warning),
	at("ORD-2", "aws-alb > node@22.19", tuning.Warning, "node:keepAliveTimeout=59999ms", "node:keepAliveTimeout=60s"),
	at("ORD-4", "apache@2.4.66 > node@20.20.2", tuning.Error, "leg1:rate=1", "apache:apache.upstream.ttl=4s"),
	at("ORD-5", "undici > nginx@1.30.0", tuning.Error, "server:keepalive_timeout_header=90s", "server:keepalive_timeout_header=70s"),
	at("ORD-5", "undici > nginx@1.30.0", tuning.Error, "server:keepalive_timeout_header=77s", "server:keepalive_timeout_header=76s"),
	// What outlasts the server by its own words is graver than a hint without a margin.
	at("ORD-5", "undici > nginx@1.30.0", tuning.Warning, "server:keepalive_timeout_header=75s", "server:keepalive_timeout_header=74s", "undici:keepAliveTimeoutThreshold=0ms"),
	at("ORD-5", "undici > nginx@1.30.0", tuning.Error, "server:keepalive_timeout_header=76s", "server:keepalive_timeout_header=74s", "undici:keepAliveTimeoutThreshold=0ms"),
	at("MID-2", "go-client > firewall > nginx@1.30.0", tuning.Error, "firewall:idle_timeout=90160ms", "firewall:idle_timeout=90161ms", "nginx:keepalive_timeout=1h", "nginx:tcp_keepalive=off", "go-client:tcp_keepalive=off"),
	at("MID-1", "ssh > firewall > sshd", tuning.Error, "ssh:ServerAliveInterval=60s", "ssh:ServerAliveInterval=30s", "firewall:idle_timeout=60s"),
	// The client has let go after 90.11 s at the latest.
	at("MID-1", "go-client > firewall > nginx@1.30.0", tuning.Error, "firewall:idle_timeout=90110ms", "firewall:idle_timeout=90111ms", "nginx:keepalive_timeout=1h", "nginx:tcp_keepalive=off", "go-client:tcp_keepidle=2m"),
	at("MID-2", "python-requests > firewall > nginx@1.30.0", tuning.Error, "firewall:idle_timeout=74s", "firewall:idle_timeout=76s"),
	at("CAP-1", "chrome > apache@2.4.66", tuning.Warning, "leg1:arrivals=26", "leg1:arrivals=25", "apache:prefork=on", "apache:MaxRequestWorkers=256"),
	at("CAP-1", "chrome > apache@2.4.66", tuning.Error, "leg1:arrivals=52", "leg1:arrivals=25", "apache:prefork=on", "apache:MaxRequestWorkers=256"),
	at("CAP-1", "chrome > apache@2.4.66", tuning.Warning, "leg1:connections=129", "leg1:connections=128", "apache:prefork=on", "apache:MaxRequestWorkers=256"),
	at("CAP-1", "chrome > apache@2.4.66", tuning.Warning, "leg1:connections=256", "leg1:connections=128", "apache:prefork=on", "apache:MaxRequestWorkers=256"),
	at("CAP-1", "chrome > apache@2.4.66", tuning.Error, "leg1:connections=257", "leg1:connections=128", "apache:prefork=on", "apache:MaxRequestWorkers=256"),
	at("EFF-9", "chrome > node@20.20.2", tuning.Warning, "node:keepAliveTimeout=999ms", "node:keepAliveTimeout=1000ms"),
	at("EFF-5", "chrome > nginx@1.29.6 > node@20.20.2", tuning.Warning, "nginx:proxy_http_version=off", "nginx:proxy_http_version=on", "nginx:nginx.upstream.keepalive=16").
		assumes("chrome > nginx@1.22.1 > node@20.20.2", tuning.Info, "nginx:nginx.upstream.keepalive=16"),
	at("EFF-9", "chrome > nginx@1.30.0", tuning.Warning, "server:keepalive_timeout=5000", "server:keepalive_timeout=4000"),
	at("EFF-10", "ie@11 > apache@2.4.66", tuning.Info, "client:KeepAliveTimeout=121s", "client:KeepAliveTimeout=120s", "server:KeepAliveTimeout=300s"),
	at("EFF-10", "ie@11 > apache@2.4.66", tuning.Info, "client:KeepAliveTimeout=180s", "client:KeepAliveTimeout=60s", "server:KeepAliveTimeout=300s"),
	at("KA-10", "ie@11/windows@10 > apache@2.4.66", tuning.Info, "client:tcp_keepalive=on", "client:tcp_keepalive=off"),
	at("KA-7", "mqtt-js > mosquitto", tuning.Warning, "leg1:outage=27s", "leg1:outage=26s"),
	at("KA-14", "putty/windows@7 > sshd", tuning.Warning, "putty:PingIntervalSecs=30", "putty:PingIntervalSecs=off", "leg1:outage=60s"),
	at("EFF-13", "ie@11 > apache@2.4.66", tuning.Warning, "client:KeepAliveTimeout=59999ms", "client:KeepAliveTimeout=60s"),
	at("EFF-13", "ie@11 > firewall > apache@2.4.66", tuning.Warning, "firewall:idle_timeout=61s", "firewall:idle_timeout=60s", "client:KeepAliveTimeout=30s"),
	at("KA-1", "chrome > nginx@1.30.0", tuning.Error, "nginx:tcp_keepalive_time=600", "nginx:tcp_keepalive=on").
		assumes("ie@11/windows@10 > apache@2.4.66", tuning.Warning, "client:KeepAliveTime=10m"),
	at("KA-7", "putty/windows@7 > sshd", tuning.Warning, "leg1:outage=60s", "leg1:outage=1s"),
	at("KA-8", "grpc-js > grpc-server", tuning.Info, "grpc-js:keepalive_time_ms=59s", "grpc-js:keepalive_time_ms=60s", "grpc-server:permitKeepaliveTime=10s"),
	at("KA-11", "grpc-js > grpc-server", tuning.Error, "client:keepalive_time_ms=299s", "client:keepalive_time_ms=300s"),
	at("KA-11", "grpc-client > grpc-server", tuning.Error, "client:keepaliveTime=299s", "client:keepaliveTime=300s"),
	at("KA-15", "ie@11/windows@10 > apache@2.4.66", tuning.Warning, "client:KeepAliveTime=9999ms", "client:KeepAliveTime=10s"),
	at("KA-16", "chrome > nginx@1.30.0", tuning.Warning, "server:tcp_keepalive_probes=0", "server:tcp_keepalive_probes=1", "server:tcp_keepalive=on"),
	at("KA-17", "node@24.21 > nginx@1.30.0", tuning.Warning, "client:tcp_keepidle=999ms", "client:tcp_keepidle=1s"),
}

// A session is no pool: that the server ends it is not what ORD-4 is about.
func TestASessionIsNoPool(t *testing.T) {
	r := reported(t, model.Embedded(), "redis-cli > redis", []string{"redis:timeout=60s"})
	if f := fired(r, "ORD-4"); f != nil || !r.Legs[0].Limit.Session {
		t.Errorf("%+v", f)
	}
}

package tuning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// limits are the products whose timers do not simply end a connection, each
// with the numbers of its makers or of a measurement (the catalog names both).
var limits = []struct {
	what, path string
	sets       []string
	leg        int
	idle       time.Duration
	by         model.ParamID
}{
	// HAProxy: http-keep-alive, else http-request, else client; from 2.2 to 2.8
	// timeout client counts beside them (commit 2c9c2f9d; 2.6.12 measured 6.0 s).
	{"the first of the chain", "chrome > haproxy@3.2", []string{"haproxy:timeout http-keep-alive=4s", "haproxy:timeout http-request=3s", "haproxy:timeout client=9s"}, 0, 4 * time.Second, "haproxy.timeout http-keep-alive"},
	{"the second, measured 3.0 s", "chrome > haproxy@2.6.12", []string{"haproxy:timeout http-request=3s"}, 0, 3 * time.Second, "haproxy.timeout http-keep-alive"},
	{"the third, measured 9.0 s", "chrome > haproxy@2.6.12", []string{"haproxy:timeout client=9s"}, 0, 9 * time.Second, "haproxy.timeout http-keep-alive"},
	{"0 is as unset", "chrome > haproxy@3.2", []string{"haproxy:timeout http-keep-alive=0", "haproxy:timeout http-request=3s"}, 0, 3 * time.Second, "haproxy.timeout http-keep-alive"},
	{"no minimum in 2.1", "chrome > haproxy@2.1", []string{"haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=6s"}, 0, 20 * time.Second, "haproxy.timeout http-keep-alive"},
	{"the minimum in 2.2", "chrome > haproxy@2.2", []string{"haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=6s"}, 0, 6 * time.Second, "haproxy.timeout client"},
	{"the minimum in 2.8", "chrome > haproxy@2.8", []string{"haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=6s"}, 0, 6 * time.Second, "haproxy.timeout client"},
	{"no minimum in 2.9", "chrome > haproxy@2.9", []string{"haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=6s"}, 0, 20 * time.Second, "haproxy.timeout http-keep-alive"},

	// Go: IdleTimeout, else ReadTimeout (measured 4.0 s), else none;
	// ReadHeaderTimeout is no fallback (measured: open after 420 s).
	{"Go has no limit", "chrome > go-server", nil, 0, 300 * time.Second, "chrome.used_idle_socket_timeout"},
	{"Go falls back to ReadTimeout", "chrome > go-server", []string{"server:ReadTimeout=4s"}, 0, 4 * time.Second, "go-server.IdleTimeout"},
	{"Go's own goes before", "chrome > go-server", []string{"server:ReadTimeout=4s", "server:IdleTimeout=9s"}, 0, 9 * time.Second, "go-server.IdleTimeout"},
	{"ReadHeaderTimeout does not stand in", "chrome > go-server", []string{"server:ReadHeaderTimeout=4s"}, 0, 300 * time.Second, "chrome.used_idle_socket_timeout"},

	// Tomcat: keepAliveTimeout, else connectionTimeout: 20 s in the server.xml
	// that is shipped (measured 20.02 s), 60 s where there is none.
	{"Tomcat's server.xml", "chrome > tomcat", nil, 0, 20 * time.Second, "tomcat.keepAliveTimeout"},
	{"Tomcat falls back", "chrome > tomcat", []string{"server:connectionTimeout=7500"}, 0, 7500 * time.Millisecond, "tomcat.keepAliveTimeout"},
	{"Tomcat's own goes before", "chrome > tomcat", []string{"server:connectionTimeout=20s", "server:keepAliveTimeout=65s"}, 0, 65 * time.Second, "tomcat.keepAliveTimeout"},
	{"Tomcat's 0 is no limit", "chrome > tomcat", []string{"server:keepAliveTimeout=0"}, 0, 300 * time.Second, "chrome.used_idle_socket_timeout"},
	{"Spring Boot has no server.xml", "chrome > spring-boot", nil, 0, 60 * time.Second, "spring-boot.server.tomcat.keep-alive-timeout"},

	// nginx keeps connections to its servers by default from 1.29.7 on
	// (CHANGES); before with keepalive, proxy_http_version and Connection.
	{"nginx 1.29.6 keeps none", "chrome > nginx@1.29.6 > kestrel", nil, 1, 0, "nginx.upstream.keepalive"},
	{"nginx 1.29.7 does, for 60 s", "chrome > nginx@1.29.7 > kestrel", nil, 1, time.Minute, "nginx.upstream.keepalive_timeout"},
	{"nginx 1.22.1 does when asked, measured 60.06 s", "chrome > nginx@1.22.1 > kestrel", []string{"nginx:nginx.upstream.keepalive=16"}, 1, time.Minute, "nginx.upstream.keepalive_timeout"},
	{"but not over HTTP/1.0", "chrome > nginx@1.22.1 > kestrel", []string{"nginx:nginx.upstream.keepalive=16", "nginx:proxy_http_version=off"}, 1, 0, "nginx.upstream.proxy_http_version 1.1"},
	{"nor with keepalive 0", "chrome > nginx@1.29.7 > kestrel", []string{"nginx:nginx.upstream.keepalive=0"}, 1, 0, "nginx.upstream.keepalive"},

	// WinINet has two limiters, 60 s and 120 s (KB813827): the smaller governs.
	{"WinINet's first", "ie > kestrel", nil, 0, time.Minute, "ie.KeepAliveTimeout"},
	{"WinINet's second", "ie > kestrel", []string{"ie:KeepAliveTimeout=180s"}, 0, 2 * time.Minute, "ie.ServerInfoTimeout"},

	// The global agent of Node has 5 s; one without timeout keeps connections
	// for ever and does not look at the hint (measured on 20.20.2 and 24.21).
	{"the global agent", "node > kestrel", nil, 0, 5 * time.Second, "node.upstream.timeout"},
	{"a hint shortens it, less a second", "node > apache", []string{"server:KeepAliveTimeout=3s"}, 0, 2 * time.Second, "apache.KeepAliveTimeout"},
	{"an agent without timeout", "node > apache", []string{"node:node.upstream.timeout=never"}, 0, 5 * time.Second, "apache.KeepAliveTimeout"},
	{"18 keeps nothing", "node@18.20.8 > apache", nil, 0, 0, "node.upstream.keepAlive"},

	// The margin that comes off a hint, and the longest hint, are settings.
	{"undici's 2 s", "undici > apache", []string{"server:KeepAliveTimeout=20s"}, 0, 18 * time.Second, "apache.KeepAliveTimeout"},
	{"undici's margin as set", "undici > apache", []string{"server:KeepAliveTimeout=20s", "client:keepAliveTimeoutThreshold=5s"}, 0, 15 * time.Second, "apache.KeepAliveTimeout"},
	{"undici's longest as set", "undici > apache", []string{"server:KeepAliveTimeout=300s", "client:keepAliveMaxTimeout=100s"}, 0, 100 * time.Second, "apache.KeepAliveTimeout"},
	{"Node's margin as set", "node@24.7 > apache", []string{"server:KeepAliveTimeout=4s", "client:agentKeepAliveTimeoutBuffer=2500"}, 0, 1500 * time.Millisecond, "apache.KeepAliveTimeout"},
	{"a margin that older versions do not have", "node@24.0 > apache", []string{"server:KeepAliveTimeout=4s"}, 0, 3 * time.Second, "apache.KeepAliveTimeout"},

	// One attribute of the load balancer holds on both sides (AWS, attributes).
	{"set towards targets", "chrome > aws-alb > kestrel", []string{"aws-alb:aws-alb.upstream.idle_timeout.timeout_seconds=90s"}, 0, 90 * time.Second, "aws-alb.idle_timeout.timeout_seconds"},
	{"set towards clients", "chrome > aws-alb > kestrel", []string{"aws-alb:aws-alb.idle_timeout.timeout_seconds=90s"}, 1, 90 * time.Second, "aws-alb.upstream.idle_timeout.timeout_seconds"},

	// A pool that evicts at reuse, and one that has a timer, stop reusing alike.
	{"curl's 118 s", "curl > kestrel", nil, 0, 118 * time.Second, "curl.CURLOPT_MAXAGE_CONN"},
	{"Ruby's 2 s", "ruby-net-http > kestrel", nil, 0, 2 * time.Second, "ruby-net-http.keep_alive_timeout"},
	{"requests has none", "python-requests > kestrel", nil, 0, 131 * time.Second, "kestrel.Limits.KeepAliveTimeout"},
	{"HttpClient 4 has none", "apache-httpclient-4 > kestrel", nil, 0, 131 * time.Second, "kestrel.Limits.KeepAliveTimeout"},
	{"HttpClient 5 has 3 min", "apache-httpclient-5 > go-server", nil, 0, 3 * time.Minute, "apache-httpclient-5.connectionKeepAlive"},
	{"OkHttp has 5 min", "okhttp > go-server", nil, 0, 5 * time.Minute, "okhttp.keepAliveDuration"},

	// One second and more after what is set: measured, or read in the source.
	{"Kestrel adds a heartbeat", "chrome > kestrel@6.0", nil, 0, 131 * time.Second, "kestrel.Limits.KeepAliveTimeout"},
	{"Kestrel before .NET 6", "chrome > kestrel@5.0", nil, 0, 121 * time.Second, "kestrel.Limits.KeepAliveTimeout"},
	{"Puma 6", "chrome > puma@6.6.1", nil, 0, 20 * time.Second, "puma.persistent_timeout"},
	{"Puma 7", "chrome > puma@7.0.0", nil, 0, 65 * time.Second, "puma.persistent_timeout"},
}

func TestTimersThatAreNotSimple(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 0)
	for _, tt := range limits {
		t.Run(tt.what, func(t *testing.T) {
			r, err := tuning.Analyze(document(t, c, tt.path, tt.sets...), env)
			if err != nil {
				t.Fatal(err)
			}
			if l := r.Legs[tt.leg].Limit; l.Idle != tt.idle || l.Limiter.Ref.Param != tt.by {
				t.Errorf("%s %q: %v by %s, want %v by %s\n%q", tt.path, tt.sets, l.Idle, l.Limiter.Ref.Param, tt.idle, tt.by, l.Because)
			}
		})
	}
}

// A setting that carries another along: curl --keepalive-time sets idle and
// interval, so does Go's KeepAlive before 1.23, and Redis probes every third of
// tcp-keepalive (src/anet.c).
func TestASettingCarriesAnotherAlong(t *testing.T) {
	for _, tt := range []struct {
		path string
		sets []string
		want time.Duration // until a dead peer is noticed
	}{
		{"curl@8.21.0 > apache", nil, 600 * time.Second},                                                         // 60 + 9 x 60
		{"curl@8.21.0 > apache", []string{"client:tcp_keepidle=30"}, 300 * time.Second},                          // 30 + 9 x 30
		{"curl@8.21.0 > apache", []string{"client:tcp_keepidle=30", "client:tcp_keepintvl=10"}, 2 * time.Minute}, // libcurl has both
		{"go-client@1.22 > apache", []string{"client:tcp_keepidle=20"}, 200 * time.Second},                       // Linux's 9
		{"go-client@1.23 > apache", []string{"client:tcp_keepidle=20"}, 155 * time.Second},                       // 20 + 9 x 15
		{"chrome > go-server@1.22", []string{"server:tcp_keepidle=20"}, 200 * time.Second},
	} {
		d := legOf(t, tt.path, tt.sets...).Detection.Client
		if strings.Contains(tt.path, "go-server") {
			d = legOf(t, tt.path, tt.sets...).Detection.Server
		}
		if d.Idle.After != tt.want {
			t.Errorf("%s %q: %v, want %v", tt.path, tt.sets, d.Idle.After, tt.want)
		}
	}
	// idle 60 s and three probes 20 s apart; 1 s for 2 s, never nothing
	redis, err := model.Embedded().System("redis")
	if err != nil {
		t.Fatal(err)
	}
	every := redis.Param("redis.tcp_keepintvl")
	f, _ := model.At(redis.Order, every.Follows, "7.2")
	for in, want := range map[time.Duration]time.Duration{time.Minute: 20 * time.Second, 2 * time.Second: time.Second, 100 * time.Second: 33 * time.Second} {
		if got := f.Value(every, model.For(in)); got != model.For(want) || f.Of != "redis.tcp_keepidle" {
			t.Errorf("tcp-keepalive %v: the interval is %s after %s, want %v", in, got, f.Of, want)
		}
	}
}

// A greatest age stands beside the idle limit; some end at once.
func TestAgesBesideTheIdleLimit(t *testing.T) {
	for _, tt := range []struct {
		path  string
		sets  []string
		idle  time.Duration
		after time.Duration
		ends  string
		of    model.ParamID
	}{
		{"chrome > aws-alb", nil, time.Minute, time.Hour, "next-request", "aws-alb.client_keep_alive.seconds"},
		{"chrome > nginx@1.30.0", nil, 75 * time.Second, time.Hour, "next-request", "nginx.keepalive_time"},
		{"curl@8.17.0 > kestrel", nil, 118 * time.Second, 24 * time.Hour, "before-reuse", "curl.CURLOPT_MAXLIFETIME_CONN"},
		{"chrome > envoy", []string{"server:max_connection_duration=10m"}, 300 * time.Second, 10 * time.Minute, "at-once", "envoy.common_http_protocol_options.max_connection_duration"},
		{"chrome > squid", nil, 119 * time.Second, 24 * time.Hour, "at-once", "squid.client_lifetime"},
		{"chrome > squid", []string{"server:pconn_lifetime=30m"}, 119 * time.Second, 30 * time.Minute, "at-once", "squid.pconn_lifetime"},
	} {
		l := legOf(t, tt.path, tt.sets...).Limit
		if l.Idle != tt.idle || l.Age == nil || l.Age.After != tt.after || l.Age.Ends != tt.ends || l.Age.Ref.Param != tt.of {
			t.Errorf("%s: %v, age %+v; want %v, %v %s by %s", tt.path, l.Idle, l.Age, tt.idle, tt.after, tt.ends, tt.of)
		}
	}
}

// What a pool only looks at when it wants to use a connection ends none: not a
// dead one, and none of those that are held.
func TestAPoolThatEvictsAtReuseHoldsOn(t *testing.T) {
	for path, by := range map[string]string{
		"curl > go-server":                "TCP probes", // 118 s, but nothing runs meanwhile
		"apache-httpclient-5 > go-server": "TCP probes", // 3 min likewise; probes from 5.6 on
		"ruby-net-http > go-server":       "",
		"httpx > go-server":               "",
		"okhttp > go-server":              "idle timer", // a thread of its own evicts
		"undici > go-server":              "idle timer", // 4 s, before any probe
		"go-client > go-server":           "idle timer",
	} {
		if e := legOf(t, path).Ends.Client.Idle; e.By != by {
			t.Errorf("%s: a dead connection ends by %q after %v, want %q", path, e.By, e.High, by)
		}
	}
	held := legOf(t, "ruby-net-http > nginx", "leg1:arrivals=10").Load.IdleConnections
	if held == nil || *held != 750 { // nginx's 75 s, not Ruby's 2 s
		t.Errorf("%v connections are held, want 750", held)
	}
	if held := legOf(t, "okhttp > go-server", "leg1:arrivals=10").Load.IdleConnections; held == nil || *held != 3000 {
		t.Errorf("%v connections are held, want 3000", held)
	}
}

// Servers that may close before their time, and say so on the screen.
func TestEarlyClosersSaySo(t *testing.T) {
	c := model.Embedded()
	for id, words := range map[model.SystemID]string{
		"puma": "ten requests when all threads are busy", "apache": "every worker is busy", "nginx": "1/16 of worker_connections",
		"hypercorn": "0.13.2", "jetty": "one second under pressure", "squid": "file descriptors run short",
		"envoy": "Overload management", "gcp-alb": "closes earlier to spread load", "gunicorn": "beyond worker_connections",
	} {
		s, err := c.System(id)
		if err != nil {
			t.Fatal(err)
		}
		said := slices.ContainsFunc(s.Surprise, func(text string) bool { return strings.Contains(text, words) })
		if !said {
			t.Errorf("%s does not say %q among its surprises", id, words)
		}
	}
}

// Probes whose times are not known are not computed with those of the host.
func TestUnknownProbesAreNotComputed(t *testing.T) {
	leg := legOf(t, "cloudflare > nginx")
	if d := leg.Detection.Client.Idle; d.Known || d.After != model.Never {
		t.Errorf("Cloudflare does not say when its probes begin, yet %+v", d)
	}
	if d := legOf(t, "cloudflare > nginx", "client:tcp_keepidle=60", "client:tcp_keepcnt=3").Detection.Client.Idle; !d.Known || d.After != 150*time.Second {
		t.Errorf("60 + 3 x 30 s: %+v", d)
	}
}

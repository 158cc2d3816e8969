package tuning_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// paramNames are what settings are called in the catalog, in a line.
func paramNames(refs []tuning.ParamRef) string {
	var all []string
	for _, r := range refs {
		all = append(all, string(r.Param))
	}
	return strings.Join(all, " ")
}

// Which timer is the limit, what is as short, and what a margin rests on. nginx takes up to
// a thousandth and 10 ms longer than it says.
func TestWhichTimerIsTheLimit(t *testing.T) {
	const own = "nginx:nginx.upstream.keepalive_timeout="
	for _, x := range []struct {
		path     string
		set      []string
		limit    string // time, setting, who closes first, verdict
		also     string
		assuming string
	}{
		{"nginx@1.30.0 > nginx@1.30.0", nil, "1m0s nginx.upstream.keepalive_timeout client ok", "", ""},
		{"nginx@1.30.0 > nginx@1.30.0", []string{own + "75s"}, "1m15s nginx.upstream.keepalive_timeout server race", "nginx.keepalive_timeout", ""},
		{"nginx@1.30.0 > nginx@1.30.0", []string{own + "76s"}, "1m15s nginx.keepalive_timeout server race", "", ""},
		// a margin of more than a second doesn't rest on an assumed window
		{"nginx@1.30.0 > nginx@1.30.0", []string{own + "73s"}, "1m13s nginx.upstream.keepalive_timeout client ok", "", ""},
		{"nginx@1.30.0 > nginx@1.30.0", []string{own + "74s"}, "1m14s nginx.upstream.keepalive_timeout client ok", "", "window"},
		{"nginx@1.30.0 > nginx@1.30.0", []string{own + "74s", "leg1:window=50ms"}, "1m14s nginx.upstream.keepalive_timeout client ok", "", ""},
		{"node@24.6 > apache", []string{"apache:KeepAliveTimeout=4s", "node:keepAlive=on"}, "3s apache.KeepAliveTimeout client ok", "", "window"}, // a second to the nanosecond
		{"okhttp > apache", []string{"okhttp:keepAliveDuration=5s", "leg1:window=50ms"}, "5s okhttp.keepAliveDuration server retried", "apache.KeepAliveTimeout", ""},
		{"okhttp > apache", []string{"okhttp:keepAliveDuration=5s"}, "5s okhttp.keepAliveDuration server retried", "apache.KeepAliveTimeout", ""}, // any window would do
		{"chrome > haproxy@2.6.12", []string{"haproxy:timeout client=6s", "haproxy:timeout http-keep-alive=6s"}, "6s haproxy.timeout http-keep-alive server retried", "haproxy.timeout client", ""},
	} {
		l := legOf(t, x.path, x.set...).Limit
		if got := fmt.Sprint(l.Idle, " ", l.Limiter.Ref.Param, " ", l.First, " ", l.Verdict); got != x.limit || paramNames(l.Also) != x.also || paramNames(l.Assuming) != x.assuming {
			t.Errorf("%s %v: %s, also %q, assuming %q; want %s, %q, %q", x.path, x.set, got, paramNames(l.Also), paramNames(l.Assuming), x.limit, x.also, x.assuming)
		}
	}
}

// Where nothing is used again the client's own close leaves the server's timers in force; the
// server's does not.
func TestWhoClosesEachTime(t *testing.T) {
	for _, x := range []struct{ path, set, want string }{
		{"ie@11 > apache", "apache:KeepAlive=off", "server: apache.KeepAlive"},
		{"node@18.1 > apache", "node:keepAlive=off", "client: node.upstream.keepAlive apache.KeepAliveTimeout"},
	} {
		l := legOf(t, x.path, x.set).Limit
		var all []tuning.ParamRef
		for _, y := range l.All {
			all = append(all, y.Ref)
		}
		if got := string(l.First) + ": " + paramNames(all); got != x.want || l.By != l.First || l.Reused || l.HasMargin {
			t.Errorf("%s %s: %s", x.path, x.set, got)
		}
	}
}

// The smaller of two counts and of two ages, the client's where they are the same.
func TestTheSmallerOfTwo(t *testing.T) {
	const path = "nginx@1.30.0 > nginx@1.30.0"
	for _, x := range []struct {
		client, server int
		want           string
	}{{100, 100, "100 nginx.upstream.keepalive_requests false"}, {101, 100, "100 nginx.keepalive_requests true"}, {99, 100, "99 nginx.upstream.keepalive_requests false"}} {
		r := legOf(t, path, fmt.Sprint("nginx:nginx.upstream.keepalive_requests=", x.client), fmt.Sprint("nginx-2:nginx.keepalive_requests=", x.server)).Limit.Requests
		if got := fmt.Sprint(r.Count, " ", r.Ref.Param, " ", r.LastSaysClose); got != x.want {
			t.Errorf("%d and %d requests: %s", x.client, x.server, got)
		}
		a := legOf(t, path, fmt.Sprintf("nginx:nginx.upstream.keepalive_time=%dm", x.client), fmt.Sprintf("nginx-2:nginx.keepalive_time=%dm", x.server)).Limit.Age
		if a.After != time.Duration(min(x.client, x.server))*time.Minute || a.Ref.Endpoint == "nginx-2" != (x.server < x.client) || a.Ends != "next-request" {
			t.Errorf("%d and %d minutes: %+v", x.client, x.server, a)
		}
	}
	if a := legOf(t, "curl > apache", "curl:CURLOPT_MAXLIFETIME_CONN=3s").Limit.Age; a.Ends != "before-reuse" {
		t.Errorf("curl looks at the age before it uses a connection again: %+v", a)
	}
}

// What is said of a limit: why it is one, and what is known of the hint.
func TestWhyItIsTheLimit(t *testing.T) {
	for _, x := range []struct {
		path      string
		set       []string
		says, not string
	}{
		{"curl > apache", []string{"curl:CURLOPT_MAXLIFETIME_CONN=3s"}, "cured by curl CURLOPT_MAXLIFETIME_CONN: curl retires a connection before apache closes it", ""},
		{"curl > apache", []string{"curl:CURLOPT_MAXAGE_CONN=3s"}, "apache closes after 5 s at the earliest", "cured by"},
		{"chrome > akamai", nil, "whether akamai advertises its timeout is not known, it is computed as not", "ignores it"},
		{"nginx@1.30.0 > akamai", nil, "nginx: keepalive_timeout 60 s (default)", "advertises"}, // nginx reads none in any case
		{"nginx@1.30.0 > node@22.10", nil, "node advertises Keep-Alive: timeout=5; nginx ignores it", ""},
		{"chrome > node@22.10", nil, "node advertises Keep-Alive: timeout=5; whether chrome reads it is not known, it is computed as ignored", ""},
		{"node@24.6 > apache", []string{"node:keepAlive=on"}, "apache advertises Keep-Alive: timeout=5; node keeps the connection for 4 s because of it", "does not reuse"},
		{"node > nginx", []string{"node:keepAlive=on", "nginx:keepalive_timeout_header=1"}, "nginx advertises Keep-Alive: timeout=1; less 1 s that is nothing, so node does not reuse the connection", "because of it"},
		{"node > nginx", []string{"node:keepAlive=on", "nginx:keepalive_timeout_header=2"}, "nginx advertises Keep-Alive: timeout=2; node keeps the connection for 1 s because of it", "nothing"},
		{"libpq > pgbouncer", []string{"pgbouncer:client_idle_timeout=60s", "pgbouncer:pool_mode transaction=off"}, "which ends nothing without pool_mode transaction", ""},
		{"nginx@1.30.0 > firewall > node@22.10", []string{"firewall:idle_timeout=3s"}, "the next request of nginx goes into nothing, until it is given up", "repeats"},
		{"nginx@1.30.0 > node@22.10", nil, "nginx repeats what meets the close, but not POST, LOCK and PATCH: those fail", "goes into nothing"},
		{"curl > apache", nil, "a close costs a round trip, no request: curl repeats every request that meets it", "goes into nothing"},
		{"ie@11 > nginx@1.30.0", []string{"nginx:tcp_keepalive_probes=0", "nginx:tcp_keepalive=on"}, "nginx: tcp_keepalive_probes 0 (typed): the kernel aborts an idle connection after 2 h, without a probe", ""},
	} {
		because := strings.Join(legOf(t, x.path, x.set...).Limit.Because, "\n")
		if !strings.Contains(because, x.says) || x.not != "" && strings.Contains(because, x.not) {
			t.Errorf("%s %v: wants %q and not %q:\n%s", x.path, x.set, x.says, x.not, because)
		}
	}
}

// What a server tells a client that asks, and whom it tells it.
func TestWhomAHintReaches(t *testing.T) {
	for _, x := range []struct {
		path string
		span time.Duration
		ok   bool
	}{
		{"chrome > node@22.10", 5 * time.Second, true},
		{"chrome > apache", 5 * time.Second, true},
		{"curl > apache", 0, false}, // it does not ask
		{"curl > node@22.10", 5 * time.Second, true},
		{"chrome > akamai", 500 * time.Second, false},
		{"chrome > lighttpd", 0, false},
	} {
		l := legOf(t, x.path)
		if span, ok := tuning.HintOf(&l.Client, &l.Server); ok != x.ok || ok && span != x.span {
			t.Errorf("%s: %s %v", x.path, span, ok)
		}
	}
	// Whether a CDN asks is not known, so what Apache would tell it is an assumption.
	l := legOf(t, "cloudflare > apache")
	told := slices.Contains(l.Limit.Assuming, tuning.ParamRef{Endpoint: "cloudflare", Param: "cloudflare.hint"})
	if asks := l.Client.Face.Asks == model.AnswerYes; asks || !told {
		t.Errorf("cloudflare: assuming %v", l.Limit.Assuming)
	}
}

// What holds open a session that something would end otherwise is named once each, and only where it does.
func TestWhatHoldsItOpen(t *testing.T) {
	for _, x := range []struct {
		path string
		set  []string
		want string
	}{
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "ssh:ServerAliveInterval=15"}, "held open by ssh ServerAliveInterval"},
		{"ssh > firewall > aws-nlb > sshd", []string{"firewall:idle_timeout=60s", "ssh:ServerAliveInterval=15"}, "held open by ssh ServerAliveInterval"},
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s"}, ""},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=15"}, ""}, // nothing would end it
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "ssh:ServerAliveInterval=15", "sshd:ChannelTimeout=60s"}, ""},
		{"nginx@1.30.0 > aws-nlb > fastly", []string{"nginx:proxy_socket_keepalive=on", "nginx:tcp_keepidle=60", "nginx:tcp_keepintvl=60"}, ""}, // not known
		{"ssh > aws-nlb > sshd", []string{"ssh:tcp_keepalive_time=60", "ssh:tcp_keepalive_intvl=60"}, "held open by ssh tcp_keepalive_time"},
	} {
		l := legOf(t, x.path, x.set...).Limit
		endless := "neither side ever closes an idle connection"
		if x.want != "" {
			endless += "; it is " + x.want
		}
		if l.HeldBy() != x.want || l.Endless() != endless {
			t.Errorf("%s %v: %q, %q", x.path, x.set, l.HeldBy(), l.Endless())
		}
	}
}

// A heartbeat in a line: what it is, and what ends the connection.
func TestAHeartbeatInWords(t *testing.T) {
	for _, x := range []struct {
		path string
		set  string
		text string
		low  time.Duration // without an answer
	}{
		{"ssh > sshd", "ssh:ServerAliveInterval=15", "ssh: ServerAliveInterval 15 s (typed), 3 without an answer", 45 * time.Second},
		{"ssh > sshd", "ssh:ServerAliveCountMax=0", "", 0},
		{"go-client > go-server", "client:ReadIdleTimeout=20s", "go-client: HTTP2.SendPingTimeout 20 s (typed), then HTTP2.PingTimeout 15 s (default), only where HTTP/2 is spoken", 35 * time.Second},
		{"putty > sshd", "putty:PingIntervalSecs=30", "putty: PingIntervalSecs 30 s (typed)", model.Never},
		{"mqtt-js > mosquitto", "mqtt-js:keepalive=60", "mqtt-js: keepalive 60 s (typed), 1 without an answer", time.Minute},
	} {
		l := legOf(t, x.path, x.set)
		h := l.Client.Heartbeat()
		if h == nil {
			if x.text != "" {
				t.Errorf("%s %s: none", x.path, x.set)
			}
			continue
		}
		if h.Text != x.text || h.Unanswered().Low != x.low {
			t.Errorf("%s %s: %q, %s", x.path, x.set, h.Text, h.Unanswered().Low)
		}
	}
	l := legOf(t, "ssh > sshd", "ssh:ServerAliveInterval=24d", "ssh:ServerAliveCountMax=2147483647")
	if h := l.Client.Heartbeat(); h.Unanswered().Low != model.Never {
		t.Errorf("%d of them: %s", h.Count, h.Unanswered().Low)
	}
}

package tuning_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What ends the connection of a dead peer in each state, by which setting, at the latest, and
// whether an application timer that nobody knows may come first.
func TestWhatEndsADeadPeerInEachState(t *testing.T) {
	for _, x := range []struct {
		path, set, state, want string
	}{
		{"okhttp > envoy", "", "client waiting", "response timer okhttp.readTimeout 10s false"},
		{"okhttp > envoy", "", "client in flight", "send timer okhttp.writeTimeout 10s false"},
		{"okhttp > envoy", "", "server in flight", "send timer envoy.stream_idle_timeout 5m0s false"},
		{"okhttp > envoy", "", "server waiting", " envoy.tcp_keepalive never false"},
		// A server waits for the header first, a client for the answer.
		{"nginx@1.30.0 > node@22.10", "", "client waiting", "response timer nginx.upstream.proxy_read_timeout 1m0s false"},
		{"nginx@1.30.0 > node@22.10", "", "server waiting", "response timer node.headersTimeout 1m30s false"},
		{"nginx@1.30.0 > node@22.10", "", "server in flight", "retransmission linux.tcp_retries2 15m40s false"},
		{"nginx@1.30.0 > node@22.10", "", "server zero window", "window probes linux.tcp_retries2 32m15s false"},
		{"chrome > apache", "", "client in flight", "retransmission linux.tcp_retries2 15m40s true"},
		{"chrome > apache", "", "client waiting", "TCP probes chrome.tcp_keepalive 7m33s true"},
		{"chrome > apache", "", "server zero window", "send timer apache.Timeout 1m0s false"},
		{"go-client > go-server", "", "server waiting", "TCP probes go-server.tcp_keepalive 2m31s false"},
		// illumos has a time in the place of a count of retransmissions.
		{"curl/illumos > apache", "", "client in flight", "retransmission illumos._ip_abort_interval 5m42s true"},
		{"curl/illumos > apache", "", "client idle", "TCP probes curl.tcp_keepalive 10m0s false"},
		{"curl/windows@7 > apache", "", "client idle", "TCP probes curl.tcp_keepalive 11m0s false"},
		{"curl/windows@7 > apache", "", "client zero window", "  never true"},
		{"chrome > fastly", "", "server idle", " fastly.tcp_keepalive never true"},
		// One between them that ends TCP answers for the other, and ends both.
		{"curl > socat > apache", "socat:-T=never", "client idle", " curl.tcp_keepalive never false"},
		{"libpq > haproxy-tcp > postgresql", "haproxy-tcp:timeout tunnel=1h", "client idle", "idle timer haproxy-tcp.timeout tunnel 1h0m4s false"},
		{"libpq > haproxy-tcp > postgresql", "haproxy-tcp:timeout tunnel=1h", "server idle", "idle timer haproxy-tcp.timeout tunnel 1h0m4s false"},
	} {
		var set []string
		if x.set != "" {
			set = []string{x.set}
		}
		l := legOf(t, x.path, set...)
		side, state, _ := strings.Cut(x.state, " ")
		ends := l.Ends.Client
		if side == "server" {
			ends = l.Ends.Server
		}
		e := map[string]tuning.End{"idle": ends.Idle, "waiting": ends.Waiting, "in flight": ends.InFlight, "zero window": ends.ZeroWindow}[state]
		high := "never"
		if e.High != model.Never {
			high = e.High.Round(time.Second).String()
		}
		if got := fmt.Sprintf("%s %s %s %v", e.By, e.Ref.Param, high, e.TimerNotKnown); got != x.want && strings.TrimSpace(got) != strings.TrimSpace(x.want) {
			t.Errorf("%s %s, %s: %q, want %q", x.path, x.set, x.state, got, x.want)
		}
	}
}

// The timers of a box that ends TCP, the one that counts, and when the server's probes come by.
func TestTheTimersOfABox(t *testing.T) {
	const tcp = "haproxy-tcp:haproxy-tcp.timeout "
	for _, x := range []struct {
		path   string
		set    []string
		boxes  string // of each the timer that counts and the first probe from the server's side
		timers int    // of the first that can be set
	}{
		{"curl > firewall > apache", nil, "firewall.idle_timeout 2h0m0s", 1},
		{"curl > conntrack > apache", nil, "conntrack.nf_conntrack_tcp_timeout_established 2h0m0s", 1},
		{"libpq > haproxy-tcp > postgresql", []string{tcp + "client=30s", tcp + "server=30s"}, "haproxy-tcp.timeout client 2h0m0s", 3},
		{"libpq > haproxy-tcp > postgresql", []string{tcp + "client=31s", tcp + "server=30s"}, "haproxy-tcp.timeout server 2h0m0s", 3},
		{"libpq > haproxy-tcp > postgresql", []string{tcp + "client=30s", tcp + "server=31s"}, "haproxy-tcp.timeout client 2h0m0s", 3},
		{"libpq > haproxy-tcp > postgresql", []string{tcp + "client=30s", tcp + "server=20s", tcp + "tunnel=1h"}, "haproxy-tcp.timeout tunnel 2h0m0s", 3},
		// a box between others that end TCP sees only their probes
		{"libpq > haproxy-tcp > socat > haproxy-tcp > postgresql", nil, "haproxy-tcp.timeout client never, socat.-T never, haproxy-tcp.timeout client 2h0m0s", 3},
	} {
		l := legOf(t, x.path, x.set...)
		var all []string
		for _, b := range l.Boxes {
			probed := "never"
			if b.Probed != model.Never {
				probed = b.Probed.String()
			}
			all = append(all, string(b.Row.Param.ID)+" "+probed)
		}
		timers := 0
		for _, row := range l.Boxes[0].Rows {
			switch {
			case row.Param.Role == model.RoleMiddleboxTTL:
				timers++
			case row.Param.Toward == "":
				t.Errorf("%s: %s is no timer of it, nor of a socket", x.path, row.Param.ID)
			}
		}
		if got := strings.Join(all, ", "); got != x.boxes || timers != x.timers {
			t.Errorf("%s %v: %s, of %d timers", x.path, x.set, got, timers)
		}
	}
	// A probe each 60 s comes after up to 62.048 s at 250 Hz.
	for limit, held := range map[string]bool{"62048ms": false, "62049ms": true} {
		if b := legOf(t, "curl > firewall > apache", "firewall:idle_timeout="+limit).Boxes[0]; b.Refreshed != held {
			t.Errorf("%s: held open %v: %s", limit, b.Refreshed, b.Because)
		}
	}
}

// What a system's sockets do where nobody sets anything.
func TestTheSocketOfASystem(t *testing.T) {
	c := model.Embedded()
	for _, x := range []struct {
		host, want string // probes; tries; what a version changed
	}{
		{"linux@4.18", "2h0m0s 1m15s 9, 15 tries, unclamped true, 0 linear"},
		{"linux@4.19", "2h0m0s 1m15s 9, 15 tries, unclamped false, 0 linear"},
		{"linux@6.4", "2h0m0s 1m15s 9, 15 tries, unclamped false, 0 linear"},
		{"linux@6.5", "2h0m0s 1m15s 9, 15 tries, unclamped false, 4 linear"},
		{"windows@xp", "2h0m0s 1s 5, 5 tries, unclamped false, 4 linear"},
		{"windows@7", "2h0m0s 1s 10, 5 tries, unclamped false, 4 linear"},
		{"freebsd", "2h0m0s 1m15s 8, 12 tries, unclamped false, 4 linear"},
	} {
		p, err := model.ParsePath("curl/"+x.host+" > apache", c)
		if err != nil {
			t.Fatal(err)
		}
		s, v, err := p.Endpoints[0].HostOf(c)
		if err != nil {
			t.Fatal(err)
		}
		k := tuning.HostSocket(s, v)
		if got := fmt.Sprintf("%s %s %d, %d tries, unclamped %v, %d linear", k.Idle, k.Every, k.Count, k.Retries, k.Unclamped, k.SynLinear); got != x.want || k.UserTimeout != 0 {
			t.Errorf("%s: %s, want %s", x.host, got, x.want)
		}
		if l := legOf(t, "curl/"+x.host+" > apache"); l.Client.Kernel.Unclamped != k.Unclamped || l.Client.Kernel.Retries != k.Retries {
			t.Errorf("%s: curl's socket is %+v", x.host, l.Client.Kernel)
		}
	}
	s, err := c.System("illumos")
	if err != nil {
		t.Fatal(err)
	}
	if k := tuning.HostSocket(s, s.Assume); k.ProbeAbort != 8*time.Minute || k.DataAbort != 5*time.Minute || k.RTOMin != 400*time.Millisecond || k.RTOMax != time.Minute {
		t.Errorf("illumos: %+v", k)
	}
}

// One side by itself.
func TestASideAlone(t *testing.T) {
	env := tuning.NewEnv(model.Embedded(), 0)
	alone := func(id model.SystemID, face model.FaceKind) (tuning.Side, error) {
		return env.Alone(model.Endpoint{ID: model.EndpointID(id), System: id}, face)
	}
	for _, x := range []struct {
		face  model.FaceKind
		by    tuning.By
		limit time.Duration
		idle  time.Duration // of its probes
	}{{model.FaceClient, tuning.ByClient, 5 * time.Second, time.Second}, {model.FaceServer, tuning.ByServer, 6 * time.Second, 2 * time.Hour}} {
		s, err := alone("node", x.face)
		if err != nil {
			t.Fatal(err)
		}
		if l := s.Limiters(); len(l) != 1 || l[0].By != x.by || l[0].Low != x.limit || s.Kernel.Idle != x.idle {
			t.Errorf("node as a %s: %+v, probes after %s", x.face, l, s.Kernel.Idle)
		}
	}
	if _, err := alone("curl", model.FaceServer); err == nil || err.Error() != "curl cannot be a server" {
		t.Error(err)
	}
	if s, err := alone("firewall", model.FaceHost); err != nil || s.Row("firewall.idle_timeout") == nil {
		t.Errorf("a firewall alone: %+v, %v", s.Rows, err)
	}
}

// A time that was measured stands in the place of the catalog's spread, as far as it was.
func TestAMeasuredTimeIsInForce(t *testing.T) {
	c := model.Embedded()
	const ms = time.Millisecond
	for _, x := range []struct {
		low, high time.Duration // measured
		is, most  time.Duration
		text      string
	}{
		{5100 * ms, 5300 * ms, 5100 * ms, 5300 * ms, "apache: KeepAliveTimeout 5 s (measured 5.1 s to 5.3 s)"},
		{0, 0, 5000 * ms, 5025 * ms, "apache: KeepAliveTimeout 5 s (measured 5 s to 5.025 s)"},
	} {
		d, err := document(t, c, "ie@11 > apache").With(model.Set{Endpoint: "apache", Param: "apache.KeepAliveTimeout", Setting: model.Setting{
			Value: model.For(5 * time.Second), Origin: model.Origin{Kind: model.FromMeasured}, Low: x.low, High: x.high,
		}}, c)
		if err != nil {
			t.Fatal(err)
		}
		if l := analyzed(t, d).Legs[0].Limit.Limiter; l.Low != x.is || l.High != x.most || l.Text != x.text {
			t.Errorf("measured %s to %s: %s to %s, %q", x.low, x.high, l.Low, l.High, l.Text)
		}
	}
}

// What a setting is called where it stands: what the host says is in force by its own name.
func TestWhatASettingIsCalled(t *testing.T) {
	for _, x := range []struct{ path, at, want string }{
		{"curl > firewall > apache", "firewall firewall.idle_timeout", "idle_timeout"},
		{"ssh > sshd", "ssh ssh.tcp_keepidle", "tcp_keepalive_time"},
		{"ssh > sshd", "ssh ssh.ServerAliveInterval", "ServerAliveInterval"},
		{"curl > apache", "curl curl.tcp_keepidle", "keepalive-time"},
	} {
		l := legOf(t, x.path)
		endpoint, param, _ := strings.Cut(x.at, " ")
		if got := l.Name(tuning.ParamRef{Endpoint: model.EndpointID(endpoint), Param: model.ParamID(param)}); got != x.want {
			t.Errorf("%s: %s is called %q, want %q", x.path, x.at, got, x.want)
		}
	}
}

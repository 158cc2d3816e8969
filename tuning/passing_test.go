package tuning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// Of the timers of a proxy that passes bytes on, the shortest counts, and one
// takes the place of the others; it answers for TCP at both ends.
func TestPassingBytesOn(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	for _, tt := range []struct {
		sets    []string
		by      model.ParamID
		idle    time.Duration
		verdict tuning.Verdict
	}{
		{[]string{"haproxy-tcp:timeout client=30s", "haproxy-tcp:timeout server=40s"}, "haproxy-tcp.timeout client", 30 * time.Second, tuning.VerdictRace},
		{[]string{"haproxy-tcp:timeout client=40s", "haproxy-tcp:timeout server=30s"}, "haproxy-tcp.timeout server", 30 * time.Second, tuning.VerdictRace},
		{[]string{"haproxy-tcp:timeout server=30s"}, "haproxy-tcp.timeout server", 30 * time.Second, tuning.VerdictRace},
		{[]string{"haproxy-tcp:timeout client=30s", "haproxy-tcp:timeout tunnel=50s"}, "haproxy-tcp.timeout tunnel", 50 * time.Second, tuning.VerdictRace},
		{[]string{"haproxy-tcp:timeout client=30s", "haproxy-tcp:timeout tunnel=20s"}, "haproxy-tcp.timeout tunnel", 20 * time.Second, tuning.VerdictRace},
		{[]string{"haproxy-tcp:timeout client=30s", "haproxy-tcp:timeout tunnel=2h"}, "go-client.IdleConnTimeout", 90 * time.Second, tuning.VerdictOK},
		// Probes of the ends do not put it off.
		{[]string{"haproxy-tcp:timeout client=30s", "client:tcp_keepalive=on", "client:tcp_keepidle=5s"}, "haproxy-tcp.timeout client", 30 * time.Second, tuning.VerdictRace},
	} {
		r, err := tuning.Analyze(document(t, c, "go-client > haproxy-tcp > go-server", append([]string{"server:IdleTimeout=20m"}, tt.sets...)...), env)
		if err != nil {
			t.Fatal(err)
		}
		l := r.Legs[0]
		if l.Limit.Limiter.Ref.Param != tt.by || l.Limit.Idle != tt.idle || l.Limit.Verdict != tt.verdict {
			t.Errorf("%v: %s by %s, %s", tt.sets, l.Limit.Idle, l.Limit.Limiter.Ref, l.Limit.Verdict)
		}
		// A dead client is found out by that timer, though the server probes after 15 s.
		if end := l.Ends.Server.Idle; tt.by.System() == "haproxy-tcp" && (end.By != "idle timer" || end.Low != tt.idle) {
			t.Errorf("%v: a dead client is found after %s by %s", tt.sets, end.Low, end.By)
		}
		race := slices.IndexFunc(r.Findings,
			func(f tuning.Finding) bool { return f.Rule.ID == "ORD-1" })
		if (race >= 0) != (tt.verdict == tuning.VerdictRace) {
			t.Errorf("%v: ORD-1 is found: %v", tt.sets, race >= 0)
		}
	}
	// A session has nothing that takes it up again: the end of it is an error.
	r, err := tuning.Analyze(document(t, c, "libpq > haproxy-tcp > postgresql", "haproxy-tcp:timeout client=1h"), env)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.Findings, func(f tuning.Finding) bool { return f.Rule.ID == "MID-2" && f.Severity == tuning.Error }) {
		t.Errorf("nobody tells that the session ends: %v", r.Findings)
	}
	// The same set-up without the timer ends nothing.
	if r, err = tuning.Analyze(document(t, c, "libpq > haproxy-tcp > postgresql"), env); err != nil || len(r.Findings) > 0 {
		t.Errorf("%v, %v", r.Findings, err)
	}
}

// Each socket of a proxy that passes bytes on has its own probes: they hold the boxes
// on their own side of it, and find a dead end on it; nobody's go through it.
func TestProbesOfBothSidesOfAProxy(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	const toServers, toClients = "libpq > haproxy-tcp > firewall > postgresql", "libpq > firewall > haproxy-tcp > postgresql"
	srv := []string{"haproxy-tcp:option srvtcpka=on", "haproxy-tcp:srvtcpka-idle=60s"}
	cli := []string{"haproxy-tcp:option clitcpka=on", "haproxy-tcp:clitcpka-idle=60s"}
	for _, tt := range []struct {
		path string
		sets []string
		held model.ParamID // empty: the box forgets
	}{
		{toServers, srv, "haproxy-tcp.srvtcpka-idle"},
		{toServers, srv[1:], ""}, // the time without the switch
		{toServers, cli, ""},
		{toServers, []string{"libpq:keepalives_idle=60s"}, ""},
		{toServers, []string{"postgresql:tcp_keepalives_idle=60s"}, "postgresql.tcp_keepidle"},
		{toClients, cli, "haproxy-tcp.clitcpka-idle"},
		{toClients, srv, ""},
		{toClients, []string{"libpq:keepalives_idle=60s"}, "libpq.tcp_keepidle"},
		{toClients, []string{"postgresql:tcp_keepalives_idle=60s"}, ""},
		// Between two such proxies only theirs count.
		{"libpq > haproxy-tcp > firewall > nginx-stream > postgresql", append([]string{"nginx-stream:proxy_timeout=10d"}, srv...), "haproxy-tcp.srvtcpka-idle"},
		{"libpq > haproxy-tcp > firewall > nginx-stream > postgresql", []string{"nginx-stream:proxy_timeout=10d", "nginx-stream:so_keepalive=on", "nginx-stream:so_keepalive idle=60s"}, "nginx-stream.so_keepalive idle"},
		{"libpq > haproxy-tcp > firewall > nginx-stream > postgresql", []string{"nginx-stream:proxy_timeout=10d", "libpq:keepalives_idle=60s", "postgresql:tcp_keepalives_idle=60s"}, ""},
	} {
		r, err := tuning.Analyze(document(t, c, tt.path, append([]string{"firewall:idle_timeout=120s"}, tt.sets...)...), env)
		if err != nil {
			t.Fatal(err)
		}
		l := r.Legs[0]
		b := l.Boxes[slices.IndexFunc(l.Boxes, func(b tuning.Box) bool { return b.System.ID == "firewall" })]
		if b.Held.Param != tt.held || b.Refreshed != (tt.held != "") {
			t.Errorf("%s with %v: held %v by %q, want %q", tt.path, tt.sets, b.Refreshed, b.Held.Param, tt.held)
		}
	}
	// The edge: probes at the latest before the box forgets.
	for every, held := range map[string]bool{"117s": true, "118s": false} {
		r, err := tuning.Analyze(document(t, c, toServers, "firewall:idle_timeout=120s", srv[0], "haproxy-tcp:srvtcpka-idle="+every, "haproxy-tcp:srvtcpka-intvl=1s"), env)
		if err != nil {
			t.Fatal(err)
		}
		if b := r.Legs[0].Boxes[1]; b.Refreshed != held {
			t.Errorf("probes after %s, the box forgets after 120 s: held is %v", every, b.Refreshed)
		}
	}
	// What was set for nothing is told, and the proxy's own probes are a cure.
	r, err := tuning.Analyze(document(t, c, toServers, "firewall:idle_timeout=120s", "libpq:keepalives_idle=60s"), env)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(r.Findings[0].Because, "; "); !strings.Contains(text, "the probes of libpq do not come so far: haproxy-tcp answers them") {
		t.Errorf("nobody tells where the probes end: %s", text)
	}
}

// A proxy whose probes find one end dead ends the connection of the other (measured
// on HAProxy 2.6.12 and nginx 1.22.1: 2 s, 1 s and two probes, 4.05 to 4.08 s).
func TestProxyFindsADeadEnd(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	for _, tt := range []struct {
		path           string
		sets           []string
		client, server bool // who is told within 4 s that the other end is dead
	}{
		{"libpq > haproxy-tcp > postgresql", []string{"haproxy-tcp:option clitcpka=on", "haproxy-tcp:clitcpka-idle=2s", "haproxy-tcp:clitcpka-intvl=1s", "haproxy-tcp:clitcpka-cnt=2"}, false, true},
		{"libpq > haproxy-tcp > postgresql", []string{"haproxy-tcp:option srvtcpka=on", "haproxy-tcp:srvtcpka-idle=2s", "haproxy-tcp:srvtcpka-intvl=1s", "haproxy-tcp:srvtcpka-cnt=2"}, true, false},
		{"libpq > haproxy-tcp > postgresql", []string{"haproxy-tcp:clitcpka-idle=2s", "haproxy-tcp:clitcpka-intvl=1s", "haproxy-tcp:clitcpka-cnt=2"}, false, false},
		{"libpq > nginx-stream > postgresql", []string{"nginx-stream:so_keepalive=on", "nginx-stream:so_keepalive idle=2s", "nginx-stream:so_keepalive interval=1s", "nginx-stream:so_keepalive count=2"}, false, true},
		{"libpq > nginx-stream > postgresql", []string{"nginx-stream:proxy_socket_keepalive=on"}, false, false}, // with the kernel's two hours
		// Of two, the one next to the dead end.
		{"libpq > haproxy-tcp > nginx-stream > postgresql", []string{"nginx-stream:so_keepalive=on", "nginx-stream:so_keepalive idle=2s", "nginx-stream:so_keepalive interval=1s", "nginx-stream:so_keepalive count=2"}, false, false},
		// The ends' own probes find the proxy, which lives.
		{"libpq > haproxy-tcp > postgresql", []string{"libpq:keepalives_idle=2s", "libpq:keepalives_interval=1s", "libpq:keepalives_count=2"}, false, false},
	} {
		r, err := tuning.Analyze(document(t, c, tt.path, tt.sets...), env)
		if err != nil {
			t.Fatal(err)
		}
		ends := r.Legs[0].Ends
		for name, at := range map[string]struct {
			end  tuning.End
			want bool
		}{"client": {ends.Client.Idle, tt.client}, "server": {ends.Server.Idle, tt.server}} {
			if told := at.end.Low >= 4*time.Second && at.end.High < 4200*time.Millisecond; told != at.want {
				t.Errorf("%s with %v: the %s is told after %s to %s", tt.path, tt.sets, name, at.end.Low, at.end.High)
			}
		}
	}
}

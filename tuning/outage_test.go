package tuning_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// out analyzes a path with settings.
func out(t *testing.T, path string, set ...string) (model.Document, *tuning.Env, tuning.Report) {
	t.Helper()
	c := model.Embedded()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: p}
	for _, s := range set {
		if d, err = d.Assign(c, s); err != nil {
			t.Fatal(err)
		}
	}
	env := tuning.NewEnv(c, 250)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	return d, env, r
}

func TestWhatSurvivesAnOutage(t *testing.T) {
	const windows, never = 9300 * time.Millisecond, model.Never
	for _, x := range []struct {
		path       string
		set        []string
		idle, busy time.Duration // of the client
		name       string        // of what drives the busy one
	}{
		{"putty/windows@7 > sshd", nil, never, windows, "TcpMaxDataRetransmissions"},
		{"putty/windows@7 > sshd", []string{"putty:TcpMaxDataRetransmissions=8"}, never, 76_500 * time.Millisecond, "TcpMaxDataRetransmissions"},
		{"putty/windows@7 > sshd", []string{"putty:TCPKeepalives=on"}, 9 * time.Second, windows, "TcpMaxDataRetransmissions"},
		{"putty/windows@7 > sshd", []string{"putty:TCPKeepalives=on", "putty:KeepAliveInterval=30000"}, 270 * time.Second, windows, "TcpMaxDataRetransmissions"},
		{"putty/windows@7 > sshd", []string{"putty:PingIntervalSecs=60"}, windows, windows, "TcpMaxDataRetransmissions"},
		{"putty/windows@xp > sshd", []string{"putty:TCPKeepalives=on"}, 4 * time.Second, windows, "TcpMaxDataRetransmissions"},
		{"ssh > sshd", []string{"ssh:TCPKeepAlive=on", "ssh:net.ipv4.tcp_keepalive_time=60"}, 600 * time.Second, 817 * time.Second, "tcp_retries2"},
	} {
		_, _, r := out(t, x.path, x.set...)
		got := r.Legs[0].Survives().Client
		if got.Idle.For != x.idle || got.Busy.For.Round(time.Second) != x.busy.Round(time.Second) || got.Busy.Name != x.name {
			t.Errorf("%s %v: quiet %s, busy %s by %s; want %s, %s by %s", x.path, x.set,
				model.HumanSpan(got.Idle.For), model.HumanSpan(got.Busy.For), got.Busy.Name, model.HumanSpan(x.idle), model.HumanSpan(x.busy), x.name)
		}
		if b := got.Busy; b.Ends <= b.For {
			t.Errorf("%s: %s is survived, and %s ends it", x.path, b.For, b.Ends)
		}
	}
}

// The question of PuTTY on Windows 7: what ends a busy session, after how long,
// and which registry value cures it.
func TestAnOutageIsAnswered(t *testing.T) {
	for _, x := range []struct{ outage, rule, value string }{
		{"9s", "", ""}, {"10s", "KA-7", "TcpMaxDataRetransmissions 6"}, {"60s", "KA-7", "TcpMaxDataRetransmissions 8"}, {"3m", "KA-7", "TcpMaxDataRetransmissions 10"},
	} {
		d, env, r := out(t, "putty/windows@7 > sshd", "leg1:outage="+x.outage)
		found := tuning.Advise(d, env, r, 0)
		if x.rule == "" {
			if len(found) != 0 {
				t.Errorf("%s: %s", x.outage, found[0].Rule.ID)
			}
			continue
		}
		if len(found) != 1 || found[0].Rule.ID != x.rule || len(found[0].Remedies) != 1 || !strings.HasSuffix(found[0].Remedies[0].Label, x.value) {
			t.Fatalf("%s: %+v", x.outage, found)
		}
		costs := strings.Join(found[0].Remedies[0].Costs, "; ")
		if !strings.HasPrefix(costs, "putty notices a dead peer with data in flight after ") || !strings.HasSuffix(costs, ", not 18.9 s; it holds for every program on the host of putty; it takes a reboot") {
			t.Errorf("%s costs: %s", x.outage, costs)
		}
		if text := found[0].Because[0]; !strings.Contains(text, "given up after 18.9 s") || !strings.Contains(text, "last try goes out after 9.3 s") {
			t.Errorf("%s: %s", x.outage, text)
		}
	}
	if _, _, r := out(t, "putty/windows@7 > sshd"); len(r.Findings) != 0 {
		t.Errorf("nobody asked for an outage: %s", r.Findings[0].Rule.ID)
	}
}

// Each that drives it has a remedy: the burst of probes, the questions of sshd,
// PuTTY's null packets, a user timeout.
func TestWhatDrivesAnOutageIsNamed(t *testing.T) {
	for _, x := range []struct {
		path, rule, remedy string
		set                []string
	}{
		{"putty/windows@7 > sshd", "KA-7", "KeepAliveInterval", []string{"putty:TCPKeepalives=on", "putty:TcpMaxDataRetransmissions=10"}},
		{"putty/windows@7 > sshd", "KA-14", "PingIntervalSecs not set", []string{"putty:PingIntervalSecs=60"}},
		{"ssh > sshd", "KA-7", "ClientAliveCountMax", []string{"sshd:ClientAliveInterval=15"}},
		{"libpq > postgresql", "KA-7", "tcp_user_timeout", []string{"libpq:tcp_user_timeout=30000"}},
		{"ssh > sshd", "KA-7", "tcp_retries2", []string{"ssh:linux.tcp_retries2=5"}},
	} {
		d, env, r := out(t, x.path, append(x.set, "leg1:outage=2m")...)
		named := false
		for _, f := range tuning.Advise(d, env, r, 0) {
			if len(f.Remedies) == 0 {
				t.Errorf("%s %v: %s has no remedy", x.path, x.set, f.Rule.ID)
				continue
			}
			named = named || f.Rule.ID == x.rule && strings.Contains(f.Remedies[0].Label, x.remedy)
		}
		if !named {
			t.Errorf("%s %v: %s is not put right by %s first", x.path, x.set, x.rule, x.remedy)
		}
	}
}

// What ends TCP on the way answers for a dead peer, and hides no outage beside an end.
func TestARelayHidesNoOutage(t *testing.T) {
	_, _, direct := out(t, "varnish > trafficserver", "leg1:outage=20m")
	_, _, relayed := out(t, "varnish > socat > trafficserver", "socat:-T=never", "leg1:outage=20m")
	a, b := direct.Legs[0].Survives(), relayed.Legs[0].Survives()
	if a.Client.Busy.For != b.Client.Busy.For || a.Server.Busy.For != b.Server.Busy.For {
		t.Errorf("busy connections survive %s and %s directly, %s and %s through a relay", a.Client.Busy.For, a.Server.Busy.For, b.Client.Busy.For, b.Server.Busy.For)
	}
}

package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What each side of a leg survives, quiet and busy: for how long, when it is ended, by what,
// and the setting that drives it. Linux sends again 0.2, 0.4, 0.8 s … after the send: its
// last try before 30 s is at 26.6 s, before 20 s at 13.3 s, before 7.5 s at 6.6 s.
func TestWhatEndsAConnectionInAnOutage(t *testing.T) {
	const (
		any     = " never, never"
		retries = " 13m36.9s, 15m37.7s retransmission linux.tcp_retries2"
		probes  = " 10m0s, 11m15s TCP probes linux.tcp_keepalive_intvl"
	)
	quiet := []string{"ssh:TCPKeepAlive=off", "sshd:TCPKeepAlive=off"}
	probing := []string{"ssh:net.ipv4.tcp_keepalive_time=60", "ssh:ServerAliveCountMax=100"}
	for _, x := range []struct {
		path, side string
		set        []string
		idle, busy string
	}{
		{"ssh > sshd", "client", quiet, any, retries},
		{"ssh > sshd", "server", quiet, any, retries},
		// The first question goes out as the outage begins: of three, two intervals are left. Of one, half an interval.
		{"ssh > sshd", "client", append([]string{"ssh:ServerAliveInterval=15"}, quiet...), " 26.6s, 30s application pings ssh.ServerAliveCountMax", " 26.6s, 30s application pings ssh.ServerAliveCountMax"},
		{"ssh > sshd", "client", append([]string{"ssh:ServerAliveInterval=15", "ssh:ServerAliveCountMax=1"}, quiet...), " 6.6s, 7.5s application pings ssh.ServerAliveCountMax", " 6.6s, 7.5s application pings ssh.ServerAliveCountMax"},
		{"ssh > sshd", "client", append([]string{"ssh:ServerAliveInterval=15", "ssh:ServerAliveCountMax=0"}, quiet...), retries, retries},
		// Many questions leave it to retransmission, and sshd asks nothing while it sends.
		{"ssh > sshd", "client", append([]string{"ssh:ServerAliveInterval=15", "ssh:ServerAliveCountMax=100"}, quiet...), retries, retries},
		{"ssh > sshd", "server", append([]string{"sshd:ClientAliveInterval=15"}, quiet...), " 26.6s, 30s application pings sshd.ClientAliveCountMax", retries},
		// One's own questions keep probes away that would come later; those of the peer put them off.
		{"ssh > sshd", "client", append([]string{"ssh:ServerAliveInterval=59"}, probing...), retries, retries},
		{"ssh > sshd", "client", append([]string{"ssh:ServerAliveInterval=60"}, probing...), probes, retries},
		{"ssh > sshd", "client", append([]string{"sshd:ClientAliveInterval=59", "sshd:ClientAliveCountMax=100"}, probing...), " 10m1s, 11m16s TCP probes linux.tcp_keepalive_intvl", retries},
		{"ssh > sshd", "client", append([]string{"sshd:ClientAliveInterval=20", "sshd:ClientAliveCountMax=100"}, probing...), " 10m40s, 11m55s TCP probes linux.tcp_keepalive_intvl", retries},
		{"ssh > sshd", "client", append([]string{"sshd:ClientAliveInterval=60", "sshd:ClientAliveCountMax=100"}, probing...), probes, retries},
		{"ssh > sshd", "client", []string{"ssh:linux.tcp_retries2=5"}, probes, " 6.6s, 13.3s retransmission linux.tcp_retries2"},
		{"ssh > sshd", "client", []string{"ssh:net.ipv4.tcp_keepalive_probes=1"}, " 0s, 1m15s TCP probes linux.tcp_keepalive_intvl", retries},
		// A user timeout decides both, in place of what is counted.
		{"libpq > postgresql", "client", []string{"libpq:tcp_user_timeout=30000", "libpq:keepalives_idle=10", "libpq:keepalives_interval=5"}, " 15s, 20s TCP probes libpq.tcp_user_timeout", " 26.6s, 30.4s retransmission libpq.tcp_user_timeout"},
		// The send timer of a proxy is sooner than the kernel.
		{"nginx@1.30.0 > node@22.10", "client", nil, any, " 53s, 1m0s send timer nginx.upstream.proxy_send_timeout"},
		{"nginx@1.30.0 > node@22.10", "client", []string{"nginx:nginx.upstream.proxy_send_timeout=20m"}, any, retries},
		// A broker ends a client that is half an interval late, or the client itself gives up.
		{"mqtt-js > mosquitto", "client", nil, " 26.6s, 30s application pings mqtt-js.keepalive", " 26.6s, 30s application pings mqtt-js.keepalive"},
		{"mqtt-js > mosquitto", "server", nil, " 30s, 30s application pings mqtt-js.keepalive", retries},
		// A channel of gRPC asks only while a call is open, unless it is told to.
		{"grpc-client > grpc-server", "client", []string{"client:keepaliveTime=5m"}, any, " 13.3s, 20s application pings grpc-client.keepaliveTimeout"},
		{"grpc-client > grpc-server", "client", []string{"client:keepaliveTime=5m", "client:permitWithoutStream=on"}, " 13.3s, 20s application pings grpc-client.keepaliveTimeout", " 13.3s, 20s application pings grpc-client.keepaliveTimeout"},
		// Without a time for the answer it is data in flight.
		{"envoy > node", "client", []string{"envoy:connection_keepalive.interval=10s"}, retries, retries},
		// illumos probes until a time is over.
		{"curl/illumos > apache", "client", nil, " 7m0s, 8m0s TCP probes illumos._keepalive_abort_interval", " 4m42s, 5m42s retransmission illumos._ip_abort_interval"},
	} {
		_, _, r := out(t, x.path, x.set...)
		s := r.Legs[0].Survives().Client
		if x.side == "server" {
			s = r.Legs[0].Survives().Server
		}
		for _, is := range []struct {
			state, want string
			got         tuning.Survival
		}{{"quiet", x.idle, s.Idle}, {"busy", x.busy, s.Busy}} {
			if got := survival(is.got); got != is.want {
				t.Errorf("%s %v: the %s, %s, survives%s; want%s", x.path, x.set, x.side, is.state, got, is.want)
			}
		}
	}
}

func survival(s tuning.Survival) string {
	text := func(d time.Duration) string {
		if d == model.Never {
			return "never"
		}
		return d.Round(100 * time.Millisecond).String()
	}
	said := " " + text(s.For) + ", " + text(s.Ends)
	if s.By != "" {
		said += " " + s.By + " " + string(s.Ref.Param)
	}
	return said
}

// How it is told, as a clause.
func TestAnOutageInWords(t *testing.T) {
	for _, x := range []struct {
		path       string
		set        []string
		idle, busy string
	}{
		{"ssh > sshd", nil, "a burst of 9 probes goes unanswered, 75 s apart: given up after 11 m 15 s", "data in flight is given up after 15 m 38 s, and the last try goes out after 13 m 37 s"},
		{"ssh > sshd", []string{"ssh:net.ipv4.tcp_keepalive_probes=1"}, "a single probe goes unanswered, 75 s apart: given up after 75 s", "data in flight is given up after 15 m 38 s, and the last try goes out after 13 m 37 s"},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=15", "ssh:ServerAliveCountMax=0"}, "ServerAliveInterval, which is data in flight then, is given up after 15 m 38 s, and the last try goes out after 13 m 37 s", "data in flight is given up after 15 m 38 s, and the last try goes out after 13 m 37 s"},
		{"libpq > postgresql", []string{"libpq:tcp_user_timeout=30000", "libpq:keepalives_idle=10", "libpq:keepalives_interval=5"}, "probe after probe within a user timeout of 30 s goes unanswered, 5 s apart: given up after 20 s", "data in flight is given up after 30.416 s, and the last try goes out after 26.584 s"},
		{"curl/illumos > apache", nil, "probe after probe goes unanswered, each after a longer wait: given up after 480 s", "data in flight is given up after 342 s, and the last try goes out after 282 s"},
		{"grpc-client > grpc-server", []string{"client:keepaliveTime=5m", "client:permitWithoutStream=on"}, "the wait for an answer gives up after 20 s, and the last try before goes out after 13.272 s", "the wait for an answer gives up after 20 s, and the last try before goes out after 13.272 s"},
	} {
		_, _, r := out(t, x.path, x.set...)
		if s := r.Legs[0].Survives().Client; s.Idle.Text != x.idle || s.Busy.Text != x.busy {
			t.Errorf("%s %v: quiet %q, busy %q", x.path, x.set, s.Idle.Text, s.Busy.Text)
		}
	}
	_, _, r := out(t, "mqtt-js > mosquitto", "mqtt-js:keepalive=40")
	if text, want := r.Legs[0].Survives().Server.Idle.Text, "mosquitto ends a client that is silent for 1.5 times its keepalive of 40 s, so it ends one that is late by 20 s"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}

// Only a time that somebody gave is an outage to survive.
func TestAnOutageIsAsked(t *testing.T) {
	for set, want := range map[string]time.Duration{"leg1:outage=2m": 2 * time.Minute, "leg1:outage=1ns": 1, "leg1:rate=1": 0} {
		_, _, r := out(t, "ssh > sshd", set)
		if d, ok := r.Legs[0].Outage(); d != want || ok != (want > 0) {
			t.Errorf("%s: %s %v", set, d, ok)
		}
	}
}

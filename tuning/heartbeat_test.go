package tuning_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What an application sends by itself holds a box open from either end, once its
// longest silence is below the box's time; a gRPC channel that pings only while
// a call is open, or more often than its server suffers, does not.
func TestHeartbeatsHoldABoxOpen(t *testing.T) {
	const quiet = "client:tcp_keepalive=off"
	for _, tt := range []struct {
		path string
		sets []string
		held string // empty: it forgets
	}{
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s"}, ""},
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "ssh:ServerAliveInterval=15"}, "ssh ServerAliveInterval, at least every 15 s"},
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "ssh:ServerAliveInterval=59"}, "ssh ServerAliveInterval, at least every 59 s"},
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "ssh:ServerAliveInterval=60"}, ""},
		{"ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "sshd:ClientAliveInterval=30"}, "sshd ClientAliveInterval"},
		{"ssh > firewall > sshd@9.2", []string{"firewall:idle_timeout=60s", "sshd:ClientAliveInterval=29"}, "at least every 59 s"}, // asks after twice the interval
		{"ssh > firewall > sshd@9.2", []string{"firewall:idle_timeout=60s", "sshd:ClientAliveInterval=30"}, ""},
		{"putty > firewall > sshd", []string{"firewall:idle_timeout=60s", "putty:PingIntervalSecs=30"}, "putty PingIntervalSecs"},
		{"grpc-client > aws-nlb > grpc-server", []string{"client:keepaliveTime=5m", "client:permitWithoutStream=on", "server:permitWithoutStream=on"}, "grpc-client keepaliveTime"},
		{"grpc-client > aws-nlb > grpc-server", []string{"client:keepaliveTime=5m", "server:permitWithoutStream=on"}, ""}, // not while no call is open
		{"grpc-client > aws-nlb > grpc-server", []string{"client:keepaliveTime=5m", "client:permitWithoutStream=on"}, ""}, // GOAWAY
		{"grpc-client > aws-nlb > grpc-server", []string{"server:keepaliveTime=120s"}, "grpc-server keepaliveTime"},       // the server may always
		{"grpc-client > aws-nlb > grpc-server", []string{"server:keepaliveTime=350s"}, ""},
		{"go-client > firewall > go-server", []string{quiet, "firewall:idle_timeout=60s", "server:tcp_keepalive=off", "client:ReadIdleTimeout=59s"}, "HTTP2.SendPingTimeout, at least every 59.079 s, as long as HTTP/2 is spoken"},
		{"go-client > firewall > go-server", []string{quiet, "firewall:idle_timeout=60s", "server:tcp_keepalive=off", "client:ReadIdleTimeout=60s"}, ""},
		{"go-client > firewall > go-server", []string{quiet, "firewall:idle_timeout=60s", "server:tcp_keepalive=off", "server:SendPingTimeout=30s"}, "go-server HTTP2.SendPingTimeout"},
		{"envoy > firewall > node", []string{"firewall:idle_timeout=60s", "envoy:connection_keepalive.interval=52s"}, "envoy connection_keepalive.interval, at least every 59.82 s"}, // 15 % of jitter
		{"envoy > firewall > node", []string{"firewall:idle_timeout=60s", "envoy:connection_keepalive.interval=53s"}, ""},
		{"chrome > firewall > envoy", []string{"chrome:tcp_keepalive=off", "firewall:idle_timeout=60s", "envoy:connection_keepalive.interval=30s"}, "envoy connection_keepalive.interval"},
	} {
		b := legOf(t, tt.path, tt.sets...).Boxes[0]
		if b.Refreshed != (tt.held != "") || !strings.Contains(b.Because, tt.held) {
			t.Errorf("%s %q: held %v, %q; want %q", tt.path, tt.sets, b.Refreshed, b.Because, tt.held)
		}
	}
}

// Pings that come in time and are not suffered are never said to come too late.
func TestPingsThatAreNotSufferedAreToldSo(t *testing.T) {
	c := model.Embedded()
	d := document(t, c, "envoy > firewall > grpc-server", "firewall:idle_timeout=60s", "envoy:connection_keepalive.interval=30s", "envoy:connection_keepalive.timeout=5s")
	r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	said := false
	for _, f := range r.Findings {
		for _, why := range f.Because {
			if strings.Contains(why, "envoy sends by itself") {
				said = true
				if !strings.Contains(why, "more often than grpc-server suffers") {
					t.Errorf("%s: %q", f.Rule.ID, why)
				}
			}
		}
	}
	if !said {
		t.Errorf("no finding tells of the pings: %v", r.Findings)
	}
}

// Held open there is nothing to do, and a session's own limit is no remedy.
func TestSSHThroughANATIsCalm(t *testing.T) {
	leg := legOf(t, "ssh > firewall > sshd", "firewall:idle_timeout=60s", "ssh:ServerAliveInterval=15")
	if leg.Limit.Verdict != tuning.VerdictUnbounded {
		t.Errorf("%s: %q", leg.Limit.Verdict, leg.Limit.Because)
	}
	// alive messages are no traffic of a channel
	leg = legOf(t, "ssh > sshd", "sshd:ChannelTimeout=60s", "ssh:ServerAliveInterval=15")
	if leg.Limit.Idle != time.Minute || leg.Limit.Verdict != tuning.VerdictOK || !leg.Limit.Session {
		t.Errorf("%v %s: %q", leg.Limit.Idle, leg.Limit.Verdict, leg.Limit.Because)
	}
	// the first question ends the session where no answer at all may be missing
	leg = legOf(t, "ssh > sshd", "ssh:ServerAliveInterval=15", "ssh:ServerAliveCountMax=0")
	if leg.Limit.Idle != 15*time.Second || leg.Limit.Limiter.Ref.Param != "ssh.ServerAliveCountMax" {
		t.Errorf("%v by %s: %q", leg.Limit.Idle, leg.Limit.Limiter.Ref, leg.Limit.Because)
	}
}

// A heartbeat without an answer is data in flight: retransmission ends what the
// count does not. sshd 9.2 was measured at 32.8 and 33.6 s with an interval of
// 3 s and tcp_retries2 6, by count 0 and by count 100.
func TestHeartbeatsFindDeadPeers(t *testing.T) {
	for _, tt := range []struct {
		path      string
		sets      []string
		state     func(tuning.Both[tuning.EndStates]) tuning.End
		by        string
		low, high time.Duration // it ends between these, at its earliest and at its latest
	}{
		{"ssh > sshd@9.2", []string{"sshd:ClientAliveInterval=3", "sshd:ClientAliveCountMax=0", "sshd:tcp_retries2=6"}, serverIdle, "retransmission", 28 * time.Second, 34 * time.Second},
		{"ssh > sshd@9.2", []string{"sshd:ClientAliveInterval=3", "sshd:ClientAliveCountMax=100", "sshd:tcp_retries2=6"}, serverIdle, "retransmission", 28 * time.Second, 34 * time.Second},
		{"ssh > sshd", []string{"sshd:ClientAliveInterval=30", "sshd:ClientAliveCountMax=0"}, serverIdle, "retransmission", 930 * time.Second, 990 * time.Second},
		{"ssh > sshd", []string{"sshd:ClientAliveInterval=30"}, serverIdle, "application pings", 90 * time.Second, 120 * time.Second},
		{"ssh > sshd", []string{"sshd:ClientAliveInterval=2", "sshd:ClientAliveCountMax=2"}, serverWaiting, "application pings", 4 * time.Second, 6 * time.Second},
		{"ssh > sshd", []string{"sshd:ClientAliveInterval=2", "sshd:ClientAliveCountMax=2"}, serverInFlight, "retransmission", 900 * time.Second, 960 * time.Second},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=3", "ssh:ServerAliveCountMax=2"}, clientInFlight, "application pings", 6 * time.Second, 9 * time.Second},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=3", "ssh:ServerAliveCountMax=2"}, clientWaiting, "application pings", 6 * time.Second, 9 * time.Second},
		{"putty/linux > sshd", []string{"putty:PingIntervalSecs=30"}, clientIdle, "retransmission", 930 * time.Second, 990 * time.Second},
		// probes that are through before the first question end it themselves
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=10m", "ssh:ServerAliveCountMax=9", "ssh:tcp_keepalive_time=10", "ssh:tcp_keepalive_intvl=1"}, clientIdle, "TCP probes", 19 * time.Second, 20 * time.Second},
		// the guide of grpc.io: its time, and 20 s for the answer; only during a call
		{"grpc-client > grpc-server", []string{"client:keepaliveTime=5m"}, clientWaiting, "application pings", 320 * time.Second, 320 * time.Second},
		{"grpc-client > grpc-server", []string{"client:keepaliveTime=5m"}, clientIdle, "idle timer", 30 * time.Minute, 30 * time.Minute},
		{"grpc-client > grpc-server", []string{"client:keepaliveTime=5m", "client:keepaliveTimeout=5s", "client:permitWithoutStream=on"}, clientIdle, "application pings", 305 * time.Second, 305 * time.Second},
		// measured on Go 1.26.8: ReadIdleTimeout 2 s, PingTimeout 1 s: gone 3.0 s after the last frame
		{"go-client > go-server", []string{"client:ReadIdleTimeout=2s", "client:PingTimeout=1s"}, clientIdle, "application pings", 3 * time.Second, 3100 * time.Millisecond},
		{"go-client > go-server", []string{"client:ReadIdleTimeout=2s"}, clientIdle, "application pings", 17 * time.Second, 17100 * time.Millisecond},
		// without a timeout Envoy has nothing to count: TCP gives up the ping
		{"envoy > node", []string{"envoy:connection_keepalive.interval=10s"}, clientIdle, "retransmission", 930 * time.Second, 960 * time.Second},
	} {
		e := tt.state(legOf(t, tt.path, tt.sets...).Ends)
		if e.By != tt.by || e.Low < tt.low || e.High > tt.high || e.High == 0 {
			t.Errorf("%s %q: %q from %v to %v, want %q within %v and %v\n%q", tt.path, tt.sets, e.By, e.Low, e.High, tt.by, tt.low, tt.high, e.Because)
		}
	}
}

func clientIdle(e tuning.Both[tuning.EndStates]) tuning.End     { return e.Client.Idle }
func clientInFlight(e tuning.Both[tuning.EndStates]) tuning.End { return e.Client.InFlight }
func clientWaiting(e tuning.Both[tuning.EndStates]) tuning.End  { return e.Client.Waiting }
func serverIdle(e tuning.Both[tuning.EndStates]) tuning.End     { return e.Server.Idle }
func serverInFlight(e tuning.Both[tuning.EndStates]) tuning.End { return e.Server.InFlight }
func serverWaiting(e tuning.Both[tuning.EndStates]) tuning.End  { return e.Server.Waiting }

// A broker ends the connection of a client that leaves its pings out, at so many of
// the client's own intervals; a client that sends none is never ended for that.
func TestBrokerWatchesItsClients(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	const sec = time.Second
	for _, tt := range []struct {
		path, keepalive     string
		low, high, survives time.Duration
	}{
		{"mqtt-js > mosquitto", "60", 90 * sec, 91 * sec, 30 * sec},
		{"mqtt-js > mosquitto@2.0.21", "4", 6 * sec, 7 * sec, 2 * sec},
		{"mqtt-js > mosquitto@2.0.20", "4", 6 * sec, 12200 * time.Millisecond, 2 * sec}, // seen: 6.5 to 12.1 s
		{"paho-mqtt > emqx", "60", 90 * sec, 90 * sec, 30 * sec},
		{"mqtt-js > mosquitto", "0", model.Never, model.Never, model.Never},
	} {
		client, _, _ := strings.Cut(tt.path, " ")
		r, err := tuning.Analyze(document(t, c, tt.path, client+":keepalive="+tt.keepalive), env)
		if err != nil {
			t.Fatal(err)
		}
		l := r.Legs[0]
		if e := l.Ends.Server.Idle; e.Low != tt.low || e.High != tt.high {
			t.Errorf("%s with keepalive %s: the broker ends it after %s to %s", tt.path, tt.keepalive, e.Low, e.High)
		}
		// What is in flight to the client does not put it off.
		if e := l.Ends.Server.InFlight; tt.high != model.Never && e.High != tt.high {
			t.Errorf("%s with keepalive %s: in flight it ends after %s to %s", tt.path, tt.keepalive, e.Low, e.High)
		}
		if s := l.Survives().Server.Idle; s.For != tt.survives {
			t.Errorf("%s with keepalive %s: a quiet connection survives %s", tt.path, tt.keepalive, s.For)
		}
	}
}

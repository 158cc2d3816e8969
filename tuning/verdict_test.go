package tuning_test

import (
	"slices"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func legOf(t *testing.T, path string, sets ...string) tuning.Leg {
	t.Helper()
	c := model.Embedded()
	r, err := tuning.Analyze(document(t, c, path, sets...), tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	return r.Legs[0]
}

func TestDetectionByRule(t *testing.T) {
	for _, tt := range []struct {
		path string
		sets []string
		side string
		want time.Duration
	}{
		{"ie@11/windows@10 > apache", []string{"client:tcp_keepalive=on"}, "client", 7210 * time.Second},
		{"curl/windows@xp > apache", []string{"client:tcp_keepalive=on"}, "client", 7205 * time.Second},
		{"ie@11 > apache", nil, "server", 7875 * time.Second},
		{"ie@11 > nginx", []string{"server:tcp_keepalive=on"}, "server", 7875 * time.Second},
		{"ie@11 > nginx", nil, "server", model.Never},
		{"ie@11 > apache", nil, "client", model.Never},
		{"curl > apache", nil, "client", 600 * time.Second}, // 60 + 9 x 60
		{"ie@11 > go-server", nil, "server", 150 * time.Second},
		{"ie@11 > nginx", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=300", "nginx:net.ipv4.tcp_keepalive_intvl=30"}, "server", 570 * time.Second},
	} {
		leg := legOf(t, tt.path, tt.sets...)
		d := leg.Detection.Client
		if tt.side == "server" {
			d = leg.Detection.Server
		}
		if d.Idle.After != tt.want {
			t.Errorf("%s %q: the %s gives up after %v, want %v (%q)", tt.path, tt.sets, tt.side, d.Idle.After, tt.want, d.Idle.Because)
		}
	}
}

func TestHintsAsEachClientReadsThem(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		sets       []string
		idle       time.Duration
		by         tuning.By
	}{
		{"node shortens by its margin", "node > apache", []string{"client:keepAlive=on", "server:KeepAliveTimeout=4s"}, 3 * time.Second, tuning.ByClient},
		{"curl ignores it", "curl > node", nil, 6 * time.Second, tuning.ByServer},
		{"nginx sends none unless told", "node > nginx", []string{"client:keepAlive=on"}, 5 * time.Second, tuning.ByClient},
		{"nginx's second argument", "node > nginx", []string{"client:keepAlive=on", "server:keepalive_timeout_header=3"}, 2 * time.Second, tuning.ByClient},
		{"a hint of nothing is not reused", "node > nginx", []string{"client:keepAlive=on", "server:keepalive_timeout_header=1"}, 0, tuning.ByClient},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := legOf(t, tt.path, tt.sets...).Limit
			if l.Idle != tt.idle || l.By != tt.by {
				t.Errorf("%v by %s, want %v by %s\n%q", l.Idle, l.By, tt.idle, tt.by, l.Because)
			}
		})
	}
}

func TestAnUnknownReadingIsAnAssumption(t *testing.T) {
	l := legOf(t, "ie@11 > apache").Limit
	if want := (tuning.ParamRef{Endpoint: "ie", Param: "ie.hint"}); !slices.Contains(l.Assuming, want) {
		t.Errorf("%v does not name %v", l.Assuming, want)
	}
}

func TestVersionsChangeWhatIsSeen(t *testing.T) {
	for path, want := range map[string]time.Duration{
		"ie@11 > node@18.20.8":   5 * time.Second,
		"ie@11 > node@20.20.2":   6 * time.Second,
		"ie@11 > node@22.10":     6 * time.Second,
		"ie@11 > node@24.6":      6 * time.Second,
		"ie@11 > nginx@1.22.1":   60 * time.Second,
		"ie@11 > haproxy@2.6.12": 60 * time.Second, // without timeouts HAProxy never closes
		"ie@11 > iis@1.0":        60 * time.Second,
	} {
		if l := legOf(t, path).Limit; l.Idle != want {
			t.Errorf("%s: %v, want %v\n%q", path, l.Idle, want, l.Because)
		}
	}
}

func TestHAProxysTimers(t *testing.T) {
	for _, tt := range []struct {
		path string
		sets []string
		want time.Duration
	}{
		{"chrome > haproxy@2.6.12", []string{"server:timeout client=50s"}, 50 * time.Second},
		{"chrome > haproxy@2.6.12", []string{"server:timeout client=6s", "server:timeout http-keep-alive=20s"}, 6 * time.Second}, // the 2.2 to 2.8 rule
		{"chrome > haproxy@3.2", []string{"server:timeout client=6s", "server:timeout http-keep-alive=20s"}, 20 * time.Second},
		{"chrome > haproxy@3.2", []string{"server:timeout client=9s", "server:timeout http-request=3s"}, 3 * time.Second},
	} {
		if l := legOf(t, tt.path, tt.sets...).Limit; l.Idle != tt.want {
			t.Errorf("%s %q: %v, want %v\n%q", tt.path, tt.sets, l.Idle, tt.want, l.Because)
		}
	}
}

func TestKeepAliveOffIsNoRace(t *testing.T) {
	l := legOf(t, "ie@11 > apache", "server:KeepAlive=off").Limit
	if l.Reused || l.Verdict != tuning.VerdictOK || l.Idle != 0 || l.Limiter.Ref.Param != "apache.KeepAlive" {
		t.Errorf("%+v", l)
	}
}

func TestRequestsAreALimitOfTheirOwn(t *testing.T) {
	l := legOf(t, "ie@11 > apache").Limit
	if l.Requests == nil || l.Requests.Count != 101 || !l.Requests.LastSaysClose {
		t.Errorf("%+v, want Apache's 100 to serve 101 with an announced end", l.Requests)
	}
}

func TestWhatEndsADeadConnection(t *testing.T) {
	leg := legOf(t, "nginx@1.30.0 > node@22.10")
	if e := leg.Ends.Client.Idle; e.High.Round(time.Second) != time.Minute || e.By != "idle timer" {
		t.Errorf("client idle: %+v", e)
	}
	if e := leg.Ends.Server.Idle; e.High.Round(time.Second) != 6*time.Second {
		t.Errorf("server idle: %+v", e)
	}
	if e := leg.Ends.Client.InFlight; e.By != "send timer" || e.Ref.Param != "nginx.upstream.proxy_send_timeout" {
		t.Errorf("client in flight: %+v", e)
	}
	if e := leg.Ends.Server.InFlight; e.By != "retransmission" || e.TimerNotKnown || e.High < 930*time.Second {
		t.Errorf("server in flight: %+v", e)
	}
	if e := legOf(t, "chrome > apache").Ends.Client.InFlight; !e.TimerNotKnown {
		t.Errorf("nobody says how long Chrome waits, yet: %+v", e)
	}
}

func TestLittlesLaw(t *testing.T) {
	for keep, want := range map[string]float64{"15s": 615, "5s": 205, "2s": 82} {
		leg := legOf(t, "chrome > apache", "server:KeepAliveTimeout="+keep, "leg1:arrivals=41", "leg1:rate=0.5")
		if n := leg.Load.IdleConnections; n == nil || *n != want {
			t.Errorf("41 connections per second that idle for %s: %v held, want %v", keep, n, want)
		}
		if leg.Load.FailuresPerHour == nil || *leg.Load.FailuresPerHour <= 0 {
			t.Errorf("a race at 0.5 requests per second costs nothing: %+v", leg.Load)
		}
	}
}

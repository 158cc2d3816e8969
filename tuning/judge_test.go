package tuning_test

import (
	"math"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What passes a quiet connection most often, of either side; of two alike the client's.
func TestWhatPassesAQuietConnection(t *testing.T) {
	for _, x := range []struct {
		path  string
		set   []string
		every time.Duration // to the second
		by    string
	}{
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=15"}, 15 * time.Second, "ssh ssh.ServerAliveInterval"},
		{"ssh > sshd", []string{"sshd:ClientAliveInterval=15"}, 15 * time.Second, "sshd sshd.ClientAliveInterval"},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=15", "sshd:ClientAliveInterval=15"}, 15 * time.Second, "ssh ssh.ServerAliveInterval"},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=16", "sshd:ClientAliveInterval=15"}, 15 * time.Second, "sshd sshd.ClientAliveInterval"},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=15", "ssh:tcp_keepalive_time=10", "ssh:tcp_keepalive_intvl=10"}, 10 * time.Second, "ssh ssh.tcp_keepidle"},
		{"ssh > sshd", []string{"ssh:ServerAliveInterval=15", "sshd:tcp_keepalive_time=10", "sshd:tcp_keepalive_intvl=10"}, 10 * time.Second, "sshd sshd.tcp_keepidle"},
		// 7200 s, and as late as a timer of two hours of Linux may be
		{"ssh > sshd", nil, 7331 * time.Second, "ssh ssh.tcp_keepidle"},
		{"grpc-client > grpc-server", []string{"client:keepaliveTime=6m"}, 2 * time.Hour, "grpc-server grpc-server.keepaliveTime"}, // the client asks only during calls
		{"nginx@1.30.0 > node@22.10", nil, model.Never, " "},
	} {
		l := legOf(t, x.path, x.set...)
		every, ref := l.Passing()
		if every != model.Never {
			every = every.Round(time.Second)
		}
		if by := string(ref.Endpoint) + " " + string(ref.Param); every != x.every || by != x.by {
			t.Errorf("%s %v: %s by %s, want %s by %s", x.path, x.set, every, by, x.every, x.by)
		}
	}
}

// When the ends themselves are done with a connection; a box on the way ends it for neither.
func TestWhatTheEndsThemselvesEnd(t *testing.T) {
	for _, x := range []struct {
		path  string
		set   []string
		ended time.Duration
		by    model.ParamID
	}{
		{"nginx@1.30.0 > node@22.10", nil, 6025 * time.Millisecond, "node.keepAliveTimeout"},
		{"nginx@1.30.0 > node@22.10", []string{"nginx:nginx.upstream.keepalive_timeout=5s"}, 5015 * time.Millisecond, "nginx.upstream.keepalive_timeout"},
		{"nginx@1.30.0 > firewall > node@22.10", []string{"firewall:idle_timeout=3s"}, 6025 * time.Millisecond, "node.keepAliveTimeout"},
		{"ie@11 > apache", []string{"server:KeepAlive=off"}, 0, "apache.KeepAlive"},
		{"ssh > sshd", nil, model.Never, ""},
	} {
		l := legOf(t, x.path, x.set...)
		if ended, ref := l.Ended(); ended.Round(time.Millisecond) != x.ended.Round(time.Millisecond) || ref.Param != x.by {
			t.Errorf("%s %v: %s by %s, want %s by %s", x.path, x.set, ended, ref.Param, x.ended, x.by)
		}
	}
}

func TestWhatALegLoses(t *testing.T) {
	at := func(rate float64) float64 {
		return model.RaceProbability(rate, 5*time.Second, 50*time.Millisecond, time.Minute)
	}
	for _, x := range []struct {
		path  string
		set   []string
		share float64
		known bool
	}{
		{"ie@11 > apache", nil, tuning.WorstRace(5*time.Second, 50*time.Millisecond, time.Minute), true},
		{"ie@11 > apache", []string{"leg1:rate=0.1"}, at(0.1), true},
		{"ie@11 > apache", []string{"leg1:rate=4"}, at(4), true},
		{"ie@11 > firewall > apache", []string{"firewall:idle_timeout=3s"}, 1, true},
		{"curl > apache", []string{"leg1:rate=0.1"}, 0, true}, // it repeats
		{"chrome > haproxy@2.6.12", nil, 0, true},
		{"ssh > sshd", nil, 0, true},
		{"chrome > fastly", []string{"leg1:rate=0.1"}, 1, false}, // nobody tells its idle timeout
	} {
		l := legOf(t, x.path, x.set...)
		if share, known := l.Loses(); math.Abs(share-x.share) > 1e-12 || known != x.known {
			t.Errorf("%s %v: %v %v, want %v %v; %s", x.path, x.set, share, known, x.share, x.known, l.Limit.Verdict)
		}
	}
}

// The race window: as given, else assumed from the round trip, and never below it.
func TestTheWindowOfALeg(t *testing.T) {
	for _, x := range []struct {
		set     []string
		width   time.Duration
		assumed bool
	}{
		{nil, 50 * time.Millisecond, true},
		{[]string{"leg1:rtt=10ms"}, 50 * time.Millisecond, true},
		{[]string{"leg1:rtt=11ms"}, 300 * time.Millisecond, true},
		{[]string{"leg1:rtt=301ms"}, 301 * time.Millisecond, true},
		{[]string{"leg1:window=10ms"}, 10 * time.Millisecond, false},
		{[]string{"leg1:rtt=20ms", "leg1:window=20ms"}, 20 * time.Millisecond, false},
		{[]string{"leg1:rtt=21ms", "leg1:window=20ms"}, 21 * time.Millisecond, false},
	} {
		if w := legOf(t, "ie@11 > apache", x.set...).Window; w.Width != x.width || w.Assumed != x.assumed {
			t.Errorf("%v: %s, assumed %v", x.set, w.Width, w.Assumed)
		}
	}
}

func TestWorstRaceAtItsEdges(t *testing.T) {
	const sec, w = time.Second, 50 * time.Millisecond
	for _, x := range []struct {
		t, w, p time.Duration
		least   float64
		most    float64
	}{
		{5 * sec, w, 5*sec - w, 0, 0},         // reused until the window begins
		{5 * sec, w, 5*sec - w/2, 1e-4, 1e-2}, // and until its middle
		{5 * sec, 0, model.Never, 0, 0},       // there is no window
		{5 * sec, 5 * sec, model.Never, 1, 1}, // all of it is window
		{5 * sec, 6 * sec, model.Never, 1, 1},
		{0, w, sec, 0, 0},                   // nothing is reused
		{model.Never, w, model.Never, 0, 0}, // nothing closes
	} {
		if p := tuning.WorstRace(x.t, x.w, x.p); !(p >= x.least && p <= x.most) {
			t.Errorf("%+v: %v", x, p)
		}
	}
}

// The legs of a path: boxes belong to the leg around them, and a server behind a proxy that
// hands its hint on is named.
func TestStretchesOfAPath(t *testing.T) {
	c := model.Embedded()
	for path, want := range map[string][]tuning.Stretch{
		"curl > node":           {{Index: 0, First: 0, Last: 1, Beyond: -1}},
		"curl > haproxy > node": {{Index: 0, First: 0, Last: 1, Beyond: 2}, {Index: 1, First: 1, Last: 2, Beyond: -1}},
		"curl > firewall > haproxy > aws-nlb > node": {{Index: 0, First: 0, Last: 2, Beyond: 4, Boxes: []int{1}}, {Index: 1, First: 2, Last: 4, Beyond: -1, Boxes: []int{3}}},
		"curl > nginx > haproxy":                     {{Index: 0, First: 0, Last: 1, Beyond: -1}, {Index: 1, First: 1, Last: 2, Beyond: -1}},
	} {
		p, err := model.ParsePath(path, c)
		if err != nil {
			t.Fatal(err)
		}
		env := tuning.NewEnv(c, 0)
		got := tuning.Stretches(p, env)
		if len(got) != len(want) {
			t.Fatalf("%s: %+v", path, got)
		}
		r, err := tuning.Analyze(model.Document{Path: p}, env)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range got {
			if w := want[i]; s.Index != w.Index || s.First != w.First || s.Last != w.Last || s.Beyond != w.Beyond || len(s.Boxes) != len(w.Boxes) || len(w.Boxes) > 0 && s.Boxes[0] != w.Boxes[0] {
				t.Errorf("%s: %+v, want %+v", path, s, w)
			}
			if l, err := tuning.Judge(p, env, s); err != nil || l.Limit.Idle != r.Legs[i].Limit.Idle {
				t.Errorf("%s: leg %d by itself: %v %v", path, i, l.Limit.Idle, err)
			}
		}
	}
}

// What stands where it cannot is told with its leg.
func TestWhatCannotBeAnEnd(t *testing.T) {
	hop := func(id model.SystemID) model.Endpoint { return model.Endpoint{ID: model.EndpointID(id), System: id} }
	for _, x := range []struct {
		hops []model.Endpoint
		at   tuning.Stretch
		want string
	}{
		{[]model.Endpoint{hop("curl"), hop("chrome")}, tuning.Stretch{Last: 1, Beyond: -1}, "leg 1: chrome cannot be a server"},
		{[]model.Endpoint{hop("sshd"), hop("node")}, tuning.Stretch{Last: 1, Beyond: -1}, "leg 1: sshd cannot be a client"},
		{[]model.Endpoint{hop("curl"), hop("nginx"), hop("chrome")}, tuning.Stretch{Index: 1, First: 1, Last: 2, Beyond: -1}, "leg 2: chrome cannot be a server"},
		{[]model.Endpoint{hop("curl"), hop("haproxy"), hop("chrome")}, tuning.Stretch{Last: 1, Beyond: 2}, "leg 2: chrome cannot be a server"},
	} {
		if _, err := tuning.Judge(model.Path{Endpoints: x.hops}, tuning.NewEnv(model.Embedded(), 0), x.at); err == nil || err.Error() != x.want {
			t.Errorf("%v: %v, want %s", x.hops, err, x.want)
		}
	}
}

// A count of connections, or of those that come, is somebody's word.
func TestWhatIsCounted(t *testing.T) {
	for set, want := range map[string]float64{"leg1:arrivals=2": 2, "leg1:connections=7": 0, "leg1:rate=3": -1} {
		l := legOf(t, "curl > apache", set)
		if l.Counted() != (want >= 0) || l.Arrivals() != max(want, 0) {
			t.Errorf("%s: %v, %v arrivals", set, l.Counted(), l.Arrivals())
		}
	}
}

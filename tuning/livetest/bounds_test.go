package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// Each bound of what is asked: the last value that is taken, and the first that is not.
func TestSpecBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		taken, refused []func(*livetest.Spec)
	}{
		"idle limit": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.IdleLimit = 1 }, func(s *livetest.Spec) { s.IdleLimit = 24 * time.Hour }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.IdleLimit = 0 }, func(s *livetest.Spec) { s.IdleLimit = 24*time.Hour + 1 }},
		},
		"connections": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Connections = 1 }, func(s *livetest.Spec) { s.Connections, s.Cap = 1000, 1005 }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Connections = 0 }, func(s *livetest.Spec) { s.Connections, s.Cap = 1001, 1006 }},
		},
		"stagger": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Stagger = time.Minute }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Stagger = time.Minute + 1 }},
		},
		"second round": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Second = 10 * time.Minute }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Second = 10*time.Minute + 1 }},
		},
		"counted requests": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Requests = 1 }, func(s *livetest.Spec) { s.Requests = 1_000_000 }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Requests = 0 }, func(s *livetest.Spec) { s.Requests = 1_000_001 }},
		},
		"request rate": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.RequestRate = 0 }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.RequestRate = -0.001 }},
		},
		"PROXY protocol": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Target.Route.ProxyProtocol = 2 }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Target.Route.ProxyProtocol = 3 }, func(s *livetest.Spec) { s.Target.Route.ProxyProtocol = -1 }},
		},
		"one way": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Target.Route.Unix = "/a" }, func(s *livetest.Spec) { s.Target.Route.Proxy = "p.test:3128" }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { s.Target.Route = livetest.Route{Unix: "/a", Proxy: "p.test:3128"} }},
		},
		"a certificate with its key": {
			[]func(*livetest.Spec){func(s *livetest.Spec) { secure(s, "c", "k") }, func(s *livetest.Spec) { secure(s, "", "") }},
			[]func(*livetest.Spec){func(s *livetest.Spec) { secure(s, "c", "") }, func(s *livetest.Spec) { secure(s, "", "k") }, func(s *livetest.Spec) {
				s.Target.Route.CertFile, s.Target.Route.KeyFile = "c", "k" // without TLS
			}},
		},
		"a header's name": { // RFC 9110: from ! to ~ without delimiters
			[]func(*livetest.Spec){header("!"), header("~"), header("X-1")},
			[]func(*livetest.Spec){header(""), header(" "), header("\x7f"), header("a:b"), header("é")},
		},
		"a path": {
			[]func(*livetest.Spec){path("*"), path("/!~")},
			[]func(*livetest.Spec){path("x"), path("/ "), path("/\x7f"), path("/\x1f")},
		},
	} {
		for i, list := range [][]func(*livetest.Spec){c.taken, c.refused} {
			for n, change := range list {
				s := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"}).Normalize()
				change(&s)
				if err := s.Validate(); (err != nil) != (i == 1) {
					t.Errorf("%s, %s %d: %v", name, []string{"taken", "refused"}[i], n, err)
				}
			}
		}
	}
}

func secure(s *livetest.Spec, cert, key string) {
	s.Target.Scheme, s.Target.Route.CertFile, s.Target.Route.KeyFile = "https", cert, key
}

func header(name string) func(*livetest.Spec) {
	return func(s *livetest.Spec) { s.Target.Headers = []livetest.Header{{Name: name, Value: "v"}} }
}

func path(p string) func(*livetest.Spec) {
	return func(s *livetest.Spec) { s.Target.Path = p }
}

func TestRaceBounds(t *testing.T) {
	t.Parallel()
	const milli = time.Millisecond
	for name, c := range map[string]struct{ taken, refused func(*livetest.RaceSpec) }{
		"around":       {func(r *livetest.RaceSpec) { r.Around = 0 }, func(r *livetest.RaceSpec) { r.Around = -1 }},
		"window":       {func(r *livetest.RaceSpec) { r.Window = 1 }, func(r *livetest.RaceSpec) { r.Window = 0 }},
		"step":         {func(r *livetest.RaceSpec) { r.Window, r.Step = 1, 1 }, func(r *livetest.RaceSpec) { r.Step = 0 }},
		"for":          {func(r *livetest.RaceSpec) { r.For = 1 }, func(r *livetest.RaceSpec) { r.For = 0 }},
		"client limit": {func(r *livetest.RaceSpec) { r.ClientLimit = 0 }, func(r *livetest.RaceSpec) { r.ClientLimit = -1 }},
		"rate":         {func(r *livetest.RaceSpec) { r.Rate = 0 }, func(r *livetest.RaceSpec) { r.Rate = -0.001 }},
		"per step":     {func(r *livetest.RaceSpec) { r.PerStep = 1 }, func(r *livetest.RaceSpec) { r.PerStep = 0 }},
		"steps":        {func(r *livetest.RaceSpec) { r.Window, r.Step = 1000*milli, milli }, func(r *livetest.RaceSpec) { r.Window, r.Step = 1001*milli, milli }},
		"clients":      {func(r *livetest.RaceSpec) { r.Clients = 1 }, func(r *livetest.RaceSpec) { r.Clients = 0 }},
		"most clients": {func(r *livetest.RaceSpec) { r.Clients = 1000 }, func(r *livetest.RaceSpec) { r.Clients = 1001 }},
		"mode":         {func(r *livetest.RaceSpec) { r.Mode = livetest.RacePoisson }, func(r *livetest.RaceSpec) { r.Mode = "both" }},
		"method":       {func(r *livetest.RaceSpec) { r.Methods = []string{"HEAD"} }, func(r *livetest.RaceSpec) { r.Methods = []string{"GET", "A B"} }},
	} {
		taken, refused := livetest.RaceSpec{}.Normalize(), livetest.RaceSpec{}.Normalize()
		c.taken(&taken)
		c.refused(&refused)
		if err := taken.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if refused.Validate() == nil {
			t.Errorf("%s: %+v is taken", name, refused)
		}
	}
}

// What a race says of where requests were lost, and what the formula adds.
func TestRaceInWords(t *testing.T) {
	t.Parallel()
	const around, milli = 5 * time.Second, time.Millisecond
	rtt := 20 * milli
	step := func(at time.Duration, sent, failed int) livetest.RaceStep {
		return livetest.RaceStep{Offset: at, Method: "GET", Sent: sent, Failed: failed}
	}
	poisson := livetest.RaceSpec{Mode: livetest.RacePoisson}
	faster := livetest.RaceSpec{Mode: livetest.RacePoisson, Rate: 2}
	for name, c := range map[string]struct {
		race livetest.Race
		spec *livetest.RaceSpec
		rtt  *time.Duration
		want string
	}{
		"nothing sent": {livetest.Race{Around: around}, nil, nil, "no request was sent on a connection that looked open"},
		"at one step": {
			livetest.Race{Around: around, Requests: 10, Failures: 1, Steps: []livetest.RaceStep{step(-10*milli, 5, 0), step(0, 5, 1)}},
			nil, nil,
			"1 of 10 requests were lost around the close at 5 s (10.00 %); they were sent within 0.1 ms of it. Clients that open a new connection after 4.99 s of silence keep clear of it",
		},
		"over a window": {
			livetest.Race{Around: around, Requests: 20, Failures: 3, Steps: []livetest.RaceStep{step(-20*milli, 5, 0), step(-10*milli, 5, 1), step(0, 5, 1), step(10*milli, 5, 1)}},
			nil, nil,
			"3 of 20 requests were lost around the close at 5 s (15.00 %); they were sent from 10 ms before it to 10 ms after it. Clients that open a new connection after 4.97 s of silence keep clear of it",
		},
		"nowhere": {
			livetest.Race{Around: around, Requests: 20, Done: true, Steps: []livetest.RaceStep{step(0, 20, 0)}},
			nil, &rtt,
			"0 of 20 requests were lost around the close at 5 s (0.00 %); a request can be lost only within about the RTT (20 ms) of the close, and none of the steps met that",
		},
		"nowhere, and not to the end": {
			livetest.Race{Around: around, Requests: 20, Steps: []livetest.RaceStep{step(0, 20, 0)}},
			nil, &rtt,
			"0 of 20 requests were lost around the close at 5 s (0.00 %)",
		},
		"nowhere, by clients with a limit": {
			livetest.Race{Around: around, Requests: 20, Done: true},
			&livetest.RaceSpec{ClientLimit: 4 * time.Second}, &rtt,
			"0 of 20 requests were lost around the close at 5 s (0.00 %), by clients that open a new connection after 4 s of silence",
		},
		"independent users": {
			livetest.Race{Mode: livetest.RacePoisson, Around: around, Requests: 1000, Failures: 2},
			&poisson, &rtt,
			"2 of 1000 requests were lost around the close at 5 s (0.20 %); the formula says 0.15 % for a window of one RTT", // e^-0.996 - e^-1
		},
		"at a rate of their own": {
			livetest.Race{Mode: livetest.RacePoisson, Around: time.Second, Requests: 1000, Failures: 2},
			&faster, &rtt,
			"2 of 1000 requests were lost around the close at 1 s (0.20 %); the formula says 0.55 % for a window of one RTT", // e^-1.96 - e^-2
		},
		"without an RTT": {
			livetest.Race{Mode: livetest.RacePoisson, Around: around, Requests: 1000, Failures: 2},
			&poisson, nil,
			"2 of 1000 requests were lost around the close at 5 s (0.20 %)",
		},
	} {
		of := livetest.Result{Spec: livetest.Spec{Race: c.spec}, TCP: livetest.TCP{RTT: c.rtt}}
		if got := c.race.Text(of); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// An outage of the control connection from 10 to 20 s casts doubt on what ended from a second
// before it until as long again after it: a FIN into it is sent once more.
func TestOutageCastsDoubt(t *testing.T) {
	t.Parallel()
	const sec, milli = time.Second, time.Millisecond
	outage := livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleControl, At: 20 * sec, Took: 10 * sec, Text: "there was no answer in time"}
	for end, good := range map[time.Duration]int{9*sec - milli: 3, 9 * sec: 0, 30 * sec: 0, 30*sec + milli: 3} {
		r := append(three(end-100*milli, livetest.CloseFIN).alive(0, 10*sec), outage).alive(20*sec, 40*sec).end("")
		if r.Idle.Samples != good {
			t.Errorf("closed at %v: %d good samples, want %d", end, r.Idle.Samples, good)
		}
	}
}

// A pause of this process casts doubt on what ended in it, and on what is read within a tenth
// of a second after it.
func TestPauseCastsDoubt(t *testing.T) {
	t.Parallel()
	const sec, milli = time.Second, time.Millisecond
	pause := livetest.Event{Kind: livetest.EventPaused, From: 10 * sec, At: 12 * sec}
	for end, good := range map[time.Duration]int{10*sec - milli: 3, 10 * sec: 0, 12*sec + 100*milli: 0, 12*sec + 101*milli: 3} {
		if r := append(three(end-100*milli, livetest.CloseFIN), pause).alive(0, 40*sec).end(""); r.Idle.Samples != good {
			t.Errorf("closed at %v: %d good samples, want %d", end, r.Idle.Samples, good)
		}
	}
}

// Only a TLS connection has a handshake, and the shortest times of the network stand.
func TestNetworkOfARun(t *testing.T) {
	t.Parallel()
	const milli = time.Millisecond
	connected := func(conn int, handshake, rtt, rto time.Duration) livetest.Event {
		return livetest.Event{Kind: livetest.EventConnected, Conn: conn, Role: livetest.RoleIdle, Connect: milli, Handshake: handshake, RTT: rtt, RTO: rto}
	}
	plain := append(begin(), connected(1, 0, 30*milli, 0), connected(2, 0, 20*milli, 0), connected(3, 0, 25*milli, 0)).end("")
	if plain.TCP.RTT == nil || *plain.TCP.RTT != 20*milli || plain.TCP.Handshake != nil || plain.TCP.RTO != nil {
		t.Errorf("without TLS: %+v", plain.TCP)
	}
	secure := append(begin(), connected(1, 3*milli, 0, 300*milli), connected(2, 4*milli, 0, 250*milli)).end("")
	if secure.TCP.RTT != nil || secure.TCP.Handshake == nil || secure.TCP.RTO == nil || *secure.TCP.RTO != 250*milli {
		t.Errorf("with TLS: %+v", secure.TCP)
	}
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// partFlags are the flags of what a polite default test leaves out.
type partFlags struct {
	http2, ladder, race                  bool
	gaps, precision, probeEvery          string
	farEnd, token                        string
	raceMode, raceAround, raceWindow     string
	raceFor, raceLimit                   string
	raceClients, hold                    int
	unix, proxy, caFile, certFile, keyOf string
	proxyProtocol                        int
	keepAlive, userTimeout               string
}

func (f *partFlags) flags(cmd *cobra.Command) {
	s := cmd.Flags()
	s.BoolVar(&f.http2, "http2", false, "also speak HTTP/2: settings, PING, idle close, GOAWAY")
	s.BoolVar(&f.ladder, "ladder", false, "also find the idle gap that the path does not outlive, and whether TCP keep-alive holds it")
	s.StringVar(&f.gaps, "gaps", "", "the ladder's first gaps, `TIMES` such as 1s,5s,30s; default 1, 2, 3, 5, 8, … up to --idle-limit")
	s.StringVar(&f.precision, "precision", "", "how narrow the ladder's bracket gets, a `TIME`; default a twentieth of it")
	s.StringVar(&f.probeEvery, "probe-every", "", "the keep-alive time with which the ladder holds the path, a `TIME` in whole seconds")
	s.StringVar(&f.farEnd, "far-end", "", "`HOST:PORT` of keeptune serve beyond the path: the ladder tests both directions")
	s.StringVar(&f.token, "token", "", "its `TOKEN`; default the variable KEEPTUNE_TOKEN")
	s.BoolVar(&f.race, "race", false, "also hammer the moment of the close: how many requests on reused connections are lost")
	s.StringVar(&f.raceMode, "race-mode", string(livetest.RaceSteps), "`MODE`: steps around the close, or poisson as many users ask")
	s.StringVar(&f.raceAround, "race-around", "", "the idle timeout to hammer, a `TIME`; default the one measured first")
	s.StringVar(&f.raceWindow, "race-window", "", "how far the steps reach before and after it, a `TIME`; default 50ms")
	s.StringVar(&f.raceFor, "race-for", "", "how long poisson runs, a `TIME`; default 20s")
	s.StringVar(&f.raceLimit, "race-limit", "", "the idle time after which our clients open a new connection instead, a `TIME`; default never")
	s.IntVar(&f.raceClients, "race-clients", 0, "`N` connections at work; default 10, or 150 in poisson mode")
	s.IntVar(&f.hold, "hold", 0, "also hold `N` idle connections at once and see how long each is kept")
	s.StringVar(&f.unix, "unix", "", "connect to the unix socket at `PATH`")
	s.StringVar(&f.proxy, "proxy", "", "reach the target by CONNECT through the HTTP proxy at `HOST:PORT`")
	s.IntVar(&f.proxyProtocol, "proxy-protocol", 0, "begin with a PROXY header of `VERSION` 1 or 2")
	s.StringVar(&f.caFile, "cacert", "", "trust the certificates in `FILE` (PEM) instead of the system's")
	s.StringVar(&f.certFile, "cert", "", "the client's certificate, a `FILE` (PEM)")
	s.StringVar(&f.keyOf, "key", "", "its key, a `FILE` (PEM)")
	s.StringVar(&f.keepAlive, "keepalive", "", "TCP keep-alive on the test's own connections, `TIMES` as TIME[/INTERVAL[/COUNT]]; default off")
	s.StringVar(&f.userTimeout, "user-timeout", "", "TCP_USER_TIMEOUT on the test's own connections, a `TIME`")
	complete(cmd, "race-mode", string(livetest.RaceSteps), string(livetest.RacePoisson))
}

// apply adds to a test what the flags ask for beside what it measures anyway.
func (f *partFlags) apply(s *livetest.Spec) error {
	if typed := s.Target.Route.Unix; typed != "" {
		if f.unix != "" && f.unix != typed {
			return errors.New("the target and --unix name two sockets: leave one out")
		}
		f.unix = typed
	}
	s.Target.Route = livetest.Route{
		Unix: f.unix, Proxy: f.proxy, ProxyProtocol: f.proxyProtocol, CAFile: f.caFile, CertFile: f.certFile, KeyFile: f.keyOf,
	}
	asked := map[livetest.Measurement]bool{
		livetest.MeasureHTTP2: f.http2, livetest.MeasureLadder: f.ladder || f.farEnd != "" || f.gaps != "",
		livetest.MeasureRace: f.race, livetest.MeasureHold: f.hold != 0,
	}
	for _, m := range livetest.AllMeasurements() {
		if asked[m] && !s.Measures(m) {
			s.Measure = append(slices.Clone(s.Measure), m)
		}
	}
	s.Hold = f.hold
	for _, part := range []func(*livetest.Spec) error{f.applySocket, f.applyLadder, f.applyRace} {
		if err := part(s); err != nil {
			return err
		}
	}
	return nil
}

// spans reads flags that hold times; an empty one leaves its target.
func spans(flags map[string]string, to map[string]*time.Duration) error {
	for name, text := range flags {
		if text == "" {
			continue
		}
		d, err := model.ParseSpan(model.Clean(text, 60), time.Second)
		if err != nil {
			return fmt.Errorf("--%s: %w", name, err)
		}
		*to[name] = d
	}
	return nil
}

func (f *partFlags) applySocket(s *livetest.Spec) error {
	o := &s.Socket
	if err := spans(map[string]string{"user-timeout": f.userTimeout}, map[string]*time.Duration{"user-timeout": &o.UserTimeout}); err != nil {
		return err
	}
	if f.keepAlive == "" {
		return nil
	}
	asked, err := livetest.ParseKeepAlive(f.keepAlive)
	if err != nil {
		return fmt.Errorf("--keepalive: %w", err)
	}
	asked.UserTimeout = o.UserTimeout
	*o = asked
	return nil
}

func (f *partFlags) applyLadder(s *livetest.Spec) error {
	if !s.Measures(livetest.MeasureLadder) {
		if f.precision+f.probeEvery+f.token != "" {
			return errors.New("--precision, --probe-every and --token belong to a ladder: add --ladder")
		}
		return nil
	}
	l := livetest.LadderSpec{FarEnd: f.farEnd, Token: f.token}
	if l.FarEnd != "" && l.Token == "" {
		l.Token = os.Getenv("KEEPTUNE_TOKEN")
	}
	for _, text := range strings.FieldsFunc(f.gaps, func(r rune) bool { return r == ',' || r == ' ' }) {
		var d time.Duration
		if err := spans(map[string]string{"gaps": text}, map[string]*time.Duration{"gaps": &d}); err != nil {
			return err
		}
		l.Gaps = append(l.Gaps, d)
	}
	s.Ladder = &l
	return spans(map[string]string{"precision": f.precision, "probe-every": f.probeEvery},
		map[string]*time.Duration{"precision": &l.Precision, "probe-every": &l.ProbeEvery})
}

func (f *partFlags) applyRace(s *livetest.Spec) error {
	if !s.Measures(livetest.MeasureRace) {
		if f.raceAround+f.raceWindow+f.raceFor+f.raceLimit != "" || f.raceClients != 0 {
			return errors.New("the flags that begin with --race- belong to a race: add --race")
		}
		return nil
	}
	r := livetest.RaceSpec{Mode: livetest.RaceMode(f.raceMode), Clients: f.raceClients}
	s.Race = &r
	err := spans(
		map[string]string{"race-around": f.raceAround, "race-window": f.raceWindow, "race-for": f.raceFor, "race-limit": f.raceLimit},
		map[string]*time.Duration{"race-around": &r.Around, "race-window": &r.Window, "race-for": &r.For, "race-limit": &r.ClientLimit})
	if r.Normalize().Clients > livetest.DefaultConnectionCap {
		s.Cap = max(s.Cap, r.Normalize().Clients) // a number that was typed, or the mode's own
	}
	return err
}

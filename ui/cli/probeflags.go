package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// probeFlags are the flags of probe.
type probeFlags struct {
	where                                connection
	target, idleLimit, method, host, sni string
	spread                               string
	step                                 time.Duration // the catalog's, of the configured server
	headers, measure                     []string
	connections, requests                int
	yes, insecure, force, ui             bool
	format, record, replay               string
	failOn, expect                       string
	parts                                partFlags
}

// builtIn reports whether the test is of the server that keeptune brings along.
func (f *probeFlags) builtIn() bool { return f.target == "" && f.parts.unix == "" && f.replay == "" }

func (f *probeFlags) flags(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.idleLimit, "idle-limit", "90s", "`TIME` that silence is watched")
	s.IntVar(&f.connections, "connections", livetest.DefaultConnections, "`N` idle connections to watch")
	s.StringVar(&f.spread, "spread", "auto", "where connections that began apart end together, the `TIME` over which a second round is spread at most, which finds the server's step; auto or off")
	s.IntVar(&f.requests, "requests", livetest.DefaultRequestCount, "count requests on one connection up to `N`")
	s.StringVar(&f.method, "method", "GET", "request `METHOD`")
	s.StringArrayVar(&f.headers, "header", nil, "add `'NAME: VALUE'` to every request; may be repeated")
	s.StringVar(&f.host, "host", "", "the Host header, a `NAME`")
	s.StringVar(&f.sni, "sni", "", "the `NAME` asked for and verified in TLS")
	s.StringSliceVar(&f.measure, "measure", nil, "only `THESE`: "+measurements())
	s.BoolVar(&f.insecure, "insecure", false, "accept any certificate")
	s.BoolVar(&f.yes, "yes", false, "test a target that is not this machine without asking")
	s.StringVar(&f.format, "format", "text", "`FORMAT`: text, json, jsonl, csv, markdown or svg")
	s.StringVar(&f.failOn, "fail-on", "error", "exit 1 on findings at this `SEVERITY` or above: error, warning, info or never")
	s.StringVar(&f.expect, "expect", "", "exit 1 unless `CONDITIONS` such as 'idle>=60s,close=fin' are measured")
	s.StringVar(&f.record, "record", "", "keep every event in `FILE`, which is FILE.part until the test ends")
	s.StringVar(&f.replay, "replay", "", "print the recording in `FILE` instead of testing; - is standard input")
	s.BoolVar(&f.ui, "ui", false, "show the recording of --replay in the terminal UI")
	s.BoolVar(&f.force, "force", false, "replace the file of --record")
	s.StringVar(&f.where.path, "path", "", "hold against the last server of this `PATH`")
	s.StringVar(&f.where.server, "server", "", "hold against this server: `SYSTEM`[@VERSION][/OS]")
	s.StringVar(&f.where.client, "client", "", "the `SYSTEM` in front of it, for --set")
	s.StringArrayVar(&f.where.set, "set", nil, "its settings: [ENDPOINT:]`PARAM=VALUE`; may be repeated")
	f.parts.flags(cmd)
	complete(cmd, "spread", "auto", "off")
	complete(cmd, "fail-on", "error", "warning", "info", "never")
	complete(cmd, "expect", "idle>=", "idle<=", "before-request>=", "close=fin", "requests>=", "hint=", "status=200")
	complete(cmd, "measure", strings.Split(measurements(), ", ")...)
}

// measurements are all that --measure knows.
func measurements() string {
	var names []string
	for _, m := range livetest.AllMeasurements() {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

// second is the time over which a second round is spread: below 0 for none, 0 for what suits
// a server whose step is not known.
func (f *probeFlags) second() (time.Duration, error) {
	switch f.spread {
	case "auto":
		return livetest.SecondFor(f.step), nil
	case "off":
		return -1, nil
	}
	d, err := model.ParseSpan(model.Clean(f.spread, 60), time.Second)
	switch {
	case err != nil:
		return 0, fmt.Errorf("--spread takes auto, off or a time: %w", err)
	case d == 0:
		return -1, nil
	}
	return d, nil
}

// password is what a target logs in with, where it is asked anything but HTTP.
func password(t livetest.Target) string {
	if !t.Asks() {
		return ""
	}
	return os.Getenv("KEEPTUNE_PASSWORD")
}

// spec is the test that the flags ask for.
func (f *probeFlags) spec(cmd *cobra.Command, target string) (livetest.Spec, error) {
	var none livetest.Spec
	t, err := livetest.ParseTarget(target)
	if err != nil {
		return none, err
	}
	t.Method, t.Insecure, t.HostHeader, t.SNI = f.method, f.insecure, f.host, f.sni
	t.Password = password(t)
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return none, fmt.Errorf("--header: %q is not NAME: VALUE", model.Clean(h, 80))
		}
		t.Headers = append(t.Headers, livetest.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	s := livetest.Spec{Target: t, Requests: f.requests}
	if s.IdleLimit, err = model.ParseSpan(model.Clean(f.idleLimit, 60), time.Second); err != nil {
		return none, fmt.Errorf("--idle-limit: %w", err)
	}
	switch {
	case s.IdleLimit == 0:
		return none, errors.New("--idle-limit is 0; give a time such as 90s")
	case f.connections < 1:
		return none, fmt.Errorf("--connections is %d; give 1 or more, 7 is the default", f.connections)
	case f.requests < 1:
		return none, fmt.Errorf("--requests is %d; give 1 or more", f.requests)
	}
	if s.Second, err = f.second(); err != nil {
		return none, err
	}
	for _, m := range f.measure {
		s.Measure = append(s.Measure, livetest.Measurement(strings.TrimSpace(m)))
	}
	if len(s.Measure) == 0 {
		s.Measure = s.Normalize().Measure
	}
	if err := f.parts.apply(&s); err != nil {
		return none, err
	}
	if cmd.Flags().Changed("connections") {
		s = s.WithConnections(f.connections)
	}
	s = s.Normalize()
	return s, s.Validate()
}

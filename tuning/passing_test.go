package tuning_test

import (
	"slices"
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

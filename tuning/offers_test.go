package tuning_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// An offer is what is offered for one finding of a path: all of it, in order.
type offer struct {
	path, sets, rule string
	labels           string // a line each
}

// check holds what is offered, and each for itself.
func (w offer) check(t *testing.T) {
	t.Helper()
	c := model.Embedded()
	d, env := document(t, c, w.path, strings.Fields(w.sets)...), tuning.NewEnv(c, 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	f := fired(tuning.Advised(d, env, r), w.rule)
	if f == nil {
		t.Errorf("%s %s: there is no %s", w.path, w.sets, w.rule)
		return
	}
	var got []string
	for _, m := range f.Remedies {
		got = append(got, m.Label)
		for _, cost := range m.Costs {
			got = append(got, "- "+cost)
		}
	}
	var want []string
	for l := range strings.Lines(w.labels) {
		if l = strings.TrimSpace(l); l != "" {
			want = append(want, l)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s %s: for %s is offered\n\t%s\nwant\n\t%s", w.path, w.sets, w.rule, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// The order of closes against the crowd: 256 workers, half of which bear 128 idle connections;
// the client reuses for 60 s (an ALB) or 90 s (Go), and the server has to wait a tenth longer.
func TestWaysOutOfACrowd(t *testing.T) {
	t.Parallel()
	crowd := "apache:prefork=on apache:MaxRequestWorkers=256 leg1:arrivals="
	for _, w := range []offer{
		// 26 a second for 65 s are 1690, of 3380 workers a half.
		{"aws-alb > apache", crowd + "26", "CAP-5", `
			let apache keep no worker for an idle connection: MPM prefork or worker off, KeepAliveTimeout 65 s
			let apache have more workers: MaxRequestWorkers 3400, KeepAliveTimeout 65 s
			let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
		// 60 a second for 100 s are 6000; 128 of them are there after 2.1 s, so the client has 1 s.
		{"go-client > apache", crowd + "60", "CAP-5", `
			let apache keep no worker for an idle connection: MPM prefork or worker off, KeepAliveTimeout 100 s
			let go-client give up sooner: IdleConnTimeout 1 s
			let apache have more workers: MaxRequestWorkers 12000, KeepAliveTimeout 100 s`},
		// No time is long enough for a client that never lets go.
		{"python-requests > apache", crowd + "60", "CAP-5", `
			let python-requests use each connection once: Connection keep-alive off
			let apache use each connection once: KeepAlive off`},
		{"aws-alb > apache", crowd + "25", "ORD-1", `let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
		// How many there are is known, whatever comes: the time is free.
		{"aws-alb > apache", crowd + "26 leg1:connections=200", "ORD-1", `
			let apache wait longer: KeepAliveTimeout 65 s
			let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
	} {
		w.check(t)
	}
	// What stands beside the two stays: both ends notice late.
	r := reported(t, model.Embedded(), "go-client > apache", append(strings.Fields(crowd+"60"), "leg1:notice=10s", "go-client:IdleConnTimeout=9s"))
	late := map[string]bool{}
	for _, f := range r.Findings {
		if f.Rule.ID == "KA-4" {
			late[string(f.At[0].Endpoint)] = true
		}
	}
	if fired(r, "CAP-5") == nil || !late["go-client"] || !late["apache"] {
		t.Errorf("with CAP-5 there is KA-4 of %v, want both ends", late)
	}
}

package tuning_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

// What two legs share suits both: raising the balancer's timeout for the first
// leg breaks the second, and the plan mends that, too.
func TestTheWholePathIsFixedAtOnce(t *testing.T) {
	for _, x := range []struct {
		path string
		set  []string
		want string // "" where nothing is to be done
		left int
	}{
		{"chrome > aws-alb > nginx@1.30.0 > node@22", nil, "node keepAliveTimeout 65 s", 0},
		{"cloudflare > aws-alb > nginx@1.30.0 > node@22", nil, "aws-alb idle_timeout.timeout_seconds 16 m; nginx keepalive_timeout 17 m; node keepAliveTimeout 65 s", 0},
		{"ie@11 > apache@2.4.66", []string{"server:KeepAliveTimeout=190s"}, "", 0},
		{"libpq > firewall > postgresql", []string{"firewall:idle_timeout=1h"}, "libpq keepalives_idle 20 m", 0},
		// What no setting puts right, here a time of probes that nobody sends, is passed over.
		{"gcp-alb > h2o", []string{"h2o:h2o.tcp_keepintvl=1s"}, "h2o http1-request-timeout 11 m", 1},
		{"gcp-alb > cowboy", []string{"cowboy:tcp_keepintvl=1s"}, "cowboy request_timeout 11 m", 1},
	} {
		d, env, r := out(t, x.path, x.set...)
		p, ok := tuning.Whole(d, env, r)
		if got := p.Brief(); ok != (x.want != "") || got != x.want || p.Left != x.left {
			t.Errorf("%s: %q, %d left, want %q", x.path, got, p.Left, x.want)
		}
	}
}

// A plan leaves less to find, sets nothing twice, and nothing in it is idle.
func TestPlansAreNoLongerThanNeeded(t *testing.T) {
	documents := 24
	if lawcheck.Long() {
		documents = 60
	}
	c := model.Embedded()
	draw, env := newDrawer(t, c), tuning.NewEnv(c, 250)
	planned := 0
	for seed := range documents {
		d := draw.document(rand.New(rand.NewPCG(uint64(seed), 5)))
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := tuning.Whole(d, env, r)
		if !ok {
			continue
		}
		planned++
		if grave(p.After) >= grave(r) {
			t.Errorf("seed %d, %s: %s leaves %d of %d", seed, d.Path, p.Brief(), grave(p.After), grave(r))
		}
		for i := range p.Steps {
			less := tuning.Plan{Steps: slices.Delete(slices.Clone(p.Steps), i, i+1)}
			with := d
			for _, e := range less.Edits() {
				if with, err = with.With(e, c); err != nil {
					t.Fatal(err)
				}
			}
			after, err := tuning.Analyze(with, env)
			if err == nil && grave(after) <= grave(p.After) {
				t.Errorf("seed %d, %s: %q is idle in %s", seed, d.Path, p.Steps[i].Label, p.Brief())
			}
		}
	}
	if planned < documents/3 {
		t.Errorf("only %d plans: the documents are too healthy to prove anything", planned)
	}
}

// grave weighs errors above warnings.
func grave(r tuning.Report) int {
	n := 0
	for _, f := range r.Findings {
		n += []int{0, 1, 1000}[f.Severity]
	}
	return n
}

// The symptom that brought somebody comes from some legs only.
func TestALegThatCannotBeMeant(t *testing.T) {
	for _, x := range []struct {
		path    string
		set     []string
		leg     int
		symptom tuning.Symptom
		why     string // a part of it; "" where the leg may be meant
	}{
		{"chrome > aws-alb > nginx@1.30.0 > node@22", nil, 0, tuning.SymptomGateway, "chrome makes none"},
		{"chrome > aws-alb > nginx@1.30.0 > node@22", nil, 1, tuning.SymptomGateway, "aws-alb lets go before nginx closes"},
		{"chrome > aws-alb > nginx@1.30.0 > node@22", nil, 2, tuning.SymptomGateway, ""},
		{"chrome > nginx@1.30.0", nil, 0, tuning.SymptomReset, "chrome repeats what meets a close"},
		{"go-client > node@22", nil, 0, tuning.SymptomReset, ""},
		{"putty > sshd", nil, 0, tuning.SymptomQuiet, "nothing here ends a quiet connection"},
		{"putty > firewall > sshd", nil, 0, tuning.SymptomQuiet, ""},
		{"putty/windows@7 > sshd", []string{"leg1:outage=9s"}, 0, tuning.SymptomOutage, "both ends survive 9 s"},
		{"putty/windows@7 > sshd", []string{"leg1:outage=60s"}, 0, tuning.SymptomOutage, ""},
		{"libpq > postgresql", nil, 0, tuning.SymptomHang, ""},
		{"libpq > postgresql", []string{"libpq:tcp_user_timeout=20000", "postgresql:tcp_user_timeout=20000"}, 0, tuning.SymptomHang, "both ends give a dead peer up"},
		{"chrome > nginx", nil, 0, tuning.SymptomWorkers, "no idle connection of nginx holds a worker"},
		{"chrome > apache", []string{"apache:prefork=on"}, 0, tuning.SymptomWorkers, ""},
	} {
		_, _, r := out(t, x.path, x.set...)
		if got := r.Legs[x.leg].Excludes(x.symptom); x.why == "" && got != "" || !strings.Contains(got, x.why) {
			t.Errorf("%s, leg %d, %s: %q, want %q", x.path, x.leg+1, x.symptom, got, x.why)
		}
	}
}

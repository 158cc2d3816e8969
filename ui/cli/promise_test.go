package cli

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// Where a server does not do what it is configured to, the products are named
// whose timer that would be.
func TestPromiseNamesCandidates(t *testing.T) {
	minute := time.Minute
	p := promise{given: true, catalog: model.Embedded(), timer: tuning.Limiter{Low: 5 * time.Second, High: 6 * time.Second}}
	r := livetest.Result{
		Idle: livetest.Idle{Samples: 8, Low: &minute, After: &minute, High: &minute}, Spec: livetest.NewSpec(livetest.Target{Host: "192.0.2.1"}),
	}
	got := p.against(r)
	if len(got) != 1 || got[0].Agrees || !strings.Contains(strings.Join(got[0].Candidates, "\n"), "is 60 s by default") {
		t.Errorf("%+v", got)
	}
	if got := (promise{}).against(r); got != nil {
		t.Errorf("nothing was promised, and got %+v", got)
	}
}

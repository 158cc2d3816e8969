package tuning_test

import (
	"slices"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func TestASweepShowsTheTradeOff(t *testing.T) {
	c := model.Embedded()
	d := document(t, c, "chrome > apache@2.4.66", "server:KeepAliveTimeout=17s", "leg1:arrivals=10", "leg1:rate=0.2")
	points, err := tuning.Sweep(d, tuning.NewEnv(c, 0), 0, tuning.ParamRef{Endpoint: "apache", Param: "apache.KeepAliveTimeout"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(points, func(p tuning.Point) bool { return p.Value == model.For(17*time.Second) }) {
		t.Error("the present value is not among the points")
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if b.Limit.Idle < a.Limit.Idle || *b.Load.IdleConnections < *a.Load.IdleConnections || b.Reconnects > a.Reconnects {
			t.Errorf("%s to %s: limit %v to %v, held %v to %v, reconnects %v to %v", a.Value, b.Value,
				a.Limit.Idle, b.Limit.Idle, *a.Load.IdleConnections, *b.Load.IdleConnections, a.Reconnects, b.Reconnects)
		}
	}
	if last := points[len(points)-1]; last.Limit.Verdict != tuning.VerdictOK || points[0].Limit.Verdict != tuning.VerdictRetried {
		t.Errorf("from %s to %s, want a close that costs a round trip at one second and none at a day", points[0].Limit.Verdict, last.Limit.Verdict)
	}
}

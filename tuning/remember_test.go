package tuning_test

import (
	"reflect"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A leg that is as before on a path that isn't is judged by where it stands now.
func TestWhatIsRememberedStandsElsewhere(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 0)
	for _, x := range []struct {
		path string
		set  []string
	}{
		{"chrome > nginx > haproxy > node", nil},
		{"chrome > firewall > nginx > haproxy > node", nil}, // the second leg has the same hops, a place later
		{"chrome > nginx > haproxy > node", []string{"node:keepAliveTimeout=65s"}},
		{"chrome > nginx > haproxy > node", []string{"leg2:rtt=20ms"}},
		{"chrome > nginx > haproxy", nil}, // the second leg's end is the path's now
		{"chrome > nginx", nil},
		{"chrome > nginx > node", nil},
		{"chrome > nginx > node", []string{"nginx:nginx.keepalive_timeout=20s"}},
		{"chrome > nginx@1.30.0 > node@22.10", nil},
	} {
		d := document(t, c, x.path, x.set...)
		got, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		want, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s %v: another report than that of a new environment", x.path, x.set)
		}
	}
}

// Lines of two reports that have other legs, and of settings that are gone: each stands behind
// what stood before it.
func TestWhereADifferenceStands(t *testing.T) {
	row := func(id string) tuning.Row {
		return tuning.Row{Param: &model.Param{ID: model.ParamID(id), Name: id}, Value: model.For(time.Second)}
	}
	report := func(ids ...string) tuning.Report {
		l := tuning.Leg{Client: tuning.Side{Endpoint: model.Endpoint{ID: "a"}}}
		for _, id := range ids {
			l.Client.Rows = append(l.Client.Rows, row(id))
		}
		return tuning.Report{Legs: []tuning.Leg{l}}
	}
	for _, x := range []struct {
		before, after tuning.Report
		want          string
	}{
		{report("one", "two", "three"), report("one", "three"), "one two- three "},
		{report("one", "two", "three"), report("two", "three"), "two three one- "}, // nothing stood before it
		{report("one", "two", "three"), report("one", "two"), "one two three- "},
		{report("one", "two", "three"), report("three"), "three one- two- "},
		{report("one"), report("one", "two"), "one two "},
	} {
		var got string
		for _, d := range tuning.Differences(x.before, x.after) {
			if got += d.Name; d.Is == nil {
				got += "-"
			}
			got += " "
		}
		if got != x.want {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
	short, long := reportOf(t, "curl > node", "leg1:outage=60s"), reportOf(t, "curl > nginx > node", "leg2:outage=60s")
	for _, x := range [][2]tuning.Report{{short, long}, {long, short}} {
		n := 0
		for _, d := range tuning.Differences(x[0], x[1]) {
			if d.At.Param == "outage" {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d outages of two", n)
		}
	}
}

// A sweep has the present value in its place, takes what the product takes, and tells of the
// side whose setting it is.
func TestTheSweepOfASetting(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 0)
	sweep := func(path string, leg int, at tuning.ParamRef, set ...string) []tuning.Point {
		t.Helper()
		points, err := tuning.Sweep(document(t, c, path, set...), env, leg, at)
		if err != nil {
			t.Fatal(err)
		}
		return points
	}
	apache := tuning.ParamRef{Endpoint: "apache", Param: "apache.KeepAliveTimeout"}
	for set, want := range map[string]int{"5s": 19, "17s": 20, "24h": 19, "25h": 20, "500ms": 20, "off": 19, "0": 19} {
		points := sweep("ie@11 > apache", 0, apache, "apache:KeepAliveTimeout="+set)
		if len(points) != want {
			t.Errorf("%s: %d points, want %d", set, len(points), want)
		}
		for i := 1; i < len(points); i++ {
			if a, _ := points[i-1].Value.Duration(); model.For(a) == points[i].Value {
				t.Errorf("%s: %s is there twice", set, points[i].Value)
			}
		}
	}
	// at 0.1 requests per second, exp(-0.5) of them come later than 5 s
	for _, p := range sweep("ie@11 > apache", 0, apache, "leg1:rate=0.1") {
		if p.Value == model.For(5*time.Second) && (p.Reconnects < 0.6064 || p.Reconnects > 0.6066) {
			t.Errorf("5 s: %v need a new connection", p.Reconnects)
		}
		if p.Detection != p.Limit.All[len(p.Limit.All)-1].High && p.Value == model.For(5*time.Second) {
			t.Errorf("5 s: a dead client is held for %s", p.Detection)
		}
	}
	for _, p := range sweep("ssh > sshd", 0, tuning.ParamRef{Endpoint: "ssh", Param: "ssh.ServerAliveInterval"}, "leg1:rate=0.1") {
		d, _ := p.Value.Duration()
		if d <= time.Minute && (p.Detection < 3*d || p.Detection > 4*d+time.Second) || p.Reconnects != 0 {
			t.Errorf("%s: a dead server is found after %s, and %v need a new connection", p.Value, p.Detection, p.Reconnects)
		}
	}
	box := tuning.ParamRef{Endpoint: "firewall", Param: "firewall.idle_timeout"}
	points := sweep("ie@11 > firewall > apache", 0, box)
	if len(points) < 15 || points[0].Limit.Verdict != tuning.VerdictStale || points[0].Limit.Idle != time.Second || points[len(points)-1].Limit.Verdict != tuning.VerdictRace {
		t.Errorf("%d points of the firewall: %+v", len(points), points)
	}
	if points := sweep("ie@11 > apache", 1, apache); points != nil {
		t.Errorf("%d points of a leg that is not there", len(points))
	}
}

// The timer that a measurement is held against is the first of the shortest known of the server.
func TestWhichTimerIsMeasured(t *testing.T) {
	x := func(by tuning.By, name string, low time.Duration, known bool) tuning.Limiter {
		return tuning.Limiter{By: by, Name: name, Low: low, Known: known}
	}
	for want, all := range map[string][]tuning.Limiter{
		"a": {x(tuning.ByServer, "a", 5, true), x(tuning.ByServer, "b", 5, true)},
		"b": {x(tuning.ByServer, "a", 6, true), x(tuning.ByServer, "b", 5, true), x(tuning.ByClient, "c", 1, true), x(tuning.ByServer, "d", 1, false)},
		"":  {x(tuning.ByClient, "c", 1, true), x(tuning.ByServer, "never", model.Never, true)},
	} {
		if got, ok := tuning.Expected(&tuning.Limit{All: all}); got.Name != want || ok != (want != "") {
			t.Errorf("%+v: %s %v", all, got.Name, ok)
		}
	}
}

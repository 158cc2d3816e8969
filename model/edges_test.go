package model_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// Each unit takes over from its first value on.
func TestHumanSpanChangesUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "-1 s", 0: "0 s", time.Microsecond: "1 us", time.Millisecond - 100: "999.9 us", time.Millisecond: "1 ms",
		time.Second - 100*time.Microsecond: "999.9 ms", time.Second: "1 s", 10*time.Minute - time.Millisecond: "599.999 s",
		10 * time.Minute: "10 m", time.Hour - time.Second: "59 m 59 s", time.Hour: "1 h", 24*time.Hour - time.Second: "23 h 59 m 59 s",
		24 * time.Hour: "1 d", 25*time.Hour + time.Minute: "1 d 1 h 1 m", model.Never: "never",
	} {
		if got := model.HumanSpan(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
	}
	for _, x := range []struct {
		low, high time.Duration
		want      string
	}{
		{time.Second, time.Second, "1 s"},
		{time.Second, 2 * time.Second, "1 to 2 s"},
		{999 * time.Millisecond, time.Second, "999 ms to 1 s"},
		{time.Hour, 2*time.Hour + time.Minute, "1 h to 2 h 1 m"},
		{time.Hour, 2 * time.Hour, "1 to 2 h"},
	} {
		if got := model.HumanRange(x.low, x.high); got != x.want {
			t.Errorf("%v to %v: %q, want %q", x.low, x.high, got, x.want)
		}
	}
}

// The formula at the edges of its cases: a client's limit before the window, in it, after the
// close; a close that never comes.
func TestRaceProbability(t *testing.T) {
	const sec = time.Second
	between := func(from, to float64) float64 { return math.Exp(-from) - math.Exp(-to) }
	for name, x := range map[string]struct {
		t, w, limit time.Duration
		want        float64
	}{
		"no limit":                     {5 * sec, sec, model.Never, between(4, 5)},
		"no close":                     {model.Never, sec, model.Never, 0},
		"a limit where it begins":      {5 * sec, sec, 4 * sec, 0},
		"a limit right after":          {5 * sec, sec, 4*sec + time.Millisecond, between(4, 4.001)},
		"a limit at the close":         {5 * sec, sec, 5 * sec, between(4, 5)},
		"a limit beyond it":            {5 * sec, sec, 6 * sec, between(4, 5)},
		"a window as long as the wait": {sec, sec, model.Never, between(0, 1)},
		"a window longer than it":      {sec, 2 * sec, model.Never, between(0, 1)},
	} {
		if got := model.RaceProbability(1, x.t, x.w, x.limit); math.Abs(got-x.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	if got, want := model.RaceProbability(2, 5*sec, sec, model.Never), between(8, 10); math.Abs(got-want) > 1e-12 {
		t.Errorf("twice the rate: %v, want %v", got, want)
	}
}

// Edits at the first and last place that they take, and one beyond.
func TestEditsKeepToThePath(t *testing.T) {
	c := model.Embedded()
	p, err := model.ParsePath("chrome > nginx@1.24.0 > haproxy > node", c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: p}
	squid, err := model.ParseEndpoint("squid", c)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		taken, refused []model.Edit
	}{
		"choose": {
			[]model.Edit{model.Choose{Index: 1, Endpoint: squid}, model.Choose{Index: 2, Endpoint: squid}},
			[]model.Edit{model.Choose{Index: -1, Endpoint: squid}, model.Choose{Index: 4, Endpoint: squid}},
		},
		"insert": {
			[]model.Edit{model.Insert{Index: 1, Endpoint: squid}, model.Insert{Index: 3, Endpoint: squid}},
			[]model.Edit{model.Insert{Index: 0, Endpoint: squid}, model.Insert{Index: 4, Endpoint: squid}},
		},
		"remove": {
			[]model.Edit{model.Remove{Index: 1}, model.Remove{Index: 2}},
			[]model.Edit{model.Remove{Index: 0}, model.Remove{Index: 3}, model.Remove{Index: -1}},
		},
		"move": {
			[]model.Edit{model.Move{Index: 1}},
			[]model.Edit{model.Move{Index: -1}, model.Move{Index: 3}},
		},
	} {
		for _, e := range x.taken {
			if _, err := d.With(e, c); err != nil {
				t.Errorf("%s %+v: %v", name, e, err)
			}
		}
		for _, e := range x.refused {
			if _, err := d.With(e, c); err == nil {
				t.Errorf("%s %+v is taken", name, e)
			}
		}
	}
	// A server can stand first as well: two of them change places there.
	two, err := model.ParsePath("nginx > haproxy > node", c)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := model.Document{Path: two}.With(model.Move{Index: 0}, c)
	if err != nil || moved.Path.Endpoints[0].System != "haproxy" {
		t.Errorf("the first two: %v %v", moved.Path, err)
	}
}

// Another version of a system remembers the former one, another system does not, and going
// back forgets it.
func TestAnotherVersionRemembersTheFormer(t *testing.T) {
	c := model.Embedded()
	p, err := model.ParsePath("chrome > nginx@1.24.0", c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: p}
	for _, x := range []struct{ to, was string }{{"nginx@1.28.0", "1.24.0"}, {"nginx@1.29.7", "1.24.0"}, {"nginx@1.24.0", ""}, {"nginx@1.28.0", "1.24.0"}, {"apache", ""}} {
		to, err := model.ParseEndpoint(x.to, c)
		if err != nil {
			t.Fatal(err)
		}
		if d, err = d.With(model.Choose{Index: 1, Endpoint: to}, c); err != nil {
			t.Fatal(err)
		}
		if got := d.Path.Endpoints[1].Was; string(got) != x.was {
			t.Errorf("%s was %q, want %q", x.to, got, x.was)
		}
	}
}

// A rate from 0 on is one, and what a parameter takes says its bounds only where it has some.
func TestRatesAndBounds(t *testing.T) {
	rate := model.Param{ID: "x.rate", Unit: model.UnitRate, Max: 40}
	for text, ok := range map[string]bool{"0": true, "0.25": true, "40": true, "40.1": false, "-0.1": false} {
		if _, err := rate.ParseValue(text); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
	for name, x := range map[string]struct {
		p    model.Param
		says string
	}{
		"none":  {model.Param{ID: "x.n", Unit: model.UnitSecond}, ""},
		"least": {model.Param{ID: "x.n", Unit: model.UnitSecond, Min: 1}, " from 1s"},
		"most":  {model.Param{ID: "x.n", Unit: model.UnitSecond, Max: 9}, " from 0s to 9s"},
	} {
		if got := x.p.Accepts(); !strings.Contains(got, x.says) || x.says == "" && strings.Contains(got, " from ") {
			t.Errorf("%s: %q, want %q", name, got, x.says)
		}
	}
}

// A path is as long as it may be, and no longer; so is what can be taken back.
func TestTheLongestPathAndHistory(t *testing.T) {
	c := model.Embedded()
	hops := strings.Repeat(" > nginx", model.MaxEndpoints-1)
	p, err := model.ParsePath("curl"+hops, c)
	if err != nil || len(p.Endpoints) != model.MaxEndpoints {
		t.Fatalf("%d hops: %v", len(p.Endpoints), err)
	}
	if err := (model.Document{Path: p}).Check(c); err != nil {
		t.Error(err)
	}
	if _, err := model.ParsePath("curl"+hops+" > nginx", c); err == nil {
		t.Error("a path longer than any is read")
	}
	p.Endpoints = append(p.Endpoints, p.Endpoints[1])
	p.Endpoints[len(p.Endpoints)-1].ID = "last"
	if err := (model.Document{Path: p}).Check(c); err == nil || !strings.Contains(err.Error(), "not 1001") {
		t.Errorf("a path longer than any is taken: %v", err)
	}
	h := model.NewHistory(number(0))
	for i := 1; i <= 10_002; i++ {
		h = h.Do(number(i), "")
	}
	if undo, _ := h.Depth(); undo != 10_000 {
		t.Errorf("%d steps can be taken back", undo)
	}
	for range 10_000 {
		h, _ = h.Undo()
	}
	if h.Now() != 2 {
		t.Errorf("the earliest is %d", h.Now())
	}
}

// What a timer adds is told for each part that is there.
func TestSpreadSaysEachPart(t *testing.T) {
	for want, s := range map[string]model.Spread{
		"on time":                             {},
		"+0 s to +50 ms":                      {High: 50 * time.Millisecond},
		"-1 s to +0 s":                        {Low: -time.Second},
		"+1 s to +0 s":                        {Low: time.Second},
		"+0 s to +0 s, and 0.1 % of the time": {Ratio: 0.001},
	} {
		if got := s.Human(); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}

// Where a number, a clock and a version end.
func TestWhereNumbersEnd(t *testing.T) {
	for text, ok := range map[string]bool{
		"9223372036": true, "9223372037": false, // seconds of an int64 of nanoseconds
	} {
		if _, err := model.ParseSpan(text, time.Second); (err == nil) != ok {
			t.Errorf("%s s: %v", text, err)
		}
	}
	for v, ok := range map[model.Version]bool{"1.123456789": true, "1.1234567890": false, "": false, "1..2": false, "1.a": false} {
		if got := model.Order(nil).Valid(v); got != ok {
			t.Errorf("version %q: valid %v", v, got)
		}
	}
	for text, want := range map[string]string{"abcd": "abcd", "abcde": "abc…", "a\x00cd": "a·cd"} {
		if got := model.Clean(text, 4); got != want {
			t.Errorf("%q in 4 signs: %q, want %q", text, got, want)
		}
	}
}

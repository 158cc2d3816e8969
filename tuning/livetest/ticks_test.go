package livetest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/livetest"
)

// A life is when a connection fell silent, and when it ended, in milliseconds of the run.
type life struct{ zero, end int }

// lived is what idle connections with these lives amount to.
func lived(lives []life) livetest.Idle {
	s := begin()
	for i, l := range lives {
		at, end := time.Duration(l.zero)*time.Millisecond, time.Duration(l.end)*time.Millisecond
		s = append(s, livetest.Event{At: at, Kind: livetest.EventResponse, Conn: i + 1, Role: livetest.RoleIdle, Request: 1},
			livetest.Event{At: end, Kind: livetest.EventClosed, Conn: i + 1, Role: livetest.RoleIdle, After: end - at, Close: livetest.CloseFIN, Exact: true})
	}
	return s.end("").Idle
}

func TestTicks(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, c := range map[string]struct {
		lives    []life
		want     *livetest.Ticks
		from, to int // of the band; both 0 where there is none
	}{
		"an exact timer":             {[]life{{0, 5000}, {143, 5143}, {286, 5287}, {429, 5430}, {571, 5571}}, nil, 4990, 5041},
		"exact, many at once":        {[]life{{0, 5000}, {10, 5010}, {20, 5020}, {30, 5030}, {40, 5040}, {50, 5050}, {200, 5200}, {210, 5210}}, nil, 4990, 5040},
		"exact, the machine stalled": {[]life{{0, 5000}, {143, 5143}, {286, 5572}, {429, 5572}, {571, 5573}, {714, 5714}, {857, 5857}}, nil, 4990, 5326},
		"started together":           {[]life{{0, 5000}, {1, 5001}, {2, 5000}}, nil, 4988, 5040},
		"one moment": {
			[]life{{0, 8000}, {143, 8001}, {286, 8002}, {429, 8000}, {571, 8000}, {714, 8000}, {857, 8003}},
			&livetest.Ticks{Moments: 1, Spread: ms(857)},
			0, 0,
		},
		"two of two":           {[]life{{0, 71_000}, {500, 71_000}}, &livetest.Ticks{Moments: 1, Spread: ms(500)}, 0, 0},
		"as far apart as ends": {[]life{{0, 71_000}, {150, 71_080}}, nil, 70_920, 71_040},
		"a step of a second": {
			[]life{{0, 6000}, {143, 6000}, {286, 6000}, {429, 6000}, {571, 7000}, {714, 7000}, {857, 7000}},
			&livetest.Ticks{Moments: 2, Spread: ms(429), Step: time.Second, Found: true},
			5319, 6711,
		},
		"further on, a step of which halves are possible": {
			[]life{{0, 8000}, {300, 8000}, {600, 8000}, {10_000, 20_000}},
			&livetest.Ticks{Moments: 2, Spread: ms(600), Step: 12 * time.Second},
			0, 19_540,
		},
		"found by two of a second round": {
			[]life{{0, 8000}, {300, 8000}, {600, 8000}, {10_000, 16_000}, {10_900, 20_000}},
			&livetest.Ticks{Moments: 3, Spread: ms(600), Step: 4 * time.Second, Found: true},
			4990, 10_140,
		},
		"two processes that look in turn": {
			[]life{{0, 6000}, {143, 6300}, {286, 6000}, {429, 6300}, {571, 6300}, {714, 6000}, {857, 7000}},
			&livetest.Ticks{Moments: 2, Spread: ms(714), Step: time.Second, Found: true},
			5047, 6426,
		},
		"four that look in turn, and few connections": {
			[]life{{0, 6000}, {143, 6500}, {286, 6000}, {429, 6500}, {571, 6000}, {714, 6500}, {857, 7000}},
			&livetest.Ticks{Moments: 3, Spread: ms(571)},
			0, 0,
		},
		"starts a tenth of a second apart":        {[]life{{0, 5000}, {100, 5000}}, nil, 4890, 5040},
		"starts more than that apart":             {[]life{{0, 5000}, {101, 5000}}, &livetest.Ticks{Moments: 1, Spread: ms(101)}, 0, 0},
		"starts twice as far apart as ends":       {[]life{{0, 71_000}, {160, 71_080}}, &livetest.Ticks{Moments: 1, Spread: ms(160)}, 0, 0},
		"ends two fifths of the silences apart":   {[]life{{0, 8000}, {500, 8200}, {700, 8200}}, &livetest.Ticks{Moments: 1, Spread: ms(700)}, 0, 0},
		"ends more than two fifths of that apart": {[]life{{0, 8000}, {500, 8201}, {700, 8201}}, &livetest.Ticks{Moments: 2, Spread: ms(200)}, 0, 0},
		// Silences that differ by as much as a step that is an eighth and a tenth of a second late.
		"as wide as a late step": {
			[]life{{0, 8000}, {200, 8000}, {400, 8000}, {1800, 8800}},
			&livetest.Ticks{Moments: 2, Spread: ms(400), Step: time.Second, Found: true},
			6890, 8140,
		},
		"wider than a late step": {[]life{{0, 8000}, {200, 8000}, {400, 8000}, {1801, 8800}}, &livetest.Ticks{Moments: 2, Spread: ms(400)}, 0, 0},
		// Of the longest step that they allow, half is as wide as what was seen, or wider.
		"half a step was seen": {
			[]life{{0, 8000}, {300, 8000}, {600, 8000}, {1520, 9220}},
			&livetest.Ticks{Moments: 2, Spread: ms(600), Step: ms(1220), Found: true},
			6670, 8760,
		},
		"less than half a step was seen": {
			[]life{{0, 8000}, {300, 8000}, {600, 8000}, {1521, 9221}},
			&livetest.Ticks{Moments: 2, Spread: ms(600), Step: ms(1221)},
			6669, 8761,
		},
		// A step of a second, and a gap of three that are late by an eighth and a tenth of a second.
		"three late steps": {
			[]life{{0, 8000}, {300, 8000}, {600, 8000}, {1300, 9000}, {4775, 12_475}},
			&livetest.Ticks{Moments: 3, Spread: ms(600), Step: ms(3475) / 3, Found: true},
			6732, 8698,
		},
		"three that are later": {[]life{{0, 8000}, {300, 8000}, {600, 8000}, {1300, 9000}, {4776, 12_476}}, &livetest.Ticks{Moments: 3, Spread: ms(600)}, 0, 0},
		"four steps tell nothing": {
			[]life{{0, 8000}, {300, 8000}, {600, 8000}, {1300, 9000}, {4800, 12_500}},
			&livetest.Ticks{Moments: 3, Spread: ms(600), Step: time.Second, Found: true},
			6890, 8540,
		},
		"more connections that fit no step": {
			[]life{{0, 8000}, {500, 8201}, {520, 8201}, {540, 8201}, {560, 8201}, {580, 8201}, {600, 8201}, {700, 8201}},
			&livetest.Ticks{Moments: 2, Spread: ms(200), Step: ms(700)},
			7220, 8311,
		},
		"one moment, the machine is late": {
			[]life{{0, 8000}, {143, 8150}, {286, 8160}, {429, 8290}, {571, 8300}, {714, 8300}, {857, 8400}},
			&livetest.Ticks{Moments: 1, Spread: ms(857)},
			0, 0,
		},
	} {
		i := lived(c.lives)
		if diff := cmp.Diff(c.want, i.Ticks); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		from, to, ok := i.Band()
		if ok != (c.to > 0) || from.Round(milli) != ms(c.from) || to.Round(milli) != ms(c.to) {
			t.Errorf("%s: band %v to %v (%v), want %v to %v", name, from, to, ok, ms(c.from), ms(c.to))
		}
	}
	// A look that came late makes a step shorter by a tenth of it, but not more than 0.1 s.
	for step, from := range map[time.Duration]time.Duration{500 * milli: 4850 * milli, 2 * sec: 3300 * milli} {
		low, high := 5*sec, 5400*milli
		i := livetest.Idle{Low: &low, High: &high, Ticks: &livetest.Ticks{Step: step}}
		if got, _, _ := i.Band(); got != from-10*milli {
			t.Errorf("a step of %v: the band begins at %v, want %v", step, got, from-10*milli)
		}
	}
	if _, _, ok := (livetest.Idle{Low: some(5)}).Band(); ok {
		t.Error("a band with connections that are still open")
	}
}

// A promise is not kept by what ended late in a step only.
func TestTicksAndPromises(t *testing.T) {
	for name, c := range map[string]struct {
		says   time.Duration
		second bool
		want   []bool
	}{
		"longer than was seen":   {9 * time.Second, false, []bool{false}},
		"shorter, step unknown":  {6 * time.Second, false, nil},
		"shorter, in the step":   {6 * time.Second, true, nil},
		"shorter than the step":  {4 * time.Second, true, []bool{true}},
		"longer, with the step":  {9 * time.Second, true, []bool{false}},
		"just longer than a few": {7460 * time.Millisecond, true, []bool{false}},
	} {
		s := begin()
		lives := []life{{0, 8000}, {300, 8000}, {600, 8000}}
		if c.second {
			lives = append(lives, life{8100, 16_000}, life{10_500, 20_000})
		}
		for i, l := range lives {
			at, end := time.Duration(l.zero)*time.Millisecond, time.Duration(l.end)*time.Millisecond
			s = append(s, livetest.Event{At: at, Kind: livetest.EventResponse, Conn: i + 1, Role: livetest.RoleIdle, Request: 1, Asked: true, KeepAlive: &livetest.Hint{Timeout: &c.says}},
				livetest.Event{At: end, Kind: livetest.EventClosed, Conn: i + 1, Role: livetest.RoleIdle, After: end - at, Close: livetest.CloseFIN, Exact: true})
		}
		var got []bool
		for _, v := range s.end("").Verdicts {
			got = append(got, v.Agrees)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Up to what a few connections can cover, no gap between the starts of a second round is
// longer than all before it together.
func TestSecondStarts(t *testing.T) {
	const first = 800 * time.Millisecond
	for _, spread := range []time.Duration{100 * time.Millisecond, first, first + 1, 3 * time.Second, 12800 * time.Millisecond, 25 * time.Second, 10 * time.Minute} {
		for n := 1; n <= 12; n++ {
			starts := livetest.SecondStarts(first, spread, n)
			if len(starts) > n || starts[0] != 0 || !slices.IsSorted(starts) || n > 1 && starts[len(starts)-1] != spread {
				t.Errorf("%v by %d: %v", spread, n, starts)
			}
			enough := 1<<max(0, n-2)*first >= spread
			for i := 2; i < len(starts) && enough; i++ {
				if gap := starts[i] - starts[i-1]; gap > starts[i-1]+first/2 {
					t.Errorf("%v by %d: a gap of %v in %v", spread, n, gap, starts)
				}
			}
		}
	}
}

// Where doubling does not reach the spread, the starts grow as evenly as they can; the last
// is left out where it is within half of the first from the end.
func TestSecondStartsGrow(t *testing.T) {
	for name, c := range map[string]struct {
		first, spread time.Duration
		n             int
		want          []time.Duration
	}{
		"too few to double":      {sec, 1000 * sec, 5, []time.Duration{0, sec, 10 * sec, 100 * sec, 1000 * sec}},
		"enough to double":       {sec, 4500 * milli, 8, []time.Duration{0, sec, 2 * sec, 4500 * milli}},
		"one more":               {sec, 4500*milli + 2, 8, []time.Duration{0, sec, 2 * sec, 4 * sec, 4500*milli + 2}},
		"two":                    {sec, 4500 * milli, 2, []time.Duration{0, 4500 * milli}},
		"of nothing seen apart":  {0, 10 * sec, 5, []time.Duration{0}},
		"of one connection only": {sec, 10 * sec, 1, []time.Duration{0}},
	} {
		got := livetest.SecondStarts(c.first, c.spread, c.n)
		for i, d := range got {
			if c.n == 5 {
				got[i] = d.Round(milli) // a root of a number is not exact
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What a second round costs is known before, and bounded.
func TestSecondRound(t *testing.T) {
	spec := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
	for name, c := range map[string]struct {
		second, spread, round time.Duration
		fault                 bool
	}{
		"by default": {0, 32 * time.Second, 154 * time.Second, false},
		"off":        {-5, 0, 0, false},
		"chosen":     {10 * time.Second, 10 * time.Second, 110 * time.Second, false},
		"longest":    {10 * time.Minute, 10 * time.Minute, 1290 * time.Second, false},
		"too long":   {10*time.Minute + 1, 10*time.Minute + 1, 1290*time.Second + 2, true},
	} {
		s := spec
		s.Second = c.second
		s = s.Normalize()
		if s.SecondSpread() != c.spread || s.SecondRound() != c.round || (s.Validate() != nil) != c.fault {
			t.Errorf("%s: %v, %v, %v", name, s.SecondSpread(), s.SecondRound(), s.Validate())
		}
	}
	spec.Measure = []livetest.Measurement{livetest.MeasureRequests}
	if spec.SecondRound() != 0 {
		t.Error("a second round of nothing")
	}
	if got := livetest.SecondFor(0); got != 0 {
		t.Errorf("an unknown step: %v", got)
	}
	if got := livetest.SecondFor(16 * time.Second); got != 17*time.Second {
		t.Errorf("a step of 16 s: %v", got)
	}
}

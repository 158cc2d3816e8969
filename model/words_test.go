package model_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// What the catalog knows, in words: each part where it is there, and none where it is not.
func TestWhatIsKnownInWords(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	for want, got := range map[string]string{
		model.Unproved: (*model.Proof)(nil).Human(),
		"run at 1.22.1 from Debian 12, 2026-11-21: idle, hint": (&model.Proof{Version: "1.22.1", Package: "Debian 12", Seen: "2026-11-21", What: []model.Aspect{"idle", "hint"}}).Human(),

		"no Keep-Alive: timeout= is sent":                                                 model.HintSending{When: model.HintNever}.Human(),
		"not known whether Keep-Alive: timeout= is sent":                                  model.HintSending{}.Human(),
		"Keep-Alive: timeout= is sent to clients that ask with Connection: keep-alive":    model.HintSending{When: model.HintAsked}.Human(),
		"Keep-Alive: timeout= is sent with every answer, with the idle timeout, and max=": model.HintSending{When: model.HintAlways, Value: "idle", Max: true}.Human(),
		"Keep-Alive: timeout= is sent with every answer, rounded down to 1 s":             model.HintSending{When: model.HintAlways, Floor: sec}.Human(),
		"a server's Keep-Alive: timeout= is ignored":                                      model.HintReading{How: model.HintIgnored}.Human(),
		"not known what is made of a server's Keep-Alive: timeout=":                       model.HintReading{}.Human(),
		"a server's Keep-Alive: timeout= shortens the idle timeout":                       model.HintReading{How: model.HintShortens}.Human(),
		"a server's Keep-Alive: timeout= takes the place of the idle timeout, less 1 ms":  model.HintReading{How: model.HintReplaces, Minus: time.Millisecond}.Human(),
		"a server's Keep-Alive: timeout= shortens the idle timeout, less 1 s (buffer)":    model.HintReading{How: model.HintShortens, Minus: sec, MinusID: "node.buffer"}.Human(),
		"a server's Keep-Alive: timeout= shortens the idle timeout, at most 9 s":          model.HintReading{How: model.HintShortens, Cap: 9 * sec}.Human(),
		"a server's Keep-Alive: timeout= shortens the idle timeout, at most 9 s (most)":   model.HintReading{How: model.HintShortens, Cap: 9 * sec, CapID: "undici.most"}.Human(),
		"a server's Keep-Alive: timeout= shortens the idle timeout, only beside Connection: keep-alive, only as the first word of the header, only while idle has an end": model.HintReading{
			How: model.HintShortens, NeedsKA: true, First: true, NeedsID: "x.idle",
		}.Human(),

		"":                              model.Follow{Divide: 3}.Human(),
		"a setting of idle sets it too": model.Follow{Of: "x.idle"}.Human(),
		"a setting of idle sets it too, to 1/2 of that": model.Follow{Of: "x.idle", Divide: 2}.Human(),
		"a setting of idle sets it, to 5 s":             model.Follow{Of: "x.idle", Fixed: model.For(5 * sec)}.Human(),

		"nginx.conf:14":                     model.Origin{Kind: model.FromFile, Where: "nginx.conf", Line: 14}.String(),
		"nginx.conf:1":                      model.Origin{Kind: model.FromFile, Where: "nginx.conf", Line: 1}.String(),
		"nginx.conf":                        model.Origin{Kind: model.FromFile, Where: "nginx.conf"}.String(),
		"file":                              model.Origin{Kind: model.FromFile}.String(),
		"assumed; a.conf:3 was not read":    model.Origin{Kind: model.FromAssumed, Where: "a.conf", Line: 3}.String(),
		"assumed":                           model.Origin{Kind: model.FromAssumed}.String(),
		"measured":                          model.Origin{Kind: model.FromMeasured, Where: "192.0.2.1:80", Line: 3}.String(),
		"x can be set":                      model.Change{Param: "nginx.x", What: model.ChangeSet, To: "yes"}.Human("->"),
		"x can no longer be set":            model.Change{Param: "nginx.x", What: model.ChangeSet, To: "no"}.Human("->"),
		"x: no longer so that y sets it":    model.Change{Param: "nginx.x", What: model.ChangeFollows, From: "y sets it"}.Human("->"),
		"x: y sets it":                      model.Change{Param: "nginx.x", What: model.ChangeFollows, To: "y sets it"}.Human("->"),
		"x ends idle connections too":       model.Change{Param: "nginx.x", What: model.ChangeCaps, To: "yes"}.Human("->"),
		"x no longer ends idle connections": model.Change{Param: "nginx.x", What: model.ChangeCaps, From: "yes"}.Human("->"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for k, seen := range map[model.OriginKind]bool{
		model.FromDefault: false, model.FromAssumed: false, model.FromFile: false, model.FromTyped: false,
		model.FromRunning: true, model.FromMeasured: true,
	} {
		if k.Seen() != seen {
			t.Errorf("%s was seen in force: %v", k, !seen)
		}
	}
	for k, untold := range map[model.CloseKind]bool{
		model.CloseSilent: true, model.CloseUnknown: true, model.CloseRSTOnSend: true, model.CloseRSTOnSendOne: true,
		model.CloseFIN: false, model.CloseRST: false,
	} {
		if k.Untold() != untold {
			t.Errorf("nothing is sent at %s: %v", k, !untold)
		}
	}
}

// What the kernel gets of a socket option: 1 to 127 probes, whole seconds up to 32767.
func TestWhatIsHandedToTheKernel(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	for _, x := range []struct {
		whole   model.Whole
		kernel  int64
		in, out model.Value
		ok      bool
	}{
		{model.WholeAsIs, 10, model.For(1500 * time.Millisecond), model.For(1500 * time.Millisecond), true},
		{model.WholeDown, 10, model.For(1500 * time.Millisecond), model.For(sec), true},
		{model.WholeUp, 10, model.For(1500 * time.Millisecond), model.For(2 * sec), true},
		{model.WholeUp, 10, model.For(2 * sec), model.For(2 * sec), true},
		{model.WholeDown, 10, model.For(sec), model.For(sec), true},
		{model.WholeDown, 10, model.For(sec - 1), model.For(0), false},
		{model.WholeDown, 10, model.For(11*sec - 1), model.For(10 * sec), true},
		{model.WholeDown, 10, model.For(11 * sec), model.For(11 * sec), false},
		{model.WholeUp, 10, model.For(10*sec + 1), model.For(11 * sec), false},
		{model.WholeDown, 127, model.Times(0), model.Times(0), false},
		{model.WholeDown, 127, model.Times(1), model.Times(1), true},
		{model.WholeDown, 127, model.Times(127), model.Times(127), true},
		{model.WholeDown, 127, model.Times(128), model.Times(128), false},
		{model.WholeDown, 127, model.ValueOff, model.ValueOff, true},
	} {
		p := model.Param{Whole: x.whole, Kernel: x.kernel}
		if got, ok := p.HandOn(x.in); got != x.out || ok != x.ok {
			t.Errorf("%s, rounded %q, up to %d: %s (%v), want %s (%v)", x.in, x.whole, x.kernel, got, ok, x.out, x.ok)
		}
	}
}

// A share of another setting is cut to whole steps, and is one step at least.
func TestAFollowerTakesItsShare(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	p := &model.Param{Unit: model.UnitSecond}
	for _, x := range []struct {
		f       model.Follow
		of, got model.Value
	}{
		{model.Follow{}, model.For(7 * sec), model.For(7 * sec)},
		{model.Follow{Divide: 1}, model.For(7 * sec), model.For(7 * sec)},
		{model.Follow{Divide: 2}, model.For(7 * sec), model.For(3 * sec)},
		{model.Follow{Divide: 8}, model.For(7 * sec), model.For(sec)},
		{model.Follow{Divide: 2}, model.ValueNever, model.ValueNever},
		{model.Follow{Divide: 2}, model.ValueOff, model.ValueOff},
		{model.Follow{Divide: 2, Fixed: model.For(9 * sec)}, model.For(7 * sec), model.For(9 * sec)},
	} {
		if got := x.f.Value(p, x.of); got != x.got {
			t.Errorf("1/%d of %s is %s, want %s", x.f.Divide, x.of, got, x.got)
		}
	}
}

// What a parameter takes, in words and in numbers, at the ends of its range.
func TestWhatAParameterTakes(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	time1 := "a time such as 65, 65s or 1m5s (a bare number is seconds)"
	for want, p := range map[string]model.Param{
		time1 + " from 1s":                     {Unit: model.UnitSecond, Min: 1},
		time1 + " from 0s to 1s":               {Unit: model.UnitSecond, Max: 1},
		time1 + " from 1s to 106751d23h47m16s": {Unit: model.UnitSecond, Min: 1, Max: 9_223_372_036},
		time1 + " from 1s to never":            {Unit: model.UnitSecond, Min: 1, Max: 9_223_372_037},
		time1 + ", or never":                   {Unit: model.UnitSecond, Never: "keep"},
		time1 + ", or off":                     {Unit: model.UnitSecond, Zero: model.ZeroOff},
		time1:                                  {Unit: model.UnitSecond, Zero: model.ZeroUnset},
		"a number from 1 to 127":               {Unit: model.UnitCount, Min: 1, Max: 127},
	} {
		if got := p.Accepts(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	unset := model.Param{Unit: model.UnitSecond, Zero: model.ZeroUnset, Absent: model.ValueNever}
	if got := unset.Accepts(); !strings.HasSuffix(got, ", or never") {
		t.Errorf("without it there is no limit, and it takes %s", got)
	}
	for _, x := range []struct {
		p         model.Param
		low, high int64
	}{
		{model.Param{Unit: model.UnitSecond, Min: 2, Max: 9}, int64(2 * sec), int64(9 * sec)},
		{model.Param{Unit: model.UnitSecond}, 0, int64(model.Never) - 1},
		{model.Param{Unit: model.UnitSecond, Max: 9_223_372_036}, 0, int64(9_223_372_036 * sec)},
		{model.Param{Unit: model.UnitSecond, Min: 9_223_372_037, Max: 9_223_372_037}, int64(9_223_372_036 * sec), int64(9_223_372_036 * sec)},
		{model.Param{Unit: model.UnitCount, Min: 1, Max: 127}, 1, 127},
	} {
		if low, high := x.p.Range(); low != x.low || high != x.high {
			t.Errorf("%d to %d of %s: %d to %d, want %d to %d", x.p.Min, x.p.Max, x.p.Unit, low, high, x.low, x.high)
		}
	}
	never := model.Param{ID: "x.idle", Unit: model.UnitSecond, Never: "keep"}
	for text, want := range map[string]model.Value{"keep": model.ValueNever, "Keep": model.ValueNever, "5": model.For(5 * sec)} {
		if got, err := never.ParseValue(text); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
		}
	}
	rate := model.Param{ID: "x.rate", Unit: model.UnitRate, Max: 40}
	for f, ok := range map[float64]bool{40: true, 40.000001: false} {
		if err := rate.Check(model.PerSecond(f)); (err == nil) != ok {
			t.Errorf("%v a second: %v", f, err)
		}
	}
	if _, ok := model.For(5).Count(); ok {
		t.Error("a time is counted")
	}
}

// A version that is not known lies between the nearest that are, in whatever order these stand.
func TestWhereAVersionLies(t *testing.T) {
	t.Parallel()
	s := model.System{ID: "x", Known: []model.Version{"1.10", "1.2", "3", "2", "1.4"}}
	for _, x := range []struct {
		v, older, newer model.Version
		between         bool
	}{
		{"1", "", "1.2", true},
		{"1.3", "1.2", "1.4", true},
		{"1.9", "1.4", "1.10", true},
		{"2.5", "2", "3", true},
		{"4", "3", "", true},
		{"2", "", "", false},
		{"2.0", "", "", false},
		{"", "", "", false},
	} {
		if older, newer, between := s.Around(x.v); older != x.older || newer != x.newer || between != x.between {
			t.Errorf("%q lies between %q and %q (%v), want %q and %q", x.v, older, newer, between, x.older, x.newer)
		}
	}
	if _, _, between := (&model.System{Order: model.Order{"a"}, Known: s.Known}).Around("5"); between {
		t.Error("an order lists all that there are")
	}
	for _, x := range []struct {
		a, b model.Version
		sign int
	}{{"1", "1.0", 0}, {"1", "1.0.1", -1}, {"1.0.1", "1", 1}, {"1.30", "1.30.0", 0}, {"1.9", "1.10", -1}, {"", "", 0}, {"", "1", -1}} {
		if got := model.Order(nil).Compare(x.a, x.b); got < 0 != (x.sign < 0) || got > 0 != (x.sign > 0) {
			t.Errorf("%q against %q: %d, want the sign of %d", x.a, x.b, got, x.sign)
		}
	}
	facts := []model.Since[string]{{Since: "2", Fact: "b"}, {Since: "1", Fact: "a"}, {Since: "2", Fact: "c"}}
	for v, want := range map[model.Version]string{"0.9": "", "1": "a", "1.9": "a", "2": "c", "3": "c"} {
		if got, ok := model.At(nil, facts, v); got != want || ok != (want != "") {
			t.Errorf("at %s: %q, want %q", v, got, want)
		}
	}
	// A default that differs only where the parameter did not exist yet does not vary.
	p := &model.Param{ID: "x.idle", Defaults: []model.Since[[]model.Default]{{Since: "1", Fact: []model.Default{{Value: model.Times(1)}}}, {Since: "2", Fact: []model.Default{{Value: model.Times(2)}}}}}
	for _, x := range []struct {
		assume, since model.Version
		varies        bool
	}{{"2", "", true}, {"1", "", true}, {"2", "2", false}} {
		p.Since = x.since
		s := model.System{ID: "x", Assume: x.assume, Params: []*model.Param{p}}
		if got := s.Varies(p); got != x.varies {
			t.Errorf("assumed %s, there since %q: varies %v", x.assume, x.since, got)
		}
	}
}

// What is repeated, and what a box does at the end, can hang on another setting.
func TestWhatHangsOnASetting(t *testing.T) {
	t.Parallel()
	s := &model.System{ID: "x"}
	f := &model.Face{
		Repeats:   []model.Since[model.Repeats]{{Fact: model.Repeats{What: model.RepeatsNone}}},
		RepeatsIf: []model.RepeatsIf{{Since: "2", When: map[model.ParamID]model.Value{"x.again": model.ValueOn}, Repeats: model.Repeats{What: model.RepeatsAll}}},
	}
	for _, x := range []struct {
		v     model.Version
		again model.Value
		want  string
	}{{"2", model.ValueOn, model.RepeatsAll}, {"3", model.ValueOn, model.RepeatsAll}, {"1.9", model.ValueOn, model.RepeatsNone}, {"2", model.ValueOff, model.RepeatsNone}} {
		if got := s.RepeatsWith(f, x.v, func(model.ParamID) model.Value { return x.again }); got.What != x.want {
			t.Errorf("%s with %s: %s, want %s", x.v, x.again, got.What, x.want)
		}
	}
	box := &model.Tracking{OnExpiry: model.CloseSilent, Otherwise: []model.Otherwise{{Param: "box.reset", Value: model.ValueOn, OnExpiry: model.CloseRST}}}
	for v, want := range map[model.Value]model.CloseKind{model.ValueOn: model.CloseRST, model.ValueOff: model.CloseSilent} {
		if got := box.Expiry(func(model.ParamID) model.Value { return v }); got != want {
			t.Errorf("with %s: %s, want %s", v, got, want)
		}
	}
}

// Text at the limit, and bytes that are no text.
func TestCleanAtItsEdges(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		text  string
		limit int
		want  string
	}{{"abc", 0, ""}, {"abc", 1, "…"}, {"abc", 3, "abc"}, {"a\ufffdb", 9, "a\ufffdb"}, {"a\xffb", 9, "a·b"}, {"a\xff\x00b", 9, "a·b"}, {"\x00bc", 3, "·bc"}} {
		if got := model.Clean(x.text, x.limit); got != x.want {
			t.Errorf("%q in %d signs: %q, want %q", x.text, x.limit, got, x.want)
		}
	}
	for text, ok := range map[string]bool{
		"60:00:00": true, "00:59:59": true, "00:60:00": false, "00:00:60": false,
		"9223372036.854775": true, "9223372036.854775807": false,
	} {
		if _, err := model.ParseSpan(text, time.Second); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	for d, want := range map[time.Duration]string{-5 * time.Second: "-5s", 0: "0s", -1 << 63: "-106751d23h47m16s854ms775us806ns", model.Never: "never"} {
		if got := model.FormatSpan(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
	}
}

// Somebody who mistypes a name is told the near ones.
func TestNearNames(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		typed, known string
		away         int
		near         bool
	}{
		{"nginx", "nginx", 0, true},
		{"nigxn", "nginx", 2, false},
		{"ngnix", "nginx", 1, true},
		{"gninx", "nginx", 1, true},
		{"ngin", "nginx", 1, true},
		{"nginx-ingress", "nginx", 1, true},
		{"abcdefgh", "abcdefxy", 2, true},
		{"abcdefg", "abcdexy", 2, false},
		{"ca", "abc", 3, false},
		{strings.Repeat("n", 64), strings.Repeat("n", 63) + "m", 1, true},
		{strings.Repeat("n", 65), strings.Repeat("n", 64) + "m", 65, false},
	} {
		if away, near := model.Near(x.typed, x.known); away != x.away || near != x.near {
			t.Errorf("%s is %d away from %s (%v), want %d (%v)", x.typed, away, x.known, near, x.away, x.near)
		}
	}
	if away, near := model.Near("x"); away != 2 || near {
		t.Errorf("of no name: %d (%v)", away, near)
	}
	c := model.Embedded()
	for id, faces := range map[model.SystemID][2]bool{"nginx": {true, true}, "chrome": {false, true}, "linux": {false, false}} {
		all, err := c.Entries()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(e *model.Entry) bool { return e.ID == id })
		if e := all[i]; e.Server != faces[0] || e.Client != faces[1] || e.Both() != (faces[0] && faces[1]) || e.Middlebox() || e.Has(model.FaceServer) != faces[0] || e.Has(model.FaceClient) != faces[1] {
			t.Errorf("%s: server %v, client %v", id, e.Server, e.Client)
		}
	}
	_, err := c.System("ngnix")
	if err == nil || !strings.Contains(err.Error(), "did you mean nginx") {
		t.Errorf("%v", err)
	}
}

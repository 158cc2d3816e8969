package tuning

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// turned is a knob of a span in seconds, or of a count, which was tried with what people write.
func turned(role model.Role, unit model.Unit, now, byDefault model.Value) *knob {
	p := &model.Param{ID: "x.y", Role: role, Unit: unit}
	k := &knob{param: p, row: &Row{Param: p, Value: now, Default: model.Default{Value: byDefault}}}
	for _, v := range k.usual() {
		k.tries = append(k.tries, try{value: v})
	}
	return k
}

// Of the values that cure, one near the present value with a margin is taken: a tenth, at least
// 5 s and at most half, written as people do; of signs of life one within half of what the other
// side waits.
func TestAValueAsAPersonWouldTakeIt(t *testing.T) {
	t.Parallel()
	const span, count = model.UnitSecond, model.UnitCount
	sec := func(n int) model.Value { return model.For(time.Duration(n) * time.Second) }
	none, many := model.ValueUnset, 1<<30
	for _, x := range []struct {
		about     string
		k         *knob
		low, high int // what cures
		want      model.Value
	}{
		{"longer", turned(model.RoleIdle, span, sec(5), none), 61, many, sec(65)},
		{"much longer, by 30 s", turned(model.RoleIdle, span, sec(5), none), 1000, many, sec(17 * 60)},
		{"longer, and not too long", turned(model.RoleIdle, span, sec(10), none), 20, 40, sec(25)},
		{"longer, where there is no room", turned(model.RoleIdle, span, sec(10), none), 20, 21, sec(20)},
		{"sooner, and not too soon", turned(model.RoleIdle, span, sec(60), none), 20, 40, sec(35)},
		{"sooner", turned(model.RoleIdle, span, sec(90), none), 0, 7, sec(4)},
		{"sooner than never", turned(model.RoleIdle, span, model.ValueNever, none), 0, 100, sec(90)},
		{"any, without a default", turned(model.RoleIdle, span, sec(60), none), 0, many, sec(60)},
		{"any, with a default", turned(model.RoleIdle, span, sec(60), sec(75)), 0, many, sec(75)},
		{"signs of life in a box's 350 s", turned(model.RoleProbeIdle, span, sec(7200), none), 0, 349, sec(120)},
		{"a sign of life twice in 60 s", turned(model.RolePingEvery, span, sec(7200), none), 0, 59, sec(30)},
		{"a sign of life twice in 58 s", turned(model.RolePingEvery, span, sec(7200), none), 0, 58, sec(20)},
		{"signs of life, with no end", turned(model.RolePingEvery, span, model.ValueOff, none), 100, many, sec(86400)},
		{"fewer signs of life", turned(model.RolePingEvery, span, sec(5), none), 40, many, sec(60)},
		{"fewer signs of life than one a minute", turned(model.RolePingEvery, span, sec(5), none), 71, many, sec(80)},
		{"one more", turned(model.RoleProbeCount, count, model.Times(8), none), 9, many, model.Times(9)},
		{"more", turned(model.RoleWorkers, count, model.Times(8), none), 200, many, model.Times(220)},
		{"more, as by default", turned(model.RoleProbeCount, count, model.Times(3), model.Times(15)), 9, many, model.Times(15)},
		{"more, where the default is too few", turned(model.RoleProbeCount, count, model.Times(3), model.Times(8)), 9, many, model.Times(9)},
		{"fewer", turned(model.RolePool, count, model.Times(100), none), 0, 20, model.Times(20)},
		{"a number", turned(model.RolePool, count, model.ValueOff, none), 1, 20, model.Times(20)},
		{"tries, each of which doubles the time", turned(model.RoleDataRetries, count, model.Times(3), none), 200, many, model.Times(200)},
		{"tries, fewer", turned(model.RoleDataRetries, count, model.Times(15), none), 1, 6, model.Times(6)},
		{"nothing", turned(model.RoleIdle, span, sec(5), none), 86401, many, none},
	} {
		good := func(v model.Value) (*outcome, bool) {
			n, ok := number(v)
			if x.k.param.Unit == span {
				n /= int64(time.Second)
			}
			return nil, ok && n >= int64(x.low) && n <= int64(x.high)
		}
		got, ok := x.k.roundIn(x.k.region(good), Window{Width: 50 * time.Millisecond}, good)
		if ok != x.want.IsSet() || ok && got != x.want {
			t.Errorf("%s: %v to %v cure, taken is %v, want %v", x.about, x.low, x.high, got, x.want)
		}
	}
	// Of two ranges the nearer one, by how many times it is away; of what never came the last.
	good := func(v model.Value) (*outcome, bool) {
		d, _ := v.Duration()
		return nil, d >= 2*time.Second && d <= 4*time.Second || d >= time.Minute && d <= 2*time.Minute
	}
	for now, want := range map[model.Value]region{
		sec(5):           {2e9, 4e9, true, true, true},
		sec(30):          {60e9, 120e9, true, true, true},
		sec(1):           {2e9, 4e9, true, true, true},
		sec(600):         {60e9, 120e9, true, true, true},
		model.ValueNever: {60e9, 120e9, true, true, true},
		none:             {60e9, 120e9, true, true, true},
	} {
		if r := turned(model.RoleIdle, span, now, none).region(good); r != want {
			t.Errorf("from %v: %+v, want %+v", now, r, want)
		}
	}
	// An edge is found to a tenth of a second, or a hundredth of itself.
	k := turned(model.RoleIdle, model.UnitMillisecond, none, none)
	for _, x := range []struct{ at, off time.Duration }{{1234 * time.Millisecond, 100 * time.Millisecond}, {1234 * time.Second, 12340 * time.Millisecond}} {
		tries := 0
		good := func(v model.Value) (*outcome, bool) {
			tries++
			d, _ := v.Duration()
			return nil, d >= x.at
		}
		got := time.Duration(k.edge(int64(4*x.at), int64(x.at/2), good))
		if got < x.at || got > x.at+x.off || tries > 10 {
			t.Errorf("the edge at %v is found at %v after %d tries", x.at, got, tries)
		}
	}
}

// Each reason decides before those that follow, whatever they say.
func TestWhichOptionComesFirst(t *testing.T) {
	t.Parallel()
	by := func(role model.Role) []*knob { return []*knob{{param: &model.Param{Role: role}}} }
	worse := func(from int) *option { // in all from a reason on
		o := &option{knobs: by(model.RoleIdle), edits: make([]model.Set, 1), cause: true}
		for i, do := range []func(){
			func() { o.knobs, o.cause = by(model.RoleRetry), false },
			func() { o.harm = shorter },
			func() { o.wide = true },
			func() { o.raises = Warning },
			func() { o.cause = false },
			func() { o.control = 1 },
			func() { o.foreign = true },
			func() { o.edits = make([]model.Set, 2) },
			func() { o.rank = 1 },
			func() { o.change = 0.1 },
		} {
			if i == from || i > from && i != 0 {
				do()
			}
		}
		return o
	}
	best := worse(10)
	for from := range 10 {
		a, b := worse(from+1), worse(from)
		a.cause = a.cause || from == 4
		if a.compare(b) >= 0 || b.compare(a) <= 0 || best.compare(b) >= 0 || b.compare(b) != 0 {
			t.Errorf("reason %d does not decide: %d, %d, %d", from, a.compare(b), b.compare(a), best.compare(b))
		}
	}
	// A switch that was set amiss is put back before all else.
	if o := (&option{knobs: by(model.RoleRetry), cause: true}); o.repeats() {
		t.Error("what was set amiss is no other way")
	}
	last := -1
	for _, role := range []model.Role{model.RolePingEvery, model.RoleIdle, model.RoleKeepAlive, model.RoleProbeIdle, model.RoleWorkers, model.RoleHeader} {
		if n := rankOf(role); n <= last {
			t.Errorf("%s has rank %d after %d", role, n, last)
		} else {
			last = n
		}
	}
}

// What a change costs is what the limit of the leg says, from both sides, and what lies in
// the value.
func TestTheHarmOfAChange(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	limit := func(idle time.Duration, age, requests int64) *Limit {
		l := &Limit{Reused: true, Idle: idle, Verdict: VerdictOK}
		if age > 0 {
			l.Age = &AgeLimit{After: time.Duration(age) * sec}
		}
		if requests > 0 {
			l.Requests = &RequestLimit{Count: requests}
		}
		return l
	}
	once, unknown := &Limit{Verdict: VerdictOK}, &Limit{Reused: true, Idle: 60 * sec, Verdict: VerdictUnknown}
	box := &knob{param: &model.Param{Role: model.RoleMiddleboxTTL}, row: &Row{}}
	pool := &knob{param: &model.Param{Role: model.RolePool}, row: &Row{}, set: true}
	beat := &knob{param: &model.Param{Role: model.RolePingEvery}, row: &Row{}}
	for _, x := range []struct {
		about   string
		was, is *Limit
		k       *knob
		v       model.Value
		want    harm
	}{
		{"as long", limit(60*sec, 0, 0), limit(60*sec, 0, 0), box, model.For(sec), harmless},
		{"longer", limit(60*sec, 0, 0), limit(61*sec, 0, 0), box, model.For(sec), harmless},
		{"shorter", limit(60*sec, 0, 0), limit(60*sec-1, 0, 0), box, model.For(sec), shorter},
		{"an age", limit(60*sec, 0, 0), limit(60*sec, 9, 0), box, model.For(sec), shorter},
		{"the same age", limit(60*sec, 9, 0), limit(60*sec, 9, 0), box, model.For(sec), harmless},
		{"less of an age", limit(60*sec, 9, 0), limit(60*sec, 8, 0), box, model.For(sec), shorter},
		{"more of an age", limit(60*sec, 9, 0), limit(60*sec, 10, 0), box, model.For(sec), harmless},
		{"so many requests", limit(60*sec, 0, 0), limit(60*sec, 0, 9), box, model.For(sec), shorter},
		{"as many requests", limit(60*sec, 0, 9), limit(60*sec, 0, 9), box, model.For(sec), harmless},
		{"fewer requests", limit(60*sec, 0, 9), limit(60*sec, 0, 8), box, model.For(sec), shorter},
		{"more requests", limit(60*sec, 0, 9), limit(60*sec, 0, 10), box, model.For(sec), harmless},
		{"no reuse", limit(60*sec, 0, 0), once, box, model.For(sec), reuseless},
		{"reuse for no time", limit(60*sec, 0, 0), limit(0, 0, 0), box, model.For(sec), reuseless},
		{"no reuse, as before", once, once, box, model.For(sec), harmless},
		{"no reuse after reuse for no time", limit(0, 0, 0), once, box, model.For(sec), harmless},
		{"no reuse where a pool was asked for", once, once, pool, model.Times(5), reuseless},
		{"nobody knows", limit(60*sec, 0, 0), unknown, box, model.For(sec), endless},
		{"nobody knew", unknown, unknown, box, model.For(sec), harmless},
		{"a box that never forgets", limit(60*sec, 0, 0), limit(60*sec, 0, 0), box, model.ValueNever, endless},
		{"no signs of life", limit(60*sec, 0, 0), limit(60*sec, 0, 0), beat, model.ValueOff, endless},
		{"signs of life", limit(60*sec, 0, 0), limit(60*sec, 0, 0), beat, model.For(sec), harmless},
	} {
		tr := &trial{before: state{leg: &Leg{}, outcome: outcome{limit: x.was}}}
		if got := tr.costs(&outcome{limit: x.is}, []*knob{x.k}, x.v); got != x.want {
			t.Errorf("%s: harm %d, want %d", x.about, got, x.want)
		}
	}
}

// A finding is cured where its rule says less, not of the same setting, and no other says
// anything as grave that it did not.
func TestWhatCuresAFinding(t *testing.T) {
	t.Parallel()
	one, two := &Rule{ID: "A-1"}, &Rule{ID: "A-2"}
	at := func(e model.EndpointID) []ParamRef { return []ParamRef{{e, "x.y"}} }
	is := func(r *Rule, s Severity, refs []ParamRef) Finding { return Finding{Rule: r, Severity: s, At: refs} }
	for i, x := range []struct {
		before, after []Finding // of the first before
		raises        Severity
		ok            bool
	}{
		{[]Finding{is(one, Warning, nil)}, nil, 0, true},
		{[]Finding{is(one, Warning, nil)}, []Finding{is(one, Warning, nil)}, 0, false},
		{[]Finding{is(one, Warning, nil)}, []Finding{is(one, Warning, at("a"))}, 0, false},
		{[]Finding{is(one, Warning, at("a")), is(one, Warning, at("b"))}, []Finding{is(one, Warning, nil)}, 0, true},
		{[]Finding{is(one, Warning, at("a")), is(one, Warning, at("b"))}, []Finding{is(one, Warning, at("b"))}, 0, true},
		{[]Finding{is(one, Warning, at("a")), is(one, Warning, at("b"))}, []Finding{is(one, Warning, at("a"))}, 0, false},
		{[]Finding{is(one, Warning, at("a"))}, []Finding{is(two, Info, nil)}, Info, true},
		{[]Finding{is(one, Warning, at("a"))}, []Finding{is(two, Warning, nil)}, 0, false},
		{[]Finding{is(one, Error, at("a"))}, []Finding{is(two, Warning, nil)}, Warning, true},
		{[]Finding{is(one, Error, at("a")), is(two, Warning, nil)}, []Finding{is(two, Warning, nil)}, Info, true},
		{[]Finding{is(one, Error, at("a")), is(two, Warning, nil)}, []Finding{is(two, Error, nil)}, 0, false},
	} {
		tr := &trial{before: state{outcome: outcome{findings: x.before}}}
		if raises, ok := tr.cures(&x.before[0], &outcome{findings: x.after}); ok != x.ok || ok && raises != x.raises {
			t.Errorf("case %d: %v, raises %v, want %v, %v", i, ok, raises, x.ok, x.raises)
		}
	}
	f := Finding{Rule: one, Severity: Warning, At: at("a")}
	for about, o := range map[string]Finding{
		"rule": {Rule: two, Severity: Warning, At: at("a")}, "leg": {Rule: one, Leg: 1, Severity: Warning, At: at("a")},
		"severity": {Rule: one, Severity: Error, At: at("a")}, "place": {Rule: one, Severity: Warning, At: at("b")},
	} {
		if f.same(o) || !f.same(f) {
			t.Errorf("another %s is the same", about)
		}
	}
}

// No probes end what is alive, so that they are no cure; a value that one of several knobs
// does not take is none for all.
func TestWhatAKnobTakes(t *testing.T) {
	t.Parallel()
	probes, pool := turned(model.RoleProbeCount, model.UnitCount, model.Times(9), model.ValueUnset), turned(model.RolePool, model.UnitCount, model.Times(9), model.ValueUnset)
	few := turned(model.RolePool, model.UnitCount, model.Times(9), model.ValueUnset)
	few.param.Max = 10
	pool.param.Zero, probes.param.Zero = model.ZeroLiteral, model.ZeroLiteral
	both := *pool
	both.beside = []*knob{few}
	for _, x := range []struct {
		k    *knob
		n    int64
		want bool
	}{{probes, 0, false}, {probes, 1, true}, {pool, 0, true}, {pool, 11, true}, {few, 10, true}, {few, 11, false}, {&both, 10, true}, {&both, 11, false}} {
		if got := x.k.takes(model.Times(x.n)); got != x.want {
			t.Errorf("%s takes %d: %v", x.k.param.Role, x.n, got)
		}
	}
	k := turned(model.RoleIdle, model.UnitSecond, model.ValueUnset, model.ValueUnset)
	for n, want := range map[time.Duration]time.Duration{0: 0, 1: time.Second, 1999 * time.Millisecond: time.Second, 2 * time.Second: 2 * time.Second} {
		if got := k.valueOf(int64(n)); got != model.For(want) {
			t.Errorf("%v is %v, want %v", n, got, want)
		}
	}
	for d, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, time.Minute - 1: 45 * time.Second, time.Second / 2: time.Second / 2} {
		if got := usualUpTo(d); got != want {
			t.Errorf("up to %v people write %v, want %v", d, got, want)
		}
	}
	for _, x := range []struct {
		was, is model.Value
		want    bool
	}{
		{model.Times(5), model.Times(5), false},
		{model.Times(5), model.Times(6), true},
		{model.Times(5), model.ValueNever, true},
		{model.ValueOff, model.Times(6), false},
	} {
		if got := grows(x.was, x.is); got != x.want {
			t.Errorf("%v after %v is more: %v", x.is, x.was, got)
		}
	}
}

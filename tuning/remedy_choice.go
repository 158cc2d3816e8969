package tuning

import (
	"math"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// single is the remedy that one knob gives, nil where it gives none.
func (t *trial) single(f *Finding, k *knob) *option {
	v, o, ok := t.choose(f, k)
	if !ok {
		return nil
	}
	raises, _ := t.cures(f, o)
	was, _ := number(k.row.Value)
	is, _ := number(v)
	meant := t.meant(k)
	harm := t.costs(o, k.all(), v)
	return &option{
		knobs: []*knob{k}, edits: k.edits(v), harm: harm, raises: raises, wide: harm == reuseless && k.side == &t.before.leg.Server,
		control: k.control(), cause: k.causes(f) || meant.IsSet() && meant == v, foreign: k.foreign(), rank: rankOf(k.param.Role),
		change: math.Abs(math.Log(float64(max(is, 1)) / float64(max(was, 1)))),
	}
}

// rankOf orders what cures equally well: signs of life of the application before
// those of the kernel, then the times of one's own, then what others make of them.
func rankOf(r model.Role) int {
	order := []model.Role{
		model.RolePingEvery, model.RoleIdle, model.RoleKeepAlive, model.RoleProbeIdle, model.RoleHint, model.RoleHintReading, model.RoleMiddleboxTTL,
		model.RoleAge, model.RoleWorkers,
	}
	if i := slices.Index(order, r); i >= 0 {
		return i
	}
	return len(order)
}

// control is how far a knob is out of the reader's hands: his own programs, what
// a provider or the network's people set, the browsers of strangers.
func (k *knob) control() int {
	switch {
	case k.system.Kind == "browser":
		return 2
	case k.system.Managed || k.side == nil:
		return 1
	}
	return 0
}

// causes reports whether a finding is about nothing but this knob, which
// somebody has set, or which drives what the rule is about.
func (k *knob) causes(f *Finding) bool {
	return (k.set || f.Rule.driven) && k.side != nil && len(f.At) > 0 &&
		!slices.ContainsFunc(f.At, func(r ParamRef) bool { return r != ParamRef{k.endpoint, k.param.ID} })
}

// foreign reports whether a knob is not the product's own: its host's, or an
// option of its sockets that only a program can set.
func (k *knob) foreign() bool {
	return k.side != nil && (k.param.Face == model.FaceHost || k.param.Role.TCP() && len(k.param.Aliases) == 0)
}

// A rating orders the cures that one knob has.
type rating struct {
	harm   harm
	raises Severity
}

func (t *trial) rate(f *Finding, k *knob, v model.Value, o *outcome) (rating, bool) {
	raises, ok := t.cures(f, o)
	return rating{t.costs(o, k.all(), v), raises}, ok
}

func (a rating) better(b rating) bool {
	return a.harm < b.harm || a.harm == b.harm && a.raises < b.raises
}

// choose is the value of a knob that a person would take: of those that cure
// best, a round one near the present value, with a good margin.
func (t *trial) choose(f *Finding, k *knob) (model.Value, *outcome, bool) {
	if v := t.meant(k); v.IsSet() {
		if o, ok := t.tryOne(k, v); ok {
			if _, ok := t.rate(f, k, v, o); ok {
				return v, o, true
			}
		}
	}
	best, found := rating{}, false
	for i := range k.tries {
		if r, ok := t.rate(f, k, k.tries[i].value, &k.tries[i].outcome); ok && (!found || r.better(best)) {
			best, found = r, true
		}
	}
	if !found {
		return model.Value{}, nil, false
	}
	good := func(v model.Value) (*outcome, bool) {
		o, ok := t.tryOne(k, v)
		if !ok {
			return nil, false
		}
		r, ok := t.rate(f, k, v, o)
		return o, ok && r == best
	}
	if v, ok := k.roundIn(k.region(good), t.before.leg.Window, good); ok {
		o, _ := good(v)
		return v, o, true
	}
	for _, v := range []model.Value{model.ValueOn, model.ValueUnset, model.ValueNever, model.ValueOff} {
		if o, ok := good(v); ok {
			return v, o, true
		}
	}
	return model.Value{}, nil, false
}

// meant is what a rule thinks that a value was meant to be, unset where none does.
func (t *trial) meant(k *knob) model.Value {
	for i := range t.before.findings {
		if f := &t.before.findings[i]; f.Meant.IsSet() && len(f.At) > 0 && f.At[0] == (ParamRef{k.endpoint, k.param.ID}) {
			return f.Meant
		}
	}
	return model.ValueUnset
}

// A region is a range of numbers that cure, and on which sides it ends.
type region struct {
	low, high       int64
	bounded, capped bool // something below does not cure, something above does not
	found           bool
}

// region is the range nearest to the present value. Without a present number, as
// where something is off or never ends, it is the one of the greatest.
func (k *knob) region(good func(model.Value) (*outcome, bool)) region {
	tried := k.numbers()
	now, hasNow := number(k.row.Value)
	var best region
	for i := 0; i < len(tried); i++ {
		if _, ok := good(tried[i].value); !ok {
			continue
		}
		r := region{found: true, bounded: i > 0}
		r.low, _ = number(tried[i].value)
		if i > 0 {
			below, _ := number(tried[i-1].value)
			r.low = k.edge(r.low, below, good)
		}
		for ; i < len(tried); i++ {
			if _, ok := good(tried[i].value); !ok {
				break
			}
			r.high, _ = number(tried[i].value)
		}
		if r.capped = i < len(tried); r.capped {
			above, _ := number(tried[i].value)
			r.high = k.edge(r.high, above, good)
		}
		if !best.found || !hasNow || r.away(now) < best.away(now) {
			best = r
		}
	}
	return best
}

func (r region) away(from int64) float64 {
	near := min(max(from, r.low), r.high)
	return math.Abs(math.Log(float64(max(near, 1)) / float64(max(from, 1))))
}

// edge moves a number that cures towards one that does not, to within a hundredth of its own
// size, and of a span to within a tenth of a second at least.
func (k *knob) edge(cures, not int64, good func(model.Value) (*outcome, bool)) int64 {
	for {
		gap := max(cures-not, not-cures)
		near := min(cures, not) / 100
		if k.param.Shape() == model.ShapeSpan {
			near = max(near, int64(time.Second/10))
		}
		if gap <= max(k.step(), near) {
			return cures
		}
		v := k.valueOf(not + (cures-not)/2)
		n, _ := number(v)
		if n == cures || n == not {
			return cures
		}
		if _, ok := good(v); ok {
			cures = n
		} else {
			not = n
		}
	}
}

// roundIn is a round value in a region.
func (k *knob) roundIn(r region, w Window, good func(model.Value) (*outcome, bool)) (model.Value, bool) {
	if !r.found {
		return model.Value{}, false
	}
	var wanted []int64
	now, hasNow := number(k.row.Value)
	span := k.param.Shape() == model.ShapeSpan
	if n, ok := number(k.row.Default.Value); ok && !span {
		wanted = []int64{n}
	}
	switch {
	case k.param.Role == model.RoleDataRetries && (!hasNow || now < r.low): // each doubles the time
		wanted = append(wanted, r.low)
	case !span && hasNow && now > r.high, !span && !hasNow:
		wanted = append(wanted, roundCount(r.high, false))
	case !span:
		wanted = append(wanted, roundCount(r.low+r.low/10, true), roundCount(r.low, true))
	case heartbeat(k.param.Role) && hasNow && now < r.low:
		low := time.Duration(r.low)
		wanted = []int64{int64(time.Minute), int64(nearest10(low + goodMargin(low, w)))}
	case heartbeat(k.param.Role):
		wanted = signsOfLife(r)
	case hasNow && now < r.low || !r.capped && r.bounded:
		low := time.Duration(r.low)
		wanted = []int64{int64(nearest10(low + goodMargin(low, w))), int64(wholeUp(low))}
	case !r.capped && !r.bounded: // any number will do
		if d, ok := number(k.row.Default.Value); ok {
			wanted = append(wanted, d)
		}
		wanted = append(wanted, int64(time.Minute))
	default:
		high := time.Duration(r.high)
		wanted = []int64{int64(nearest10(high - min(goodMargin(high, w), high/2))), int64(wholeDown(high))}
	}
	for _, n := range append(wanted, r.low, r.high) {
		if n < r.low || n > r.high {
			continue
		}
		if _, ok := good(k.valueOf(n)); ok {
			return k.valueOf(n), true
		}
	}
	return model.Value{}, false
}

// heartbeat reports whether a role is a time after which something is sent, so
// that one that is lost leaves room for another.
func heartbeat(r model.Role) bool {
	return r == model.RoleProbeIdle || r == model.RolePingEvery
}

// signsOfLife are the times that people write, from half of the greatest that
// cures downwards.
func signsOfLife(r region) []int64 {
	var found []int64
	for _, d := range slices.Backward(usualSpans) {
		half := (r.high + r.high/50) / 2 // of what the other side waits, which is a little more than what cures
		if n := int64(d); n <= half || !r.capped && n <= r.high {
			found = append(found, n)
		}
	}
	return append(found, r.high/2)
}

// nearest10 is the nearest time that people write: whole seconds up to ten, then
// steps of five, ten, and from ten minutes on whole minutes.
func nearest10(d time.Duration) time.Duration {
	step := time.Minute
	switch {
	case d < 2*time.Second:
		step = 500 * time.Millisecond
	case d < 10*time.Second:
		step = time.Second
	case d < 2*time.Minute:
		step = 5 * time.Second
	case d < 10*time.Minute:
		step = 10 * time.Second
	case d >= 10*time.Hour:
		step = time.Hour
	}
	return d.Round(step)
}

// roundCount has two digits that are not zero.
func roundCount(n int64, up bool) int64 {
	size := int64(1)
	for n/size >= 100 {
		size *= 10
	}
	if up {
		n += size - 1
	}
	return n / size * size
}

package tuning

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A knob is a setting that may be changed, and what came of it.
type knob struct {
	endpoint model.EndpointID
	param    *model.Param
	row      *Row
	side     *Side // nil for a box
	system   *model.System
	set      bool // somebody has set it
	first    []model.Set
	beside   []*knob // which get the same value
	tries    []try
}

type try struct {
	value model.Value
	outcome
}

// edits are what setting the knob comes to.
func (k *knob) edits(v model.Value) []model.Set {
	edits := slices.Clone(k.first)
	edits = append(edits, model.Set{Endpoint: k.endpoint, Param: k.param.ID, Setting: model.Typed(v)})
	for _, other := range k.beside {
		edits = append(edits, model.Set{Endpoint: other.endpoint, Param: other.param.ID, Setting: model.Typed(v)})
	}
	return edits
}

// all are the knobs that get the value.
func (k *knob) all() []*knob { return append([]*knob{k}, k.beside...) }

// takes reports whether all that get it may have the value. With no probes the kernel
// ends a connection whose peer is alive, which cures nothing.
func (k *knob) takes(v model.Value) bool {
	if n, ok := v.Count(); ok && n == 0 && k.param.Role == model.RoleProbeCount {
		return false
	}
	return k.param.Check(v) == nil && !slices.ContainsFunc(k.beside, func(o *knob) bool { return o.param.Check(v) != nil })
}

// turn finds all settings of the trial's leg that can be changed, and tries each with
// enough values to see whether it matters, and if it does with more.
func (t *trial) turn() {
	l := t.before.leg
	var all []*knob
	for _, s := range []*Side{&l.Client, &l.Server} {
		for i := range s.Rows {
			if row := &s.Rows[i]; (row.Param.Role != model.RoleInformation || s.needed(row.Param.ID)) && (s.settable(row.Param) || writable(row)) {
				_, set := s.Endpoint.Settings[row.Param.ID]
				if row.Param.Over != "" && !set { // no cure where another protocol may be spoken
					continue
				}
				all = append(all, &knob{endpoint: s.Endpoint.ID, param: row.Param, row: row, side: s, system: s.System, set: set})
			}
		}
	}
	for i := range l.Boxes {
		b := &l.Boxes[i]
		for _, row := range b.Rows {
			if b.System.Settable(row.Param, b.Endpoint.VersionOf(b.System)) {
				_, set := b.Endpoint.Settings[row.Param.ID]
				all = append(all, &knob{endpoint: b.Endpoint.ID, param: row.Param, row: row, system: b.System, set: set})
			}
		}
	}
	for _, k := range all {
		if t.tryAll(k, k.extremes()); k.matters(t) {
			t.tryAll(k, k.usual())
		}
	}
	t.knobs = all
}

// needed reports whether an idle timer runs only while this switch is on.
func (s *Side) needed(id model.ParamID) bool {
	return slices.ContainsFunc(s.Rows, func(r Row) bool { return r.Param.Needs == id })
}

// fresh are the knobs without the tries that seeking a remedy adds, so that what is
// found does not hang on what was sought before.
func (t *trial) fresh() []*knob {
	all := make([]*knob, len(t.knobs))
	for i, k := range t.knobs {
		own := *k
		own.tries = slices.Clip(k.tries)
		all[i] = &own
	}
	return all
}

// writable reports whether a setting that is no knob of its own can be put
// right all the same: nginx's two lines, which every export of its pool writes.
func writable(row *Row) bool {
	return row.Param.ID == nginxUpstreamHTTP && row.Value != model.ValueOn
}

func (t *trial) tryAll(k *knob, values []model.Value) {
	for _, v := range values {
		t.tryOne(k, v)
	}
}

// tryOne is the outcome of one value; false where it cannot be set.
func (t *trial) tryOne(k *knob, v model.Value) (*outcome, bool) {
	for i := range k.tries {
		if k.tries[i].value == v {
			return &k.tries[i].outcome, true
		}
	}
	if !k.takes(v) || !v.IsSet() && !k.set {
		return nil, false
	}
	o, ok := t.try(k.edits(v))
	if !ok {
		return nil, false
	}
	k.tries = append(k.tries, try{v, o.outcome})
	return &k.tries[len(k.tries)-1].outcome, true
}

func (k *knob) matters(t *trial) bool {
	return slices.ContainsFunc(k.tries, func(x try) bool { return t.touches(&x.outcome) })
}

// words are the values without a number.
var words = []model.Value{model.ValueOn, model.ValueOff, model.ValueNever, model.ValueUnset}

// extremes are the ends of a knob's range and every word: where none of them
// changes anything that a rule says, nothing between does.
func (k *knob) extremes() []model.Value {
	values := slices.Clone(words)
	if k.param.Zero == model.ZeroLiteral {
		values = append(values, k.valueOf(0))
	}
	low, high := k.param.Range()
	switch k.param.Shape() {
	case model.ShapeSpan:
		step := k.param.Unit.Size()
		values = append(values, model.For(max(time.Duration(low), step)), model.For(min(time.Duration(high), longest)))
	case model.ShapeCount:
		values = append(values, model.Times(max(low, 1)), model.Times(min(high, 1<<30)))
	case model.ShapeSwitch, model.ShapeRate:
	}
	return values
}

// longest is the longest time that is tried where a product knows no limit.
const longest = 365 * 24 * time.Hour

// usualSpans are times that people write.
var usualSpans = []time.Duration{
	time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second,
	45 * time.Second, time.Minute, 90 * time.Second, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour,
}

var usualCounts = []int64{1, 2, 3, 4, 5, 6, 8, 9, 10, 15, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000}

// usual are the values that people write.
func (k *knob) usual() []model.Value {
	var values []model.Value
	switch k.param.Shape() {
	case model.ShapeSpan:
		for _, d := range usualSpans {
			values = append(values, model.For(d))
		}
	case model.ShapeCount:
		for _, n := range usualCounts {
			values = append(values, model.Times(n))
		}
	case model.ShapeSwitch, model.ShapeRate:
	}
	return values
}

// number is the number of a span or a count, in nanoseconds or as it is.
func number(v model.Value) (int64, bool) {
	if n, ok := v.Count(); ok {
		return n, true
	}
	d, ok := v.Duration()
	return int64(d), ok && d != model.Never
}

// valueOf is a number as a value of the knob, cut to whole steps of its unit.
func (k *knob) valueOf(n int64) model.Value {
	if k.param.Shape() == model.ShapeCount {
		return model.Times(n)
	}
	step := k.step()
	if n > 0 {
		n = max(n/step, 1) * step
	}
	return model.For(time.Duration(n))
}

// step is the smallest difference between two of the knob's values.
func (k *knob) step() int64 {
	if k.param.Shape() == model.ShapeCount {
		return 1
	}
	return max(int64(k.param.Unit.Size()), int64(time.Millisecond))
}

// numbers are the tries with a number, sorted.
func (k *knob) numbers() []try {
	var found []try
	for _, x := range k.tries {
		if _, ok := number(x.value); ok {
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b try) int {
		m, _ := number(a.value)
		n, _ := number(b.value)
		return cmp.Compare(m, n)
	})
	return found
}

// between looks for a cure that lies between two tried values. Where the rules
// say the same of both, in the same words, there is none between them.
func (t *trial) between(f *Finding, k *knob) bool {
	tried := k.numbers()
	for i := 1; i < len(tried); i++ {
		if t.split(f, k, tried[i-1], tried[i]) {
			return true
		}
	}
	return false
}

func (t *trial) split(f *Finding, k *knob, a, b try) bool {
	m, _ := number(a.value)
	n, _ := number(b.value)
	if n-m <= k.step() || a.said() == b.said() {
		return false
	}
	v := k.valueOf(m + (n-m)/2)
	if v == a.value || v == b.value {
		return false
	}
	o, ok := t.tryOne(k, v)
	if !ok {
		return false
	}
	if _, cured := t.cures(f, o); cured {
		return true
	}
	middle := try{v, *o}
	return t.split(f, k, a, middle) || t.split(f, k, middle, b)
}

// said is what the rules say, without the numbers in it and their units.
func (o *outcome) said() string {
	var b strings.Builder
	for i := range o.findings {
		f := &o.findings[i]
		fmt.Fprint(&b, f.Rule.ID, f.Leg, f.Severity, f.At, f.Assuming)
		for _, why := range f.Because {
			for word := range strings.FieldsSeq(why) {
				if !strings.ContainsAny(word, "0123456789") && !slices.Contains(unitWords, strings.Trim(word, ",:;)")) {
					b.WriteString(word)
				}
			}
		}
	}
	return b.String()
}

var unitWords = []string{"us", "ms", "s", "m", "h", "d", "never"}

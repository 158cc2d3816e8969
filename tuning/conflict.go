package tuning

import (
	"fmt"
	"math"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// orderAgainstCrowd is one finding in the place of two that would turn the server's
// idle time in opposite directions.
var orderAgainstCrowd = &Rule{
	ID: "CAP-5", Severity: Error,
	Title:   "the order of closes wants a long idle time, the workers a short one",
	Why:     "The client has to let go first, and each idle connection holds a worker: no idle time of the server alone suits both. Let both give up sooner, have more workers, or workers that no idle connection holds (event MPM, a proxy that buffers in front); or leave it and know what it costs.",
	WrongIf: "most clients close after their request",
	Source:  "alphagov/notifications-admin#4826 and #5385; Apache KeepAliveTimeout",
	check:   func(*Leg) []Finding { return nil }, // it comes of two others
}

// A tug is what pulls the server's idle time in two directions.
type tug struct {
	order, crowd  *Finding
	idle, workers *Row          // of the server
	least, most   time.Duration // that the order of closes needs, that half of the workers bear
	reuse         time.Duration // until when the client reuses
	arrivals      float64
}

// tugged finds an order finding and a crowd finding of a leg that no idle time of
// the server satisfies both.
func (l *Leg) tugged(all []Finding) (tug, bool) {
	var x tug
	for i := range all {
		switch f := &all[i]; {
		case f.Severity == Info:
		case f.Rule.ID == "ORD-1" || f.Rule.ID == "ORD-2" || f.Rule.ID == "ORD-4":
			x.order = f
		case f.Rule.ID == "CAP-1":
			x.crowd = f
		}
	}
	var ok bool
	x.arrivals, ok = perSecond(l.given, model.QuantityArrivals)
	if _, given := l.given.Quantity(model.QuantityConnections); x.order == nil || x.crowd == nil || !ok || given {
		return x, false
	}
	x.idle, x.workers = l.Server.First(model.RoleIdle), l.Server.First(model.RoleWorkers)
	if x.idle == nil || x.workers == nil {
		return x, false
	}
	x.reuse, _ = latestReuseAndEarliestClose(l.Limit.All)
	x.least = model.Add(x.reuse, leastMargin(l))
	x.most = time.Duration(crowded * float64(l.Server.count(model.RoleWorkers, 0)) / x.arrivals * float64(time.Second))
	return x, true // the server closes sooner than the one bears, and holds for longer than the other
}

// settled puts one finding in the place of two that contradict each other.
func settled(l *Leg, all []Finding) []Finding {
	x, ok := l.tugged(all)
	if !ok {
		return all
	}
	a, b := *x.order, *x.crowd // they are taken out of all
	f := Finding{
		Rule: orderAgainstCrowd, Leg: l.Index, Severity: max(a.Severity, b.Severity), graded: true,
		At: []ParamRef{l.Server.ref(x.idle), l.Server.ref(x.workers)}, Because: slices.Concat(a.Because, b.Because), Assuming: slices.Clone(a.Assuming),
	}
	if row := l.Client.First(model.RoleIdle); row != nil {
		f.At = append(f.At, l.Client.ref(row))
	}
	need := "no idle time of the server is long enough for a client that never lets go"
	if x.least != model.Never {
		need = fmt.Sprintf("the order of closes needs at least %s at %s", model.HumanSpan(x.least), l.Server.Endpoint.ID)
	}
	f.Because = append(f.Because, need, fmt.Sprintf("half of %s workers bear at most %s at %s new connections a second", x.workers.Value.Human(), model.HumanSpan(x.most.Truncate(10*time.Millisecond)), model.Figures(x.arrivals, 3)))
	for _, ref := range append(slices.Clone(b.Assuming), assumedOf(l, f.At)...) {
		if !slices.Contains(f.Assuming, ref) {
			f.Assuming = append(f.Assuming, ref)
		}
	}
	all = slices.DeleteFunc(all, func(o Finding) bool { return o.Rule == a.Rule && o.Leg == a.Leg || o.Rule == b.Rule && o.Leg == b.Leg })
	return append(all, f)
}

// waysOut are remedies of more than one edit for a conflict: the server waits longer and
// has more workers, or others. That both ends give up sooner needs none: the client alone
// is enough.
func (t *trial) waysOut(f *Finding, tried []*knob) []*option {
	l := t.before.leg
	reuse, _ := latestReuseAndEarliestClose(l.Limit.All)
	if f.Rule != orderAgainstCrowd || reuse == model.Never {
		return nil
	}
	of := func(role model.Role) *knob {
		if i := slices.IndexFunc(tried, func(k *knob) bool { return k.row == l.Server.First(role) }); i >= 0 {
			return tried[i]
		}
		return nil
	}
	idle, workers := of(model.RoleIdle), of(model.RoleWorkers)
	if idle == nil {
		return nil
	}
	wait := nearest10(reuse + goodMargin(reuse, l.Window))
	longer := idle.valueOf(int64(wait))
	var found []*option
	add := func(k *knob, v model.Value) {
		edits := slices.Concat(k.edits(v), idle.edits(longer))
		if !k.takes(v) || !idle.takes(longer) {
			return
		}
		o, ok := t.try(edits)
		if !ok {
			return
		}
		raises, ok := t.cures(f, &o.outcome)
		if !ok {
			return
		}
		found = append(found, &option{
			edits: edits, knobs: []*knob{k, idle}, harm: max(t.costs(&o.outcome, []*knob{k}, v), t.costs(&o.outcome, []*knob{idle}, longer)),
			raises: raises, control: max(k.control(), idle.control()), rank: rankOf(k.param.Role),
		})
	}
	if workers != nil {
		arrivals, _ := perSecond(l.given, model.QuantityArrivals)
		add(workers, model.Times(roundCount(int64(math.Ceil(arrivals*wait.Seconds()/crowded)), true)))
	}
	if pins := l.Server.First(model.RolePins); pins != nil {
		add(&knob{endpoint: l.Server.Endpoint.ID, param: pins.Param, row: pins, side: &l.Server, system: l.Server.System}, model.ValueOff)
	}
	return found
}

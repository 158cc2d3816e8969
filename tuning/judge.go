package tuning

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A Stretch is where a leg lies on a path: the places of its ends and of the
// boxes between them, and of the server behind a proxy that hands that server's
// hint on (-1 where there is none).
type Stretch struct {
	Index, First, Last, Beyond int
	Boxes                      []int
}

// Stretches are the legs of a path, in order.
func Stretches(p model.Path, env *Env) []Stretch {
	var all []Stretch
	for first := 0; first < len(p.Endpoints)-1; {
		last, boxes := nextEnd(p, first, env.Catalog)
		s := Stretch{Index: len(all), First: first, Last: last, Beyond: -1, Boxes: boxes}
		if env.beyond(p, last) != nil {
			s.Beyond, _ = nextEnd(p, last, env.Catalog)
		}
		all = append(all, s)
		first = last
	}
	return all
}

// Judge is one leg of a path by itself, as [Analyze] judges it.
func Judge(p model.Path, env *Env, s Stretch) (Leg, error) {
	var l Leg
	err := env.judge(&l, p, s.First, s.Last, s.Boxes, s.Index)
	return l, err
}

// FindingsOf is what the rules have to say about one leg, without those that see
// several.
func FindingsOf(l *Leg) []Finding { return findings(l) }

// Settable reports whether the product or its host lets a parameter be set.
// Under a provider's service nobody but the provider does.
func (s *Side) Settable(p *model.Param) bool { return s.settable(p) }

// Passing is how long a quiet connection of the leg can be without a sign of life,
// and the setting behind it: a heartbeat of an application, or TCP probes;
// [model.Never] where nothing passes.
func (l *Leg) Passing() (time.Duration, ParamRef) {
	every, ref := model.Never, ParamRef{}
	for _, h := range beats(&l.Client, &l.Server) {
		if h.Quiet && h.High < every {
			every, ref = h.High, h.Ref
		}
	}
	for _, s := range bothSides(l) {
		if probed := detect.ProbesEvery(s.Kernel); probed < every {
			every, ref = probed, s.refOf(model.RoleProbeIdle)
		}
	}
	return every, ref
}

// Ended is when the ends of a leg themselves are done with a quiet connection, at
// the latest: the client uses it no more, or the server closes it; [model.Never]
// where neither does, or nobody knows.
func (l *Leg) Ended() (time.Duration, ParamRef) {
	ended, ref := model.Never, ParamRef{}
	if !l.Limit.Reused {
		return 0, l.Limit.Limiter.Ref
	}
	for _, x := range l.Limit.All {
		if x.By != ByMiddlebox && x.Known && x.High < ended {
			ended, ref = x.High, x.Ref
		}
	}
	return ended, ref
}

// Loses is the greatest chance that a request on a reused connection meets a
// close: at the request rate that was given, or at the worst. It is 0 where the
// verdict says that none does, and false where nobody knows.
func (l *Leg) Loses() (share float64, known bool) {
	switch l.Limit.Verdict {
	case VerdictUnknown:
		return 1, false
	case VerdictStale:
		return 1, true
	case VerdictRace:
		if l.Load.RaceProbability != nil {
			return *l.Load.RaceProbability, true
		}
		return l.Window.Worst, true
	case VerdictOK, VerdictRetried, VerdictUnbounded:
	}
	return 0, true
}

// Counted reports whether somebody said how many connections a leg has, or how
// many come.
func (l *Leg) Counted() bool {
	_, arrivals := perSecond(l.given, model.QuantityArrivals)
	n, connections := l.given.Quantity(model.QuantityConnections)
	_, counted := n.Value.Count()
	return arrivals || connections && counted
}

// Arrivals is how many new connections a second somebody said that a leg gets, 0
// where nobody did.
func (l *Leg) Arrivals() float64 {
	a, _ := perSecond(l.given, model.QuantityArrivals)
	return a
}

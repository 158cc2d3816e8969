package tuning

import (
	"math"
	"time"

	"example.com/keeptune/model"
)

// A Point is what one value of a swept setting leads to on a leg.
type Point struct {
	Value      model.Value
	Limit      Limit
	Load       Load
	Worst      float64       // worst race probability
	Detection  time.Duration // the side's dead connection, idle: worst case
	Reconnects float64       // share of requests at the given rate that need a new connection
}

// sweepSteps are the times at which a sweep looks, the usual ones of
// configurations, from a second to a day.
var sweepSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 75 * time.Second, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 350 * time.Second, 10 * time.Minute,
	15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour,
}

// Sweep judges a document over the range of one span parameter of a leg, the
// present value among the points. Values that the product does not take are
// left out. The error is that of [Analyze].
func Sweep(d model.Document, env *Env, leg int, ref ParamRef) ([]Point, error) {
	r, err := Analyze(d, env)
	if err != nil || leg >= len(r.Legs) {
		return nil, err
	}
	row, side := r.Legs[leg].swept(ref)
	if row == nil || row.Param.Shape() != model.ShapeSpan {
		return nil, nil
	}
	var points []Point
	for _, at := range withPresent(row.Value) {
		v := model.For(at)
		if row.Param.Check(v) != nil {
			continue
		}
		next, err := d.With(model.Set{Endpoint: ref.Endpoint, Param: ref.Param, Setting: model.Typed(v)}, env.Catalog)
		if err != nil {
			continue
		}
		if r, err = Analyze(next, env); err != nil {
			return nil, err
		}
		points = append(points, point(v, &r.Legs[leg], d.Path.Quantities(leg), side))
	}
	return points, nil
}

// withPresent is the steps of a sweep with the present value in its place.
func withPresent(v model.Value) []time.Duration {
	now, ok := v.Duration()
	var all []time.Duration
	for _, step := range sweepSteps {
		if ok && now != model.Never && now < step && (len(all) == 0 || all[len(all)-1] < now) && now > 0 {
			all = append(all, now)
		}
		all = append(all, step)
	}
	if ok && now != model.Never && now > all[len(all)-1] {
		all = append(all, now)
	}
	return all
}

// swept finds the row of a parameter of a leg, and whose detection it is about.
func (l *Leg) swept(ref ParamRef) (*Row, model.FaceKind) {
	for i := range l.Boxes {
		if b := &l.Boxes[i]; b.Endpoint.ID == ref.Endpoint {
			return b.Row, model.FaceClient
		}
	}
	if l.Server.Endpoint.ID == ref.Endpoint {
		return l.Server.Row(ref.Param), model.FaceServer
	}
	return l.Client.Row(ref.Param), model.FaceClient
}

func point(v model.Value, l *Leg, q model.Quantities, side model.FaceKind) Point {
	end := l.Ends.Server.Idle
	if side == model.FaceClient {
		end = l.Ends.Client.Idle
	}
	p := Point{Value: v, Limit: l.Limit, Load: l.Load, Worst: l.Window.Worst, Detection: end.High}
	if rate, ok := perSecond(q, model.QuantityRate); ok && l.Limit.Idle != model.Never {
		p.Reconnects = math.Exp(-rate * l.Limit.Idle.Seconds())
	}
	return p
}

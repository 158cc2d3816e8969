package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// Race windows that are assumed until one is measured or given (rules.md
// section 2): short round trips, and long ones.
const (
	windowNear = 50 * time.Millisecond
	windowFar  = 300 * time.Millisecond
	nearRTT    = 10 * time.Millisecond
)

// An Env is what an analysis needs beside the document.
type Env struct {
	Catalog *model.Catalog
	HZ      int // timer frequency of Linux ends
	assumed bool
	memo    map[detect.Socket]States
}

// NewEnv is an environment that remembers the detections it computed, so that
// an edit costs only what it changes. An hz of 0 is not known: 250 is assumed. It is not safe for concurrent use.
func NewEnv(c *model.Catalog, hz int) *Env {
	assumed := hz == 0
	if assumed {
		hz = detect.DefaultHZ
	}
	return &Env{Catalog: c, HZ: hz, assumed: assumed, memo: map[detect.Socket]States{}}
}

// memoLimit bounds what an environment remembers.
const memoLimit = 4096

func (e *Env) states(k detect.Socket) States {
	if s, ok := e.memo[k]; ok {
		return s
	}
	if len(e.memo) >= memoLimit {
		clear(e.memo)
	}
	s := states(k)
	e.memo[k] = s
	return s
}

// Analyze judges every leg of a document. The error is that of
// [model.Document.Check]: a document that passes it can be analyzed.
func Analyze(d model.Document, env *Env) (Report, error) {
	if err := d.Check(env.Catalog); err != nil {
		return Report{}, err
	}
	r := Report{HZ: env.HZ, HZAssumed: env.assumed}
	for first := 0; first < len(d.Path.Endpoints)-1; {
		last, boxes := nextEnd(d.Path, first, env.Catalog)
		leg, err := env.leg(d.Path, first, last, boxes, len(r.Legs))
		if err != nil {
			return Report{}, err
		}
		r.Legs = append(r.Legs, leg)
		if leg.Limit.Idle < r.Legs[r.Worst].Limit.Idle {
			r.Worst = len(r.Legs) - 1
		}
		first = last
	}
	r.Findings = findings(r)
	return r, nil
}

// nextEnd is the next place that ends TCP, and the forwarding ones before it.
func nextEnd(p model.Path, from int, c *model.Catalog) (end int, boxes []int) {
	for i := from + 1; i < len(p.Endpoints)-1; i++ {
		if s, err := c.System(p.Endpoints[i].System); err != nil || !s.Middlebox() {
			return i, boxes
		}
		boxes = append(boxes, i)
	}
	return len(p.Endpoints) - 1, boxes
}

func (e *Env) leg(p model.Path, first, last int, between []int, index int) (Leg, error) {
	leg := Leg{Index: index}
	var err error
	if leg.Client, err = resolveSide(e.Catalog, p.Endpoints[first], first, model.SideClient); err != nil {
		return leg, fmt.Errorf("leg %d: %w", index+1, err)
	}
	if leg.Server, err = resolveSide(e.Catalog, p.Endpoints[last], last, model.SideServer); err != nil {
		return leg, fmt.Errorf("leg %d: %w", index+1, err)
	}
	quantities := p.Leg(index)
	leg.Window = windowOf(quantities)
	client, server := socket(&leg.Client, quantities, e.HZ), socket(&leg.Server, quantities, e.HZ)
	for _, place := range between {
		box, err := e.box(p.Endpoints[place], place, client, server)
		if err != nil {
			return leg, err
		}
		leg.Boxes = append(leg.Boxes, box)
	}
	leg.Limit = judge(&leg.Client, &leg.Server, leg.Boxes, leg.Window, index)
	if reuse, gone := reuseAndGone(leg.Limit.All); leg.Limit.Reused && leg.Limit.Verdict != VerdictUnknown {
		leg.Window.Worst = worstRace(gone, leg.Window.Width, reuse)
	}
	leg.Detection = Both[States]{leg.Client.doubt(e.states(client)), leg.Server.doubt(e.states(server))}
	leg.Ends = Both[EndStates]{
		ends(&leg.Client, leg.Detection.Client, leg.limitersOf(ByClient)),
		ends(&leg.Server, leg.Detection.Server, leg.limitersOf(ByServer)),
	}
	if s, ok := quantities.Quantity(model.QuantityWriteEvery); ok {
		if p, ok := s.Value.Duration(); ok {
			leg.Writing = &Both[detect.Detection]{detect.Writing(client, p), detect.Writing(server, p)}
		}
	}
	leg.Load = load(&leg, quantities, client, server)
	return leg, nil
}

func (l *Leg) limitersOf(by By) []Limiter {
	var found []Limiter
	for _, x := range l.Limit.All {
		if x.By == by {
			found = append(found, x)
		}
	}
	return found
}

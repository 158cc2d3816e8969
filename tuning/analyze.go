package tuning

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// Race windows that are assumed until one is measured or given: short round
// trips, and long ones.
const (
	windowNear = 50 * time.Millisecond
	windowFar  = 300 * time.Millisecond
	nearRTT    = 10 * time.Millisecond
)

// Analyze judges every leg of a document. The error is that of
// [model.Document.Check]: a document that passes it can be analyzed.
func Analyze(d model.Document, env *Env) (Report, error) {
	if err := d.Check(env.Catalog); err != nil {
		return Report{}, err
	}
	r := Report{HZ: env.HZ, HZAssumed: env.assumed}
	var legs []*Leg
	for first := 0; first < len(d.Path.Endpoints)-1; {
		last, boxes := nextEnd(d.Path, first, env.Catalog)
		j, err := env.judged(d.Path, first, last, boxes, len(r.Legs))
		if err != nil {
			return Report{}, err
		}
		r.Legs, legs = append(r.Legs, j.leg), append(legs, &j.leg)
		r.Findings = append(r.Findings, j.findings...)
		if j.leg.Limit.Idle < r.Legs[r.Shortest].Limit.Idle {
			r.Shortest = len(r.Legs) - 1
		}
		first = last
	}
	r.Findings = append(r.Findings, across(legs)...)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	r.suppress(d.Suppressed)
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

// beyond is the server behind a proxy that hands that server's hint on, or nil.
func (e *Env) beyond(p model.Path, last int) *model.Endpoint {
	s, err := e.Catalog.System(p.Endpoints[last].System)
	if err != nil || last == len(p.Endpoints)-1 || s.Faces[model.FaceServer] == nil || !s.Faces[model.FaceServer].Passes {
		return nil
	}
	next, _ := nextEnd(p, last, e.Catalog)
	return &p.Endpoints[next]
}

// judge fills an empty leg from hop first to hop last.
func (e *Env) judge(leg *Leg, p model.Path, first, last int, between []int, index int) error {
	leg.Index, leg.through = index, last < len(p.Endpoints)-1
	var err error
	if leg.Client, err = e.side(p.Endpoints[first], first, model.FaceClient, index); err != nil {
		return fmt.Errorf("leg %d: %w", index+1, err)
	}
	if leg.Server, err = e.side(p.Endpoints[last], last, model.FaceServer, index); err != nil {
		return fmt.Errorf("leg %d: %w", index+1, err)
	}
	leg.hint = hintOf(&leg.Client, &leg.Server)
	if beyond := e.beyond(p, last); beyond != nil && !leg.hint.sent {
		far, err := e.resolve(*beyond, 0, model.FaceServer)
		if err != nil {
			return fmt.Errorf("leg %d: %w", index+2, err)
		}
		leg.hint = handedOn(&leg.Server, &far)
	}
	quantities := p.Quantities(index)
	leg.given, leg.Window = quantities, windowOf(quantities)
	if s, ok := quantities.Quantity(model.QuantityOutage); ok {
		leg.outage, _ = s.Value.Duration()
	}
	client, server := socket(&leg.Client, quantities, e.HZ), socket(&leg.Server, quantities, e.HZ)
	if leg.Client.on(model.RoleMultipath) && leg.Server.on(model.RoleMultipath) {
		client, server = client.SpeakMultipath(), server.SpeakMultipath()
	}
	leg.Client.Kernel, leg.Server.Kernel = client, server
	sent := beats(&leg.Client, &leg.Server)
	for _, place := range between {
		box, err := e.box(p.Endpoints[place], place, quantities)
		if err != nil {
			return err
		}
		leg.Boxes = append(leg.Boxes, box)
	}
	leg.pass(sent)
	leg.Limit = judge(&leg.Client, &leg.Server, leg.Boxes, leg.Window, index, leg.hint)
	if reuse, gone := latestReuseAndEarliestClose(leg.Limit.All); leg.Limit.Reused && leg.Limit.Verdict != VerdictUnknown {
		leg.Window.Worst = WorstRace(gone, leg.Window.Width, reuse)
	}
	if !e.trying || asksForNews(quantities) {
		e.detection(leg, quantities, client, server)
	}
	leg.Load = load(leg, quantities, client, server)
	return nil
}

// asksForNews reports whether a rule looks at what notices a dead peer.
func asksForNews(q model.Quantities) bool {
	_, notice := q.Quantity(model.QuantityNotice)
	_, vanish := q.Quantity(model.QuantityVanish)
	return notice || vanish
}

// detection finds what notices a dead peer: the costly half of an analysis, on
// which no rule rests unless somebody asks for it.
func (e *Env) detection(leg *Leg, quantities model.Quantities, client, server detect.Socket) {
	leg.Detection = Both[States]{leg.Client.doubt(e.states(client)), leg.Server.doubt(e.states(server))}
	leg.endAtBoxes()
	leg.Ends = Both[EndStates]{
		ends(&leg.Client, leg.Detection.Client, leg.limitersOf(ByClient)),
		ends(&leg.Server, leg.Detection.Server, leg.limitersOf(ByServer)),
	}
	leg.endDead(e)
	watch := leg.Server.watch(&leg.Client)
	for _, at := range []*End{&leg.Ends.Server.Idle, &leg.Ends.Server.InFlight, &leg.Ends.Server.Waiting, &leg.Ends.Server.ZeroWindow} {
		*at = earlier(*at, watch)
	}
	if s, ok := quantities.Quantity(model.QuantityWriteEvery); ok {
		if p, ok := s.Value.Duration(); ok {
			leg.Writing = &Both[detect.Detection]{detect.Writing(client, p), detect.Writing(server, p)}
		}
	}
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

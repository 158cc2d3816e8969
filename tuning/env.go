package tuning

import (
	"maps"
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// An Env is what an analysis needs beside the document.
type Env struct {
	Catalog   *model.Catalog
	HZ        int // timer frequency of Linux ends
	assumed   bool
	memo      map[detect.Socket]States
	shipped   map[shippedKey][]Row
	last      []*judged // nil where nothing was judged yet
	consulted []*trial  // the last ones
	trying    bool      // only what the rules rest on is wanted
}

// NewEnv is an environment that remembers the analysis before and what every
// analysis has in common, so that an edit costs only what it changes. An hz of
// 0 is not known: 250 is assumed. It is not safe for concurrent use.
func NewEnv(c *model.Catalog, hz int) *Env {
	assumed := hz == 0
	if assumed {
		hz = detect.DefaultHZ
	}
	return &Env{Catalog: c, HZ: hz, assumed: assumed, memo: map[detect.Socket]States{}, shipped: map[shippedKey][]Row{}}
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

// A shippedKey is all that the defaults of one side depend on.
type shippedKey struct {
	system, host     *model.System
	version, hostAt  model.Version
	side             model.FaceKind
	given, hostGiven bool // the version was, the operating system's was
}

// rows is a side's rows before its settings are applied.
func (e *Env) rows(s *Side) []Row {
	key := shippedKey{
		system: s.System, host: s.Host, version: s.Version, hostAt: s.HostAt, side: s.Face.Kind,
		given: s.Endpoint.Version != "", hostGiven: s.osGiven(),
	}
	rows, ok := e.shipped[key]
	if !ok {
		if len(e.shipped) >= memoLimit {
			clear(e.shipped)
		}
		rows = untouched(s)
		e.shipped[key] = rows
	}
	return slices.Clone(rows)
}

// A judged leg is one of the analysis before, and all that it followed from.
type judged struct {
	place      int
	hops       []model.Endpoint
	quantities model.Quantities
	leg        Leg
	findings   []Finding
}

// judged judges the leg from hop first to hop last, or remembers it.
func (e *Env) judged(p model.Path, first, last int, boxes []int, index int) (*judged, error) {
	hops, quantities := p.Endpoints[first:last+1], p.Quantities(index)
	if beyond := e.beyond(p, last); beyond != nil {
		hops = append(slices.Clip(hops), *beyond)
	}
	if index < len(e.last) && e.last[index] != nil {
		if j := e.last[index]; j.place == first && j.leg.through == (last < len(p.Endpoints)-1) && slices.EqualFunc(j.hops, hops, model.Endpoint.Equal) &&
			maps.EqualFunc(j.quantities, quantities, model.Setting.Equal) {
			return j, nil
		}
	}
	j := &judged{place: first, hops: slices.Clone(hops), quantities: quantities}
	if err := e.judge(&j.leg, p, first, last, boxes, index); err != nil {
		return nil, err
	}
	j.findings = findings(&j.leg)
	for len(e.last) <= index {
		e.last = append(e.last, nil)
	}
	e.last[index] = j
	return j, nil
}

// side resolves one end of a leg, or remembers it from the analysis before.
func (e *Env) side(ep model.Endpoint, place int, face model.FaceKind, index int) (Side, error) {
	if index < len(e.last) && e.last[index] != nil {
		for _, s := range []*Side{&e.last[index].leg.Client, &e.last[index].leg.Server} {
			if s.Face.Kind == face && s.Place == place && s.Endpoint.Equal(ep) {
				return *s, nil
			}
		}
	}
	return e.resolve(ep, place, face)
}

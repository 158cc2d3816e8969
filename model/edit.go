package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// With is the document after an edit, checked against the catalog. The error
// is one sentence; the document is then unchanged.
func (d Document) With(edit Edit, c *Catalog) (Document, error) {
	switch e := edit.(type) {
	case Set:
		return d.withSet(e, c)
	case SetQuantity:
		return d.withQuantity(e)
	case Choose:
		return d.withChoice(e, c)
	case Insert:
		return d.withInsert(e, c)
	case Remove:
		return d.withRemove(e, c)
	case Move:
		return d.withMove(e, c)
	case SetTarget:
		d.Target = Clean(e.Target, 2000)
		return d, nil
	case Suppress:
		return d.withSuppression(e.Suppression)
	case Unsuppress:
		return d.withoutSuppression(e.Suppression), nil
	case SetPlace:
		return d.withPlace(e.Place)
	case SetGoals:
		if err := e.Goals.check(); err != nil {
			return d, err
		}
		d.Goals = e.Goals
		return d, nil
	case Replace:
		if err := e.Document.Check(c); err != nil {
			return d, err
		}
		return e.Document.onPath(), nil
	}
	return d, fmt.Errorf("%T is not an edit", edit)
}

func (d Document) withSet(e Set, c *Catalog) (Document, error) {
	i := d.Path.Index(e.Endpoint)
	if i < 0 {
		return d, fmt.Errorf("the path has no endpoint %q; it is %s", Clean(string(e.Endpoint), 60), d.Path)
	}
	p, err := d.Path.Endpoints[i].FindParam(e.Param, c)
	if err != nil {
		return d, err
	}
	if err := p.Check(e.Setting.Value); err != nil {
		return d, err
	}
	if was := d.Path.Endpoints[i].Settings[p.ID]; e.Setting.Origin.Kind.Seen() && e.Setting.Said == (Said{}) {
		if was.Said.Unread == "" {
			e.Setting.Said = was.Said
		}
		if was.Origin.Kind == FromFile {
			e.Setting.Said = Said{Value: was.Value, Where: was.Origin.Where, Line: was.Origin.Line}
		}
	}
	d.Path.Endpoints = slices.Clone(d.Path.Endpoints)
	d.Path.Endpoints[i] = d.Path.Endpoints[i].With(p.ID, e.Setting)
	return d, nil
}

func (d Document) withQuantity(e SetQuantity) (Document, error) {
	p := e.Quantity.Param()
	switch {
	case p == nil:
		return d, fmt.Errorf("a leg has no quantity %q", Clean(string(e.Quantity), 40))
	case e.Leg < 0 || e.Leg > MaxEndpoints:
		return d, fmt.Errorf("there is no leg %d", e.Leg+1)
	}
	if err := p.Check(e.Setting.Value); err != nil {
		return d, err
	}
	legs := slices.Clone(d.Path.Legs)
	for len(legs) <= e.Leg {
		legs = append(legs, nil)
	}
	leg := maps.Clone(legs[e.Leg])
	if leg == nil {
		leg = Quantities{}
	}
	if e.Setting.Value.IsSet() {
		leg[e.Quantity] = e.Setting
	} else {
		delete(leg, e.Quantity)
	}
	legs[e.Leg] = leg
	d.Path.Legs = legs
	return d, nil
}

func (d Document) withChoice(e Choose, c *Catalog) (Document, error) {
	if e.Index < 0 || e.Index >= len(d.Path.Endpoints) {
		return d, fmt.Errorf("the path has no hop %d", e.Index+1)
	}
	old, chosen := d.Path.Endpoints[e.Index], e.Endpoint
	if chosen.System == old.System && chosen.Settings == nil {
		chosen.Settings = old.Settings
		if chosen.OS == (OSRef{}) {
			chosen.OS = old.OS
		}
	}
	if chosen.System == old.System && old.Version != "" {
		if chosen.Was = cmp.Or(old.Was, old.Version); chosen.Was == chosen.Version {
			chosen.Was = ""
		}
	}
	next := d
	next.Path.Endpoints = slices.Clone(d.Path.Endpoints)
	next.Path.Endpoints[e.Index] = chosen
	next.Path = next.Path.Renamed()
	places := stayed(len(d.Path.Endpoints))
	if chosen.System != old.System {
		places[e.Index] = -1
	}
	next = next.renamed(d.Path, places, true)
	if err := next.Check(c); err != nil {
		return d, err
	}
	return next, nil
}

func (d Document) withInsert(e Insert, c *Catalog) (Document, error) {
	if e.Index < 1 || e.Index >= len(d.Path.Endpoints) {
		return d, fmt.Errorf("a hop goes between two others, not to place %d of %d", e.Index+1, len(d.Path.Endpoints))
	}
	next := d
	next.Path.Endpoints = slices.Insert(slices.Clone(d.Path.Endpoints), e.Index, e.Endpoint)
	next.Path = next.Path.Renamed()
	next.Path.Legs = nil
	places := stayed(len(d.Path.Endpoints))
	for i := e.Index; i < len(places); i++ {
		places[i]++
	}
	next = next.renamed(d.Path, places, false)
	if err := next.Check(c); err != nil {
		return d, err
	}
	return next, nil
}

func (d Document) withRemove(e Remove, c *Catalog) (Document, error) {
	if e.Index < 1 || e.Index >= len(d.Path.Endpoints)-1 {
		return d, fmt.Errorf("the ends of a path stay; choose another system for them instead")
	}
	next := d
	next.Path.Endpoints = slices.Delete(slices.Clone(d.Path.Endpoints), e.Index, e.Index+1)
	next.Path = next.Path.Renamed()
	next.Path.Legs = nil
	places := stayed(len(d.Path.Endpoints))
	places[e.Index] = -1
	for i := e.Index + 1; i < len(places); i++ {
		places[i]--
	}
	next = next.renamed(d.Path, places, false)
	if err := next.Check(c); err != nil {
		return d, err
	}
	return next, nil
}

func (d Document) withMove(e Move, c *Catalog) (Document, error) {
	if e.Index < 0 || e.Index >= len(d.Path.Endpoints)-1 {
		return d, fmt.Errorf("hop %d has none after it to change places with", e.Index+1)
	}
	next := d
	next.Path.Endpoints = slices.Clone(d.Path.Endpoints)
	eps := next.Path.Endpoints
	eps[e.Index], eps[e.Index+1] = eps[e.Index+1], eps[e.Index]
	next.Path = next.Path.Renamed()
	next.Path.Legs = nil
	places := stayed(len(eps))
	places[e.Index], places[e.Index+1] = e.Index+1, e.Index
	next = next.renamed(d.Path, places, false)
	if err := next.Check(c); err != nil {
		return d, err
	}
	return next, nil
}

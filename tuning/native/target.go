package native

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A target is one endpoint that a format writes for.
type target struct {
	req      Request
	format   string
	place    int // in the path
	endpoint model.Endpoint
	side     tuning.Side // one of its faces, for the system and the host
	rows     []*tuning.Row
	faces    []model.FaceKind
}

// An item is one value that a file says.
type item struct {
	row   *tuning.Row
	value model.Value
	why   []string // the lines above it
	gone  bool     // in an undo file: it was not set before, so nothing is written
}

// param is the item's parameter.
func (it item) param() *model.Param { return it.row.Param }

// targets lists the endpoints of the path, client first. A middlebox is its own
// host.
func targets(req Request, format string) []*target {
	found := map[int]*target{}
	add := func(s *tuning.Side) {
		t := found[s.Place]
		if t == nil {
			t = &target{req: req, format: format, place: s.Place, endpoint: s.Endpoint, side: *s}
			found[s.Place] = t
		}
		t.faces = append(t.faces, s.Face.Kind)
		for i := range s.Rows {
			if t.row(s.Rows[i].Param.ID) == nil {
				t.rows = append(t.rows, &s.Rows[i])
			}
		}
	}
	for i := range req.Report.Legs {
		leg := &req.Report.Legs[i]
		add(&leg.Client)
		for _, b := range leg.Boxes {
			v := b.Endpoint.VersionOf(b.System)
			add(&tuning.Side{
				Endpoint: b.Endpoint, Place: b.Place, System: b.System, Version: v, Host: b.System, HostAt: v,
				Face: &model.Face{Kind: model.FaceHost}, Rows: boxRows(b, v),
			})
		}
		add(&leg.Server)
	}
	list := make([]*target, 0, len(found))
	for _, place := range slices.Sorted(maps.Keys(found)) {
		list = append(list, found[place])
	}
	return list
}

// boxRows are the parameters of a middlebox: the timer that is judged, and the
// others, which a report leaves out.
func boxRows(b tuning.Box, v model.Version) []tuning.Row {
	rows := []tuning.Row{*b.Row}
	for _, p := range b.System.Params {
		if p.ID == b.Row.Param.ID || !b.System.Has(p, v) {
			continue
		}
		row := tuning.Row{Param: p, Default: b.System.DefaultAt(p, v)}
		row.Setting = model.Setting{Value: row.Default.Value}
		if set, ok := b.Endpoint.Settings[p.ID]; ok && set.Value.IsSet() {
			row.Setting, row.Changed = set, set.Value != row.Default.Value
		}
		row.Value = row.Setting.Value
		rows = append(rows, row)
	}
	return rows
}

// row finds a parameter of the endpoint, or nil.
func (t *target) row(id model.ParamID) *tuning.Row {
	for _, r := range t.rows {
		if r.Param.ID == id {
			return r
		}
	}
	return nil
}

// owner is the system that a parameter belongs to, the version that it has
// here, and whether somebody gave that version.
func (t *target) owner(p *model.Param) (s *model.System, v model.Version, given bool) {
	if p.Face == model.FaceHost {
		return t.side.Host, t.side.HostAt, t.endpoint.OS.Version != "" || t.side.System.Middlebox() && t.endpoint.Version != ""
	}
	return t.side.System, t.side.Version, t.endpoint.Version != ""
}

// before is what was in force, and whether anybody read it there.
func (t *target) before(row *tuning.Row) (model.Setting, bool) {
	if d := t.req.Before; d != nil {
		for _, e := range d.Path.Endpoints {
			if e.ID != t.endpoint.ID || e.System != t.endpoint.System {
				continue
			}
			s, ok := e.Settings[row.Param.ID]
			if ok && (s.Origin.Kind == model.FromFile || s.Origin.Kind == model.FromRunning) {
				return s, true
			}
		}
	}
	for _, seen := range slices.Backward(t.req.Seen) {
		if seen.Endpoint == t.endpoint.ID && seen.Param == row.Param.ID {
			return seen.Setting, true
		}
	}
	return model.Setting{Value: row.Default.Value}, false
}

// changed reports whether a row must be written: somebody typed it, and it is
// not what is in force, or what is in force is only assumed.
func (t *target) changed(row *tuning.Row) bool {
	set, ok := t.endpoint.Settings[row.Param.ID]
	was, known := t.before(row)
	if !ok || set.Value.Kind == model.Unknown {
		return false
	}
	if known {
		return set.Value != was.Value
	}
	if set.Origin.Kind != model.FromTyped {
		return false
	}
	return set.Value != was.Value || t.pins(row)
}

// pins reports whether the default of a row is only assumed: it differs
// between versions and none was given, or a distribution ships another.
func (t *target) pins(row *tuning.Row) bool {
	s, _, given := t.owner(row.Param)
	if !given && s.Varies(row.Param) || row.Default.Value.Kind == model.Unknown {
		return true
	}
	for _, since := range row.Param.Defaults {
		for _, d := range since.Fact {
			if d.Distribution != "" && d.Value != row.Default.Value {
				return true
			}
		}
	}
	return false
}

// items are the changes that a format writes, those of rows that it owns. What
// cannot be set at all becomes a note; what the version does not have an error.
func (t *target) items(owns func(*tuning.Row) bool) (items []item, notes []string, err error) {
	for _, id := range slices.Sorted(maps.Keys(t.endpoint.Settings)) {
		if err := t.exists(id, owns); err != nil {
			return nil, nil, err
		}
	}
	for _, row := range t.rows {
		if was, known := t.before(row); owns(row) && known && t.endpoint.Settings[row.Param.ID].Value == model.ValueUnset {
			notes = append(notes, fmt.Sprintf("%s: %s was %s (%s) and is left to its default now: take that line out.", t.endpoint.ID, row.Param.Name, was.Value.Human(), was.Origin))
		}
		if !owns(row) || !t.changed(row) {
			continue
		}
		s, v, _ := t.owner(row.Param)
		switch {
		case t.unsaid(row.Param.ID) != "":
			notes = append(notes, fmt.Sprintf("%s: %s %s is not written (%s). It stands in the ticket text.", t.endpoint.ID, row.Param.Name, row.Setting.Value.Human(), t.unsaid(row.Param.ID)))
		case row.Param.Fixed && !byTwoLines(row.Param.ID, row.Setting.Value):
			notes = append(notes, fmt.Sprintf("%s: %s %s is not written: %s", t.endpoint.ID, row.Param.Name, row.Setting.Value.Human(), noSetting(row.Param)))
		case !row.Param.Fixed && !s.Settable(row.Param, v):
			return nil, nil, t.cannot(row, row.Setting.Value, subject(s, v), fmt.Sprintf("it can be set from %s on", row.Param.SetSince))
		default:
			items = append(items, item{row: row, value: row.Setting.Value, why: t.reason(row)})
		}
	}
	return items, notes, nil
}

// noSetting says why a fixed parameter cannot be written.
func noSetting(p *model.Param) string {
	if p.Where == "" {
		return "it has no setting of its own"
	}
	return "it has no setting of its own (" + p.Where + ")"
}

// exists refuses a typed value of a parameter that this version does not have.
func (t *target) exists(id model.ParamID, owns func(*tuning.Row) bool) error {
	set := t.endpoint.Settings[id]
	if set.Origin.Kind != model.FromTyped || t.row(id) != nil || t.unsaid(id) != "" {
		return nil
	}
	for _, s := range []*model.System{t.side.System, t.side.Host} {
		p := s.Param(id)
		if p == nil {
			continue
		}
		_, v, _ := t.owner(p)
		row := &tuning.Row{Param: p, Setting: set}
		if s.Has(p, v) || !owns(row) {
			return nil
		}
		why := "this version does not have it"
		if p.Since != "" && s.Order.Compare(v, p.Since) < 0 {
			why = fmt.Sprintf("it exists from %s on", p.Since)
		}
		return t.cannot(row, set.Value, subject(s, v), why)
	}
	return nil
}

func (t *target) cannot(row *tuning.Row, v model.Value, target, why string) error {
	return &InexpressibleError{Endpoint: t.endpoint.ID, Param: row.Param.ID, Value: v, Target: target, Why: why}
}

// undo turns the items into those that bring the state before back; with reset,
// defaults are written out.
func (t *target) undo(items []item, reset bool) []item {
	back := make([]item, len(items))
	for i, it := range items {
		was, known := t.before(it.row)
		back[i] = item{row: it.row, value: was.Value}
		if known && was.Value.IsSet() {
			back[i].why = []string{fmt.Sprintf("%s: %s as before (%s).", it.param().Name, was.Value.Human(), was.Origin)}
			continue
		}
		if reset && was.Value.IsSet() && was.Value.Kind != model.Unknown {
			back[i].why = []string{fmt.Sprintf("%s: %s, the default.", it.param().Name, was.Value.Human())}
			continue
		}
		back[i].gone = true
		back[i].why = []string{goneText(it.row)}
	}
	return back
}

func goneText(row *tuning.Row) string {
	d := row.Default.Value
	if !d.IsSet() || d.Kind == model.Unknown {
		return row.Param.Name + ": not set before, as far as is known; its default applies again."
	}
	return fmt.Sprintf("%s: not set before, as far as is known; the default applies again: %s.", row.Param.Name, d.Human())
}

// effective is the item of a parameter, or one with the value that is in force.
func (t *target) effective(items []item, id model.ParamID) (item, bool) {
	if it, ok := pick(items, id); ok {
		return it, true
	}
	row := t.row(id)
	if row == nil {
		return item{}, false
	}
	if t.unsaid(id) != "" {
		was, _ := t.before(row)
		return item{row: row, value: was.Value}, true
	}
	return item{row: row, value: row.Value}, true
}

// pick finds the item of a parameter.
func pick(items []item, id model.ParamID) (item, bool) {
	for _, it := range items {
		if it.row.Param.ID == id {
			return it, true
		}
	}
	return item{}, false
}

func subject(s *model.System, v model.Version) string {
	if v == "" {
		return s.Name
	}
	if s.ID == "windows-9x" { // its name lists its versions
		return "Windows " + strings.ToUpper(string(v[:1])) + string(v[1:])
	}
	return s.Name + " " + string(v)
}

package explain

import (
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Table has the signs of a catalog. It is made when it is first asked, and is
// not safe for concurrent use.
type Table struct {
	catalog *model.Catalog
	all     []Sign
	names   []name
	made    bool
	err     error
}

// NewTable is the table of a catalog, not made yet.
func NewTable(c *model.Catalog) *Table { return &Table{catalog: c} }

// Signs are those of all systems. The error names files that cannot be read;
// they do not hide the others.
func (t *Table) Signs() ([]Sign, error) {
	if t.made {
		return t.all, t.err
	}
	systems, err := t.catalog.All()
	env := tuning.NewEnv(t.catalog, 0)
	for _, s := range systems {
		t.all = append(t.all, signsOf(s, env)...)
	}
	t.made, t.err = true, err
	return t.all, err
}

// signsOf are the signs of one system over its versions.
func signsOf(s *model.System, env *tuning.Env) []Sign {
	turns := turnsOf(s)
	var open, done []Sign
	for i, v := range turns {
		current := s.Order.Compare(v, s.Assume) <= 0 && (i == len(turns)-1 || s.Order.Compare(turns[i+1], s.Assume) > 0)
		var next []Sign
		for _, sign := range signsAt(s, v, env) {
			sign.System, sign.Current = s, current
			if i > 0 {
				sign.Since = v
			}
			if at := slices.IndexFunc(open, func(o Sign) bool { return o.same(&sign) }); at >= 0 {
				sign.Since, sign.Current = open[at].Since, current || open[at].Current
				open = slices.Delete(open, at, at+1)
			}
			next = append(next, sign)
		}
		for _, o := range open {
			o.Before = v
			done = append(done, o)
		}
		open = next
	}
	return append(open, done...)
}

// turnsOf are the versions at which something about the system's times changes,
// the oldest first. What was before them all counts from version 0, or from the
// first of an order.
func turnsOf(s *model.System) []model.Version {
	oldest := model.Version("0")
	if len(s.Order) > 0 {
		oldest = model.Version(s.Order[0])
	}
	turns := []model.Version{oldest}
	add := func(v model.Version) {
		if v != "" && s.Order.Compare(v, oldest) > 0 {
			turns = append(turns, v)
		}
	}
	for _, p := range s.Params {
		add(p.Since)
		add(p.Before)
		for _, g := range p.Gaps {
			add(g.Since)
			add(g.Before)
		}
		for _, d := range p.Defaults {
			add(d.Since)
		}
		for _, r := range p.Real {
			add(r.Since)
		}
		for _, c := range p.Caps {
			add(c.Since)
		}
	}
	if s.Kind == "os" { // what its kernel does is not all in its parameters
		last := tuning.HostSocket(s, oldest)
		for _, v := range s.Known {
			k := tuning.HostSocket(s, v)
			if k.Unclamped = last.Unclamped; k != last { // without TCP_USER_TIMEOUT it makes no difference
				add(v)
			}
			last = k
		}
	}
	for _, x := range s.Stack {
		add(x.Since)
	}
	for _, x := range s.OSAt {
		add(x.Since)
	}
	slices.SortFunc(turns, s.Order.Compare)
	return slices.CompactFunc(turns, func(a, b model.Version) bool { return s.Order.Compare(a, b) == 0 })
}

// signsAt are the signs of a system at one version with nothing set.
func signsAt(s *model.System, v model.Version, env *tuning.Env) []Sign {
	switch {
	case s.Kind == "os":
		return kernelSigns(s, v)
	case s.Middlebox():
		side, err := env.Alone(model.Endpoint{ID: model.EndpointID(s.ID), System: s.ID, Version: v}, model.FaceHost)
		if err != nil {
			return nil // a system of the catalog resolves
		}
		return boxSigns(&side)
	}
	var all []Sign
	for _, face := range []model.FaceKind{model.FaceServer, model.FaceClient} {
		if s.Faces[face] == nil {
			continue
		}
		side, err := env.Alone(model.Endpoint{ID: model.EndpointID(s.ID), System: s.ID, Version: v}, face)
		if err != nil {
			continue
		}
		all = append(all, sideSigns(&side)...)
	}
	return all
}

// OfPath are the signs of the settings that are in force on a path, and of its
// kernels.
func OfPath(r *tuning.Report) []Sign {
	var all []Sign
	for i := range r.Legs {
		leg := &r.Legs[i]
		for _, side := range []*tuning.Side{&leg.Client, &leg.Server} {
			all = append(all, onPath(sideSigns(side), side)...)
			all = append(all, onPath(sideKernelSigns(side), side)...)
		}
		for j := range leg.Boxes {
			b := &leg.Boxes[j]
			for _, row := range b.Rows {
				if sign, ok := boxSign(b.System, row, b.OnExpiry); ok {
					sign.System, sign.Endpoint, sign.Current, sign.Set = b.System, b.Endpoint.ID, true, row.Changed
					all = append(all, sign)
				}
			}
		}
	}
	return slices.CompactFunc(all, func(a, b Sign) bool { return a.Endpoint == b.Endpoint && a.same(&b) })
}

func onPath(signs []Sign, side *tuning.Side) []Sign {
	for i := range signs {
		s := &signs[i]
		if s.System == nil {
			s.System = side.System
		}
		s.Endpoint, s.Current = side.Endpoint.ID, true
		if row := side.Row(s.Param); row != nil {
			s.Set = row.Changed
		}
	}
	return signs
}

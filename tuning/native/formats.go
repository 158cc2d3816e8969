package native

import (
	"slices"
	"sync"

	"example.com/keeptune/model"
)

// Families lists every format, servers first and keeptune's own last.
func Families() []Family {
	var list []Family
	for _, f := range families() {
		group := Family{Name: f.name, Formats: make([]Format, len(f.syntaxes))}
		for i, s := range f.syntaxes {
			group.Formats[i] = s
		}
		list = append(list, group)
	}
	return list
}

// Formats lists every format in the order of [Families].
func Formats() []Format {
	all := syntaxes()
	list := make([]Format, len(all))
	for i, s := range all {
		list[i] = s
	}
	return list
}

// A family is a group of formats.
type family struct {
	name     string
	syntaxes []*syntax
}

// built holds the families and their syntaxes once they were asked for: a syntax
// holds nothing of a document, and nobody changes one.
var built struct {
	sync.Once
	families []family
	syntaxes []*syntax
}

func build() {
	built.families = []family{
		{"Servers and proxies", serverSyntaxes()},
		{"Libraries and programs", librarySyntaxes()},
		{"Hosts, their services, and what deploys to them", hostSyntaxes()},
		{"Clouds", slices.Concat([]*syntax{terraform()}, clouds())},
		{"Firewalls and packet filters", devices()},
		{"For people and programs", []*syntax{markdown(), machine(), session()}},
	}
	for _, f := range built.families {
		built.syntaxes = append(built.syntaxes, f.syntaxes...)
	}
}

func families() []family {
	built.Do(build)
	return built.families
}

// syntaxes are those of every family, in its order.
func syntaxes() []*syntax {
	built.Do(build)
	return built.syntaxes
}

// readOnly are formats that say for others what nobody writes in them here.
func readOnly() []*syntax { return []*syntax{socketUnit(), nftables()} }

// Find is the format with this id. The error is an [*UnknownFormatError].
func Find(id string) (Format, error) {
	all := slices.Concat(syntaxes(), readOnly())
	if i := slices.IndexFunc(all, func(s *syntax) bool { return s.id == id }); i >= 0 {
		return all[i], nil
	}
	unknown := &UnknownFormatError{ID: id}
	for _, s := range all {
		if _, ok := model.Near(id, s.id); ok && len(unknown.Near) < 3 {
			unknown.Near = append(unknown.Near, s.id)
		}
	}
	return nil, unknown
}

// Suggested lists the formats that write what is changed in a document, each
// once, in path order; markdown stands for what no file can say. It is empty
// where nothing is changed.
func Suggested(req Request) []Format {
	var chosen []string
	all := syntaxes()
	for _, t := range targets(req, "") {
		for _, row := range t.rows {
			if !t.changed(row) {
				continue
			}
			id := "markdown"
			if !row.Param.Fixed && t.unsaid(row.Param.ID) == "" {
				id = writer(all, t, row.Param)
			}
			if !slices.Contains(chosen, id) {
				chosen = append(chosen, id)
			}
		}
	}
	if len(req.unsaid) > 0 && !slices.Contains(chosen, "markdown") {
		chosen = append(chosen, "markdown")
	}
	list := make([]Format, 0, len(chosen))
	for _, id := range chosen {
		if f, err := Find(id); err == nil {
			list = append(list, f)
		}
	}
	return list
}

// writer is the id of the format that writes a parameter: the first that its
// system names, then any, and markdown where none can.
func writer(all []*syntax, t *target, p *model.Param) string {
	row := t.row(p.ID)
	writes := func(s *syntax) bool { return s.fits != nil && s.fits(t) && s.owns(t, row) }
	owner, _, _ := t.owner(p)
	for _, id := range owner.Formats {
		if i := slices.IndexFunc(all, func(s *syntax) bool { return s.id == id }); i >= 0 && writes(all[i]) {
			return id
		}
	}
	if i := slices.IndexFunc(all, writes); i >= 0 {
		return all[i].id
	}
	return "markdown"
}

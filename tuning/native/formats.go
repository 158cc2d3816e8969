package native

import (
	"slices"

	"example.com/keeptune/model"
)

// Formats lists every format, servers first and keeptune's own last.
func Formats() []Format {
	all := syntaxes()
	list := make([]Format, len(all))
	for i, s := range all {
		list[i] = s
	}
	return list
}

func syntaxes() []*syntax {
	return slices.Concat(
		serverSyntaxes(), librarySyntaxes(), hostSyntaxes(),
		[]*syntax{markdown(), machine(), session()},
	)
}

// Find is the format with this id. The error is an [*UnknownFormatError].
func Find(id string) (Format, error) {
	for _, f := range Formats() {
		if f.ID() == id {
			return f, nil
		}
	}
	return nil, &UnknownFormatError{ID: id, Known: ids(syntaxes())}
}

func ids(all []*syntax) []string {
	list := make([]string, len(all))
	for i, s := range all {
		list[i] = s.id
	}
	return list
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

// writer is the id of the first format that can write a parameter, and
// markdown where none can.
func writer(all []*syntax, t *target, p *model.Param) string {
	row := t.row(p.ID)
	for _, s := range all {
		if s.fits != nil && s.fits(t) && s.owns(t, row) {
			return s.id
		}
	}
	return "markdown"
}

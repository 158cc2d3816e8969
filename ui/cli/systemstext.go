package cli

import (
	"cmp"
	"io"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/systempage"
)

// A listed is what keeptune systems prints.
type listed struct {
	systems []*model.System
	at      model.Version  // of the one system, where one was asked for
	whole   bool           // with its parameters
	from    model.Version  // of --changed-between
	changes []model.Change // nil where that was not asked for
}

func systemsJSON(w io.Writer, l listed) error {
	out := wire.Systems{Schema: wire.SystemsSchema, Version: versionText(), Knowledge: model.KnowledgeDate, Systems: []wire.System{}}
	for _, s := range l.systems {
		out.Systems = append(out.Systems, wire.FromSystem(s, cmp.Or(l.at, s.Assume), l.whole))
	}
	if l.changes != nil {
		out.Changes = wire.FromChanges(l.changes)
	}
	return wire.Print(w, out)
}

func systemsText(w io.Writer, l listed) error {
	var p page
	switch {
	case l.changes != nil:
		changesText(&p, l)
	case l.whole:
		sh := systempage.New(l.systems[0], l.at, "->")
		p.line("%s  %s %s", sh.ID, sh.Name, sh.Version)
		for _, x := range sh.Lines(width, true) {
			p.line("%s", x.Text)
		}
	default:
		p.line("%-20s %-10s %-20s %-10s %s", "ID", "KIND", "NAME", "PROOF", "VERSIONS")
		for _, s := range l.systems {
			p.lines(row([]int{20, 10, 20, 10, 16}, model.Clean(string(s.ID), 60), s.Kind, s.Name, systempage.Proved(s.Entry()), span(s.Known)))
			if s.Origin != "" {
				p.line("  from %s", model.Clean(s.Origin, 300))
			}
		}
	}
	return p.flush(w)
}

// span is the first and the last of a list.
func span(versions []model.Version) string {
	switch len(versions) {
	case 0:
		return ""
	case 1:
		return model.Clean(string(versions[0]), 30)
	}
	return model.Clean(string(versions[0]), 30) + " .. " + model.Clean(string(versions[len(versions)-1]), 30)
}

// faceNames are the sides whose proof is told, with their names.
func faceNames(s *model.System) []model.FaceKind {
	var sides []model.FaceKind
	for _, side := range []model.FaceKind{model.FaceServer, model.FaceClient} {
		if s.Faces[side] != nil {
			sides = append(sides, side)
		}
	}
	if len(sides) == 0 {
		sides = append(sides, model.FaceHost)
	}
	return sides
}

func changesText(p *page, l listed) {
	s := l.systems[0]
	p.line("%s  %s -> %s", s.ID, l.from, l.at)
	if s.Origin != "" {
		p.line("from %s", model.Clean(s.Origin, 300))
	}
	for _, side := range faceNames(s) {
		p.wrapped(pad(string(side), 10), pad("", 10), s.ProofOf(side).Human())
	}
	p.line("")
	if len(l.changes) == 0 {
		p.line("nothing that is known differs between these versions")
	}
	for _, c := range l.changes {
		p.wrapped("", "    ", model.Clean(c.Human("->"), 1000))
		if c.Source != "" {
			p.wrapped("    source: ", "            ", model.Clean(c.Source, 500))
		}
	}
}

func systemsMarkdown(w io.Writer, l listed) error {
	var p page
	switch {
	case l.changes != nil:
		changesMarkdown(&p, l)
	case l.whole:
		systemPageMarkdown(&p, systempage.New(l.systems[0], l.at, "->"))
	default:
		p.line("| id | system | kind | as | proof | versions |")
		p.line("|---|---|---|---|---|---|")
		for _, s := range l.systems {
			name := s.Name
			if s.Origin != "" {
				name += " (from " + s.Origin + ")"
			}
			var as []string
			for _, side := range faceNames(s) {
				if side != model.FaceHost {
					as = append(as, string(side))
				}
			}
			p.line("| `%s` | %s | %s | %s | %s | %s |", s.ID, markdown(model.Clean(name, 400)), s.Kind, strings.Join(as, ", "), systempage.Proved(s.Entry()), span(s.Known))
		}
	}
	return p.flush(w)
}

func changesMarkdown(p *page, l listed) {
	s := l.systems[0]
	p.line("## What changed in %s from %s to %s", markdown(model.Clean(s.Name, 200)), l.from, l.at)
	p.line("")
	if s.Origin != "" {
		p.line("- from %s", markdown(model.Clean(s.Origin, 300)))
	}
	for _, side := range faceNames(s) {
		p.line("- %s: %s", side, markdown(s.ProofOf(side).Human()))
	}
	p.line("")
	if len(l.changes) == 0 {
		p.line("Nothing that is known differs.")
	}
	for _, c := range l.changes {
		text := markdown(model.Clean(c.Human("->"), 1000))
		if c.Source != "" {
			text += " (" + markdown(model.Clean(c.Source, 500)) + ")"
		}
		p.line("- %s", text)
	}
}

func systemPageMarkdown(p *page, sh systempage.Page) {
	p.line("## %s %s", markdown(sh.Name), markdown(sh.Version))
	p.line("")
	p.line("%s", markdown(sh.Text))
	factsMarkdown(p, sh.Facts)
	for _, t := range sh.Surprise {
		p.line("")
		p.line("%s", markdown(t))
	}
	if sh.Before != "" {
		p.line("")
		p.line("### Changed since %s", markdown(sh.Before))
		p.line("")
		if len(sh.Changed) == 0 {
			p.line("Nothing that is known.")
		}
		for _, t := range sh.Changed {
			p.line("- %s", markdown(t))
		}
	}
	for _, x := range sh.Sections {
		p.line("")
		p.line("### %s%s", x.Title[:1], strings.ToLower(x.Title[1:]))
		factsMarkdown(p, x.Facts)
		for _, m := range x.Parameters {
			p.line("")
			p.line("#### `%s` %s", m.Name, markdown(m.Default))
			if m.Text != "" {
				p.line("")
				p.line("%s", markdown(m.Text))
			}
			if m.Surprise != "" {
				p.line("")
				p.line("**%s**", markdown(m.Surprise))
			}
			factsMarkdown(p, m.Facts)
		}
	}
}

func factsMarkdown(p *page, all []systempage.Fact) {
	if len(all) > 0 {
		p.line("")
	}
	for _, f := range all {
		if f.Label == "" {
			p.line("- %s", markdown(f.Text))
			continue
		}
		p.line("- %s: %s", f.Label, markdown(f.Text))
	}
}

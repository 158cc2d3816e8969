package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/cli/wire"
)

func systemsJSON(w io.Writer, s wire.Systems) error { return wire.Print(w, s) }

func systemsText(w io.Writer, s wire.Systems) error {
	var p page
	switch {
	case s.Changes != nil:
		changesText(&p, s.Changes)
	case len(s.Systems) == 1 && s.Systems[0].Params != nil:
		systemText(&p, s.Systems[0])
	default:
		p.line("%-20s %-10s %-30s %s", "ID", "KIND", "NAME", "VERSIONS")
		for _, y := range s.Systems {
			name := y.Name
			if y.File != nil {
				name += " (" + *y.File + ")"
			}
			p.line("%s", strings.TrimRight(fmt.Sprintf("%s %s %s %s", pad(y.ID, 20), pad(y.Kind, 10), pad(cut(name, 30), 30), cut(span(y.Versions), 17)), " "))
		}
	}
	return p.flush(w)
}

// span is the first and the last of a list.
func span(versions []string) string {
	switch len(versions) {
	case 0:
		return ""
	case 1:
		return versions[0]
	}
	return versions[0] + " .. " + versions[len(versions)-1]
}

func systemText(p *page, y wire.System) {
	p.line("%s  %s, version %s", y.ID, y.Name, y.At)
	p.wrapped("", "", y.Text)
	for _, t := range []struct{ title, text string }{
		{"versions", strings.Join(y.Versions, ", ")},
		{"also called", strings.Join(y.Aliases, ", ")},
		{"runs on", y.OS},
		{"exports to", strings.Join(y.Formats, ", ")},
		{"read from", or(y.File, "")},
	} {
		if t.text != "" {
			p.wrapped(pad(t.title, 13), pad("", 13), t.text)
		}
	}
	for _, text := range y.Surprise {
		p.wrapped("! ", "  ", text)
	}
	face := ""
	for _, m := range y.Params {
		if m.Face != face {
			face = m.Face
			p.line("")
			p.line("%s", map[string]string{"server": "AS A SERVER", "client": "AS A CLIENT", "host": "THE WHOLE HOST", "middlebox": "IN BETWEEN"}[face])
		}
		p.line("")
		fixed := ""
		if m.Fixed {
			fixed = "  (not settable)"
		}
		p.line("%s  %s%s", m.Name, m.Default, fixed)
		p.wrapped("    ", "    ", m.Text)
		if m.Surprise != "" {
			p.wrapped("    ! ", "      ", m.Surprise)
		}
		if m.Where != "" {
			p.wrapped("    in ", "       ", m.Where)
		}
		if m.Late != nil {
			p.wrapped("    ", "    ", fmt.Sprintf("really ends %s", lateText(m.Late)))
		}
		if m.Source != "" {
			p.wrapped("    source: ", "       ", strings.TrimSpace(m.Source+"  "+m.Seen))
		}
	}
}

func changesText(p *page, changes []wire.ParamChange) {
	if len(changes) == 0 {
		p.line("nothing that is known differs between these versions")
	}
	for _, c := range changes {
		p.wrapped("", "    ", changeText(c))
		p.wrapped("    source: ", "            ", c.Source)
	}
}

func changeText(c wire.ParamChange) string {
	switch {
	case c.What == "exists" && c.From == nil:
		return fmt.Sprintf("%s is new, default %s", c.Param, *c.To)
	case c.What == "exists":
		return fmt.Sprintf("%s is gone, its default was %s", c.Param, *c.From)
	case c.What == "default":
		return fmt.Sprintf("%s: default %s -> %s", c.Param, *c.From, *c.To)
	}
	return fmt.Sprintf("%s really ends: %s -> %s", c.Param, *c.From, *c.To)
}

func systemsMarkdown(w io.Writer, s wire.Systems) error {
	var p page
	switch {
	case s.Changes != nil:
		p.line("## What changed in %s", markdown(s.Systems[0].Name))
		p.line("")
		for _, c := range s.Changes {
			p.line("- %s (%s)", markdown(changeText(c)), markdown(c.Source))
		}
	case len(s.Systems) == 1 && s.Systems[0].Params != nil:
		y := s.Systems[0]
		p.line("## %s %s", markdown(y.Name), y.At)
		p.line("")
		p.line("%s", markdown(y.Text))
		p.line("")
		p.line("| parameter | side | default | really ends | source |")
		p.line("|---|---|---|---|---|")
		for _, m := range y.Params {
			late := ""
			if m.Late != nil {
				late = lateText(m.Late)
			}
			p.line("| `%s` | %s | %s | %s | %s |", m.Name, m.Face, markdown(m.Default), markdown(late), markdown(m.Source))
		}
		for _, text := range y.Surprise {
			p.line("")
			p.line("%s", markdown(text))
		}
	default:
		p.line("| id | system | kind | as | versions |")
		p.line("|---|---|---|---|---|")
		for _, y := range s.Systems {
			p.line("| `%s` | %s | %s | %s | %s |", y.ID, markdown(y.Name), y.Kind, strings.Join(y.Faces, ", "), span(y.Versions))
		}
	}
	return p.flush(w)
}

func lateText(l *wire.Late) string {
	text := fmt.Sprintf("%s to %s after its time", model.HumanSpan(time.Duration(l.Low)), model.HumanSpan(time.Duration(l.High)))
	if l.Ratio > 0 {
		text += fmt.Sprintf(", and %g %% of it", l.Ratio*100)
	}
	return text
}

package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/part"
)

// verbs are the commands of the : line.
var verbs = []struct{ name, args string }{
	{"set", "[ENDPOINT:]PARAM=VALUE"},
	{"path", "A > B > C"},
	{"client", "SYSTEM[@VERSION][/OS]"},
	{"server", "SYSTEM[@VERSION][/OS]"},
	{"target", "URL or HOST:PORT, or nothing"},
	{"open", "FILE"},
	{"import", "FILE [ENDPOINT]"},
	{"unused", ""},
	{"save", "[FILE]"}, // what follows has a key, too
	{"export", ""},
	{"test", ""},
	{"undo", ""},
	{"redo", ""},
	{"quit", ""},
}

// command opens the : line.
func (a app) command() app {
	var names []string
	for _, v := range verbs {
		names = append(names, v.name)
		if v.name == "save" {
			break
		}
	}
	p := &overlay.Prompt{
		Label: ":", History: a.commands, Hint: strings.Join(names, "  "),
		Complete: a.completions,
		Done:     func(text string) part.Action { return part.Run{Line: text} },
	}
	a.overlays = append(slices.Clip(a.overlays), p.Begin(""))
	return a
}

// completions are whole lines that could be meant.
func (a app) completions(text string) []string {
	verb, rest, hasRest := strings.Cut(strings.TrimLeft(text, " "), " ")
	var out []string
	if !hasRest {
		for _, v := range verbs {
			if strings.HasPrefix(v.name, verb) {
				out = append(out, v.name+" ")
			}
		}
		return out
	}
	add := func(word string) {
		if strings.HasPrefix(strings.ToLower(word), strings.ToLower(rest)) {
			out = append(out, verb+" "+word)
		}
	}
	switch verb {
	case "set":
		c := a.context()
		for _, server := range []bool{false, true} {
			side := c.Side(server)
			for _, row := range side.Rows {
				add(string(side.Endpoint.ID) + ":" + row.Param.Name + "=")
			}
		}
	case "client", "server":
		side := model.Side(verb)
		all, _ := a.s.Env().Catalog.Entries() // what cannot be read cannot be meant
		for _, e := range all {
			if e.Has(side) {
				add(string(e.ID))
			}
		}
	}
	return out
}

// run carries out a line typed after : with the same words as the command line.
func (a app) run(line string) (app, tea.Cmd) {
	line = strings.TrimSpace(line)
	if line == "" {
		return a, nil
	}
	a.commands = append(slices.DeleteFunc(slices.Clone(a.commands), func(s string) bool { return s == line }), line)
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "set":
		return a.assign(rest)
	case "path":
		return a.path(rest)
	case "client", "server":
		e, err := model.ParseEndpoint(rest, a.s.Env().Catalog)
		if err != nil {
			return a.complain(err.Error()), nil
		}
		return a.perform(part.Choose{Server: verb == "server", Endpoint: e})
	case "target":
		if rest != "" {
			if _, err := model.ParseProbeTarget(rest); err != nil {
				return a.complain(err.Error()), nil
			}
		}
		return a.perform(part.SetTarget{Target: rest})
	case "test", "t":
		return a.perform(part.StartTest{})
	case "export", "x":
		return a.perform(part.Show{Screen: part.Export})
	case "save", "w":
		return a.perform(part.Save{Path: rest})
	case "open", "e":
		if rest == "" {
			return a.complain("open takes a file, such as :open web-3.toml"), nil
		}
		return a.perform(part.OpenFile{Path: rest})
	case "import":
		if rest == "" {
			return a.complain("import takes a configuration, such as :import /etc/nginx/nginx.conf"), nil
		}
		file, end := rest, ""
		if i := strings.LastIndex(rest, " "); i > 0 && a.s.Document().Path.Index(model.EndpointID(rest[i+1:])) >= 0 {
			file, end = strings.TrimSpace(rest[:i]), rest[i+1:]
		}
		return a.perform(part.ImportFile{Path: file, End: end})
	case "unused":
		return a.showUnused()
	case "undo", "u":
		return a.perform(part.Undo{})
	case "redo":
		return a.perform(part.Redo{})
	case "quit", "q":
		return a.perform(part.Quit{})
	case "quit!", "q!":
		return a.perform(part.Quit{Discard: true})
	}
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = v.name
	}
	return a.complain("there is no command \"" + model.Clean(verb, 30) + "\"; there are " + strings.Join(names, ", ")), nil
}

// assign is :set; "server:keepalive_timeout 75s" is accepted too.
func (a app) assign(text string) (app, tea.Cmd) {
	if name, value, ok := strings.Cut(text, " "); ok && !strings.Contains(text, "=") {
		text = name + "=" + strings.TrimSpace(value)
	}
	edits, err := model.ParseAssignment(text, a.s.Document(), a.s.Env().Catalog)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	before := a.s.Document()
	a, cmd := a.edit(part.Edit{Why: "set " + text, Edits: edits, Seal: true})
	if changed := a.standOnChange(before); changed != "" && !a.bad {
		a = a.say(changed)
	}
	return a, cmd
}

// path is :path.
func (a app) path(text string) (app, tea.Cmd) {
	path, err := model.ParsePath(text, a.s.Env().Catalog)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	doc := a.s.Document()
	doc.Path = path
	a, cmd := a.edit(part.Edit{Why: "path " + path.String(), Edits: []model.Edit{model.Replace{Document: doc}}, Seal: true})
	if !a.bad {
		a.leg = 0
		a = a.show(part.Tune)
		a.tune.Stand(a.context(), true, model.RoleIdle)
	}
	return a, cmd
}

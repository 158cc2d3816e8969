package ui

import (
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

// verbs are the commands of the : line.
var verbs = []struct{ name, args string }{
	{"set", "[ENDPOINT:]PARAM=VALUE"},
	{"path", "A > B > C"},
	{"client", "SYSTEM[@VERSION][/OS]"},
	{"server", "SYSTEM[@VERSION][/OS]"},
	{"os", "[ENDPOINT] OS[@VERSION]"},
	{"target", "URL or HOST:PORT, or nothing"},
	{"open", "FILE…"},
	{"import", "FILE… [ENDPOINT]"},
	{"write", ""},
	{"unused", ""},
	{"suppress", "RULE[@SETTING]=REASON"},
	{"explain", "TIME or LINE of a log"},
	{"host", "[NUMBER of a path]"},
	{"census", "[FILTER]"},
	{"netns", "[NAMESPACE]"},
	{"pcap", "FILE"},
	{"watch", "[--on INTERFACE] [--port PORT]"},
	{"log", ""},
	{"compare", "[FILE]"},
	{"solve", "[GOAL=NUMBER]"},
	{"save", "[FILE]"}, // what follows has a key, too
	{"export", "[FORMAT]"},
	{"options", ""},
	{"keys", "[PLACE.NAME KEY… | PLACE.NAME default | keep]"},
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
		Done:     func(text string) contract.Action { return contract.Run{Line: text} },
	}
	a.overlays = append(slices.Clip(a.overlays), p.Begin(""))
	return a
}

// run carries out a line typed after : with the same words as the command line.
func (a app) run(line string) (app, tea.Cmd) {
	line = strings.TrimSpace(line)
	if line == "" {
		return a, nil
	}
	a.commands = append(slices.DeleteFunc(slices.Clone(a.commands), func(s string) bool { return s == line }), line)
	a.cfg.Redact.Given(line)
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
		return a.perform(contract.Choose{Server: verb == "server", Endpoint: e})
	case "target":
		if rest != "" {
			if _, err := livetest.ParseTarget(rest); err != nil {
				return a.complain(err.Error()), nil
			}
		}
		return a.perform(contract.SetTarget{Target: rest})
	case "test", "t":
		return a.perform(contract.StartTest{})
	case "os":
		return a.system(rest)
	case "export", "x":
		if rest != "" {
			a.export.Choose(rest)
		}
		if slices.ContainsFunc(a.wireReports(), func(r contract.WireReport) bool { return r.ID == rest }) {
			return a.exportWire(rest)
		}
		return a.perform(contract.Show{Screen: contract.Export})
	case "save":
		return a.perform(contract.Save{Path: unquoted(rest)})
	case "write", "w":
		if rest != "" { // as editors have it
			return a.perform(contract.Save{Path: unquoted(rest)})
		}
		return a.perform(contract.WriteBack{})
	case "open", "e", "import":
		return a.openFiles(verb, rest)
	case "options", "settings":
		return a.perform(contract.Push{Overlay: overlay.NewOptions()})
	case "keys":
		return a.keysLine(rest)
	case "unused":
		return a.showUnused()
	case "suppress":
		return a.suppressLine(rest)
	case "host":
		return a.hostLine(rest)
	case "log":
		return a.perform(contract.ShowLog{})
	case "census":
		return a.openCensus(rest)
	case "netns":
		if rest != "" {
			return a.perform(contract.ChooseNamespace{Name: unquoted(rest)})
		}
		return a.perform(contract.AskNamespace{})
	case "pcap":
		return a.readCapture(unquoted(rest))
	case "watch":
		return a.watchLine(rest)
	case "try":
		if a.cfg.Trials != nil {
			return a.perform(contract.TryHere{At: rest})
		}
	case "compare":
		return a.perform(contract.Compare{File: unquoted(rest)})
	case "explain":
		return a.explain(rest)
	case "solve", "goals":
		return a.goal(rest)
	case "undo", "u":
		return a.perform(contract.Undo{})
	case "redo":
		return a.perform(contract.Redo{})
	case "quit", "q":
		return a.perform(contract.Quit{})
	case "quit!", "q!":
		return a.perform(contract.Quit{Discard: true})
	}
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = v.name
	}
	return a.complain("there is no command \"" + model.Clean(verb, 30) + "\"; there are " + strings.Join(names, ", ")), nil
}

// openFiles is :open and :import: the one takes the path from what is opened where it
// does not fit the present one, the other lays it over the path that is there.
func (a app) openFiles(verb, rest string) (app, tea.Cmd) {
	x, wrong := files(rest)
	end := len(x.Paths) - 1
	switch {
	case wrong != "":
		return a.complain(wrong), nil
	case len(x.Paths) == 0 && verb == "import":
		return a.complain("import takes a configuration, such as :import /etc/nginx/nginx.conf"), nil
	case len(x.Paths) == 0:
		return a.complain("open takes a file, such as :open web-3.toml or :open nginx.conf"), nil
	case verb == "import":
		if end > 0 && x.End == "" && a.s.Document().Path.Index(model.EndpointID(x.Paths[end])) >= 0 {
			x.Paths, x.End = x.Paths[:end], x.Paths[end]
		}
		return a.perform(x)
	}
	x.Open = true
	if end == 0 {
		return a.perform(contract.OpenFile{Path: x.Paths[0], As: x})
	}
	return a.perform(x)
}

// system is :os, which names an operating system and, before it, whose it is.
func (a app) system(rest string) (app, tea.Cmd) {
	eps := a.s.Document().Path.Endpoints
	at := a.context().Side(a.context().At.Server).Place
	if end, os, ok := strings.Cut(rest, " "); ok && a.s.Document().Path.Index(model.EndpointID(end)) >= 0 {
		at, rest = a.s.Document().Path.Index(model.EndpointID(end)), strings.TrimSpace(os)
	}
	e, err := model.ParseEndpoint(string(eps[at].System)+"/"+rest, a.s.Env().Catalog)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	return a.perform(contract.ChangePath{Why: string(eps[at].ID) + " on " + e.OS.String(), Edit: model.Choose{Index: at, Endpoint: under(eps[at], e.OS)}, Hop: at})
}

// under is an endpoint on another operating system: what is set of the product stays.
func under(e model.Endpoint, os model.OSRef) model.Endpoint {
	e.OS, e.Settings = os, maps.Clone(e.Settings)
	maps.DeleteFunc(e.Settings, func(id model.ParamID, _ model.Setting) bool {
		return id.System() != e.System && id.System() != os.System
	})
	return e
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
	a, cmd := a.edit(contract.Edit{Why: "set " + text, Edits: edits, Seal: true})
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
	a, cmd := a.edit(contract.Edit{Why: "path " + path.String(), Edits: []model.Edit{model.Replace{Document: doc}}, Seal: true})
	if !a.bad {
		a.leg = 0
		a = a.show(contract.Tune)
		a.tune.Stand(a.context(), true, model.RoleIdle)
		a = a.sayNotKnown()
	}
	return a, cmd
}

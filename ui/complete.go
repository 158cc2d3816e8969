package ui

import (
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/pane"
)

// completions are whole lines that could be meant: every word of a command is
// completed from what can stand there.
func (a app) completions(text string) []string {
	text = strings.TrimLeft(text, " ")
	verb, rest, hasRest := strings.Cut(text, " ")
	if !hasRest {
		var out []string
		for _, v := range verbs {
			if strings.HasPrefix(v.name, verb) {
				out = append(out, v.name+" ")
			}
		}
		return out
	}
	before, words := a.candidates(verb, rest)
	var out []string
	for _, w := range words {
		if typed := rest[len(before):]; len(w) >= len(typed) && strings.EqualFold(w[:len(typed)], typed) {
			out = append(out, verb+" "+before+w)
		}
	}
	return out
}

// candidates are what could stand at the end of a command, behind what is there.
func (a app) candidates(verb, rest string) (before string, words []string) {
	switch verb {
	case "set":
		return "", a.settings()
	case "client", "server":
		side := model.FaceKind(verb)
		return a.systems(rest, func(e *model.Entry) bool { return e.Has(side) })
	case "path":
		at := strings.LastIndexByte(rest, '>') + 1
		for at < len(rest) && rest[at] == ' ' {
			at++
		}
		before, words = a.systems(rest[at:], func(*model.Entry) bool { return true })
		return rest[:at] + before, words
	case "os":
		at := strings.LastIndexByte(rest, ' ') + 1
		before, words = a.systems(rest[at:], func(e *model.Entry) bool { return e.Kind == "os" })
		if at == 0 {
			words = append(words, a.endpoints()...)
		}
		return rest[:at] + before, words
	case "export":
		return "", a.formats()
	case "solve":
		for _, goal := range model.AllGoals() {
			words = append(words, string(goal)+"=")
		}
		return "", words
	case "open", "import", "save", "compare", "pcap":
		return a.fileWords(verb, rest)
	}
	return "", nil
}

// settings are the parameters of every leg, each behind its endpoint, and the
// quantities of the legs.
func (a app) settings() []string {
	var words []string
	add := func(id model.EndpointID, p *model.Param) {
		if w := string(id) + ":" + p.Name + "="; !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	report := a.s.Report()
	for i := range report.Legs {
		leg := &report.Legs[i]
		for _, server := range []bool{false, true} {
			side := &leg.Client
			if server {
				side = &leg.Server
			}
			for _, row := range side.Rows {
				add(side.Endpoint.ID, row.Param)
			}
		}
		for j := range leg.Boxes {
			for _, row := range leg.Boxes[j].Rows {
				add(leg.Boxes[j].Endpoint.ID, row.Param)
			}
		}
		for _, q := range pane.Quantities() {
			words = append(words, string(pane.LegID(i))+":"+string(q)+"=")
		}
	}
	return words
}

// systems completes SYSTEM[@VERSION][/OS[@VERSION]] up to the part that is typed.
func (a app) systems(typed string, fits func(*model.Entry) bool) (before string, words []string) {
	all, _ := a.s.Env().Catalog.Entries() // what cannot be read cannot be meant
	if at := strings.LastIndexByte(typed, '/'); at >= 0 {
		before, typed = typed[:at+1], typed[at+1:]
		fits = func(e *model.Entry) bool { return e.Kind == "os" }
	}
	if name, _, versions := strings.Cut(typed, "@"); versions {
		s, err := a.s.Env().Catalog.System(model.SystemID(strings.ToLower(name)))
		if err != nil {
			return before, nil
		}
		for _, v := range s.Known {
			words = append(words, string(v))
		}
		return before + name + "@", words
	}
	for _, e := range all {
		if fits(e) {
			words = append(words, string(e.ID))
		}
	}
	return before, words
}

func (a app) endpoints() []string {
	words := []string{"client", "server"}
	for _, e := range a.s.Document().Path.Endpoints {
		words = append(words, string(e.ID))
	}
	return words
}

func (a app) formats() []string {
	words := make([]string, len(a.cfg.Formats))
	for i, f := range a.cfg.Formats {
		words[i] = f.ID()
	}
	return words
}

// takes reports whether a command takes several files, and flags.
func takes(verb string) bool { return verb == "open" || verb == "import" }

// fileWords completes the last word of a command that takes files and flags.
func (a app) fileWords(verb, rest string) (before string, words []string) {
	at := lastBreak(rest) + 1
	before = rest[:at]
	switch last := strings.Fields(before); {
	case takes(verb) && len(last) > 0 && last[len(last)-1] == "--as":
		return before, a.formats()
	case takes(verb) && len(last) > 0 && last[len(last)-1] == "--end":
		return before, a.endpoints()
	}
	if a.cfg.Effects != nil {
		words = slices.Clone(a.cfg.Effects.Names(unquoted(rest[at:])))
		for i, w := range words {
			words[i] = strings.ReplaceAll(w, " ", `\ `)
		}
	}
	if takes(verb) && at > 0 {
		words = append(words, "--as ", "--end ", "--where ", "--root ")
		if verb == "import" {
			words = append(words, a.endpoints()...)
		}
	}
	return before, words
}

// lastBreak is the last blank outside of quotes, or -1.
func lastBreak(text string) int {
	last, quote := -1, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '\\':
			i++
		case c == ' ':
			last = i
		}
	}
	return last
}

// words parts a command as a shell does: at blanks, but not within quotes or behind
// a backslash.
func words(text string) []string {
	var all []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := 0
		for end < len(text) {
			next := strings.IndexByte(text[end:], ' ')
			if next < 0 {
				end = len(text)
				break
			}
			if end += next + 1; lastBreak(text[:end]) == end-1 {
				break
			}
		}
		all = append(all, unquoted(strings.TrimSuffix(text[:end], " ")))
		text = text[end:]
	}
	return all
}

// unquoted is a word without its quotes and backslashes.
func unquoted(word string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '\'' || c == '"':
			quote = c
		case c == '\\' && i+1 < len(word):
			i++
			b.WriteByte(word[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// files is what :open and :import take: files, and the flags of the command line.
func files(rest string) (x contract.ImportFile, err string) {
	all := words(rest)
	for i := 0; i < len(all); i++ {
		name, value, given := strings.Cut(all[i], "=")
		into := map[string]*string{"--as": &x.As, "--end": &x.End, "--root": &x.Root, "--path": &x.Path, "--where": new(string)}[name]
		switch {
		case into == nil && strings.HasPrefix(name, "--"):
			return x, "there is no " + strconv.Quote(model.Clean(name, 30)) + " here; there are --as, --end, --where, --root and --path"
		case into == nil:
			x.Paths = append(x.Paths, all[i])
			continue
		case !given && i+1 == len(all):
			return x, name + " needs a value behind it"
		case !given:
			i++
			value = all[i]
		}
		if *into = value; name == "--where" {
			x.Where = append(x.Where, value)
		}
	}
	return x, ""
}

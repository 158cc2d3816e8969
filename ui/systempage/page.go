// Package systempage is everything the catalog knows of one system at one version,
// as text: the entry's page on the screen, keeptune systems ID and its
// markdown are all made from it, so that none of them knows less.
package systempage

import (
	"cmp"
	"strings"

	"example.com/keeptune/model"
)

// A Page is a system at a version.
type Page struct {
	ID       string
	Name     string // as its makers write it
	Version  string
	Text     string
	Facts    []Fact
	Surprise []string
	Before   string   // the version before, "" for the first one known
	Changed  []string // what differs from it
	Sections []Section
}

// A Fact is a word and what it says.
type Fact struct{ Label, Text string }

// A Section is a face, the host's own settings, or what stands in between.
type Section struct {
	Title      string
	Facts      []Fact
	Parameters []Parameter
}

// A Parameter is one with its default.
type Parameter struct {
	Name, Default string
	Text          string
	Surprise      string
	Facts         []Fact
}

// New is the page of a system at a version; arrow stands between the old and
// the new of a change.
func New(s *model.System, at model.Version, arrow string) Page {
	at = cmp.Or(at, s.Assume)
	sh := Page{
		ID: string(s.ID), Name: clean(s.Name), Version: clean(string(at)), Text: clean(s.Text), Facts: about(s, at),
	}
	for _, t := range s.Surprise {
		sh.Surprise = append(sh.Surprise, clean(t))
	}
	if before := Before(s, at); before != "" {
		sh.Before = clean(string(before))
		sh.Changed = Changed(s, before, at, arrow)
	}
	for _, side := range []model.FaceKind{model.FaceServer, model.FaceClient} {
		if f := s.Faces[side]; f != nil {
			sh.Sections = append(sh.Sections, Section{titles[side], face(s, f, at), settings(s, side, at)})
		}
	}
	if s.Tracking != nil {
		sh.Sections = append(sh.Sections, Section{"IN BETWEEN", box(s), nil})
	}
	if host := settings(s, model.FaceHost, at); len(host) > 0 || len(sh.Sections) == 0 {
		title, facts := titles[model.FaceHost], hostFacts(s, at)
		if s.Tracking != nil {
			n := len(sh.Sections) - 1
			sh.Sections[n].Parameters = host
		} else {
			sh.Sections = append(sh.Sections, Section{title, facts, host})
		}
	}
	return sh
}

var titles = map[model.FaceKind]string{
	model.FaceServer: "AS A SERVER", model.FaceClient: "AS A CLIENT", model.FaceHost: "THE WHOLE HOST",
}

// Before is the newest known version older than at, "" where there is none.
func Before(s *model.System, at model.Version) model.Version {
	var before model.Version
	for _, v := range s.Known {
		if s.Order.Compare(v, at) < 0 && (before == "" || s.Order.Compare(v, before) > 0) {
			before = v
		}
	}
	return before
}

// Changed is what differs between two versions, one line each.
func Changed(s *model.System, from, to model.Version, arrow string) []string {
	var out []string
	for _, c := range s.Changes(from, to) {
		out = append(out, clean(c.Human(arrow)))
	}
	return out
}

// clean takes out of a file's text what a terminal would act on.
func clean(text string) string { return model.Clean(text, 2000) }

// facts collects those that say something.
type facts []Fact

func (f *facts) add(label, text string) {
	if text = clean(text); text != "" {
		*f = append(*f, Fact{label, text})
	}
}

func about(s *model.System, at model.Version) []Fact {
	var f facts
	f.add("kind", s.Kind)
	if s.Protocol != model.ProtocolHTTP && len(s.Faces) > 0 {
		f.add("speaks", s.Protocol)
	}
	versions := make([]string, len(s.Known))
	for i, v := range s.Known {
		versions[i] = string(v)
	}
	f.add("versions", strings.Join(versions, ", "))
	f.add("called", strings.Join(s.Aliases, ", "))
	if os := s.HostAt(at); os.System != s.ID {
		f.add("runs on", os.String())
	}
	f.add("exports", strings.Join(s.Formats, ", "))
	f.add("from", s.Origin)
	return f
}

var closes = map[model.CloseKind]string{
	"fin": "an idle connection ends with FIN", "rst": "an idle connection ends with RST",
	"at-reuse": "an idle connection ends only when it would be used again", "unknown": "not known how an idle connection ends",
}

func face(s *model.System, x *model.Face, at model.Version) []Fact {
	var f facts
	f.add("proof", s.ProofOf(x.Kind).Human())
	if place := s.ProofOf(x.Kind).Place(s.Order, at); place != "" {
		f.add("version", place)
	}
	f.add("close", cmp.Or(closes[x.Close], string(x.Close)))
	if s.Protocol == model.ProtocolHTTP {
		f = append(f, headers(s, x, at)...)
	}
	f.add("repeats", x.Retries)
	f.add("source", x.Source)
	return f
}

// headers is what a face does with Connection and Keep-Alive.
func headers(s *model.System, x *model.Face, at model.Version) []Fact {
	var f facts
	if x.Kind == model.FaceServer {
		if x.Announces {
			f.add("last", "the answer before a close by count or switch says Connection: close")
		} else {
			f.add("last", "no Connection: close before a close by count or switch")
		}
		sends, _ := model.At(s.Order, x.Sends, at)
		f.add("hint", sends.Human())
		f.add("", source(sends.Source))
		return f
	}
	f.add("asks", map[model.Answer]string{
		"yes": "requests carry Connection: keep-alive", "no": "requests carry no Connection: keep-alive",
		"unknown": "not known whether requests carry Connection: keep-alive",
	}[x.Asks])
	reads, _ := model.At(s.Order, x.Reads, at)
	f.add("hint", reads.Human())
	f.add("", source(reads.Source))
	return f
}

func source(text string) string {
	if text == "" {
		return ""
	}
	return "source: " + text
}

func hostFacts(s *model.System, at model.Version) []Fact {
	var f facts
	f.add("proof", s.ProofOf(model.FaceHost).Human())
	stack, _ := model.At(s.Order, s.Stack, at)
	if stack != "" {
		f.add("rules", "TCP gives a peer up by the rules of "+string(stack))
	}
	return f
}

var expiries = map[model.CloseKind]string{
	"fin": "the connection is closed with FIN", "rst": "RST is sent to one end", "rst-both": "RST is sent to both ends",
	"rst-on-send": "the next packet is answered with RST", "silent": "packets are dropped without a word",
	"renewed":             "the client's next packet is let through, the server's is answered with RST",
	"rst-on-send-one-way": "the next packet of one direction is answered with RST", "unknown": "not known",
}

func box(s *model.System) []Fact {
	var f facts
	f.add("proof", s.ProofOf(model.FaceHost).Human())
	f.add("then", cmp.Or(expiries[s.Tracking.OnExpiry], string(s.Tracking.OnExpiry)))
	f.add("probes", map[model.Answer]string{
		"yes": "TCP probes count as traffic", "no": "TCP probes do not count as traffic",
		"unknown": "not known whether TCP probes count as traffic",
	}[s.Tracking.Refreshed])
	f.add("source", s.Tracking.Source)
	return f
}

// Proved is a system's proofs in ten cells: run, server run, documented.
func Proved(e *model.Entry) string {
	sides := 0
	if e.Server {
		sides++
	}
	if e.Client {
		sides++
	}
	switch {
	case len(e.Proved) == 0:
		return "documented"
	case len(e.Proved) >= sides:
		return "run"
	}
	return string(e.Proved[0].Face) + " run"
}

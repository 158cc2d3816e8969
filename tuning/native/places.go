package native

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A placer says, line by line, what of a configuration a line is about: a
// policy, a profile, the resource of a command; empty for all that is not one.
type placer func(words []string) (where string)

// A placing collects the lines of a file by what they are about.
type placing struct {
	*reader
	files, bare []lineFile // with the lines that count inside of a place only, and without
	scopes      []*scope
}

func (r *reader) places(files []lineFile) *placing {
	bare := slices.Clone(files)
	for i := range bare {
		knobs, patterns := bare[i].knobs, bare[i].patterns
		bare[i].knobs, bare[i].patterns = nil, nil
		for j := range knobs {
			if !knobs[j].placed {
				bare[i].knobs, bare[i].patterns = append(bare[i].knobs, knobs[j]), append(bare[i].patterns, patterns[j])
			}
		}
	}
	return &placing{reader: r, files: files, bare: bare}
}

// line takes what a line says where it stands, and is false where it says nothing.
func (p *placing) line(n int, where string, words []string) (found bool) {
	if where == "" {
		return p.reader.line(n, words, p.bare)
	}
	p.in(p.at(n, where), func() { found = p.reader.line(n, words, p.files) })
	return found
}

// at is the scope of a place.
func (p *placing) at(n int, where string) *scope {
	for _, s := range p.scopes {
		if s.where == where {
			return s
		}
	}
	s := p.scope(n, where, p.root)
	p.scopes = append(p.scopes, s)
	return s
}

// settle lists the places that say something. One that is alone is the whole
// file; all that has no place of its own is one more, where that can be.
func (p *placing) settle(other string) {
	said := slices.DeleteFunc(p.scopes, func(s *scope) bool { return len(s.settings) == 0 })
	for _, s := range said {
		if len(said) == 1 && len(p.root.settings) == 0 {
			p.join(s, p.root)
			return
		}
		p.list(s, "")
	}
	if len(said) > 0 && other != "" {
		rest := p.scope(1, other, p.root)
		rest.system = said[0].system
		p.list(rest, "")
	}
}

// after names what stands behind one of some words: --load-balancer-arn ARN.
func after(kind string, flags ...string) func() placer {
	return func() placer {
		return func(words []string) string {
			for i, w := range words[:max(len(words)-1, 0)] {
				if slices.Contains(flags, w) {
					return kind + " " + words[i+1]
				}
			}
			return ""
		}
	}
}

// asaPlaces are the classes of policy maps (Cisco ASA, set connection timeout).
func asaPlaces() placer {
	var policy, class string
	return func(words []string) string {
		switch {
		case words[0] == "policy-map":
			policy, class = words[len(words)-1], ""
		case words[0] == "class" && policy != "" && len(words) > 1:
			class = words[1]
		case slices.Contains([]string{"class-map", "service-policy", "access-list", "interface", "timeout"}, words[0]):
			policy, class = "", ""
		case class != "":
			return fmt.Sprintf("policy-map %s class %s", policy, class)
		}
		return ""
	}
}

// fortigatePlaces are ports, policies and services with a time of their own.
func fortigatePlaces() placer {
	var open []string
	entry := ""
	udp := false
	return func(words []string) string {
		switch words[0] {
		case "config":
			open, entry = append(open, strings.Join(words[1:], " ")), ""
		case "end":
			open, entry = open[:max(len(open)-1, 0)], ""
		case "edit":
			entry, udp = strings.Trim(words[len(words)-1], `"`), false
		case "next":
			entry = ""
		case "set":
			if len(words) > 2 && words[1] == "protocol" {
				udp = words[2] != "6"
			}
			if entry == "" || len(open) == 0 {
				return ""
			}
			switch at := open[len(open)-1]; {
			case at == "port" && words[1] == "timeout" && !udp:
				return "port entry " + entry
			case words[1] != "session-ttl":
			case at == "firewall policy":
				return "policy " + entry
			case at == "firewall service custom":
				return "service " + entry
			}
		}
		return ""
	}
}

// junosPlaces are applications, in commands and in braces.
func junosPlaces() placer {
	var open []string
	return func(words []string) string {
		for i, w := range words[:max(len(words)-1, 0)] {
			if w == "application" && slices.Contains(words, "inactivity-timeout") {
				return "application " + words[i+1]
			}
		}
		last := words[len(words)-1]
		switch last {
		case "{":
			open = append(open, strings.Join(words[:len(words)-1], " "))
		case "}":
			open = open[:max(len(open)-1, 0)]
		}
		for _, at := range open {
			if strings.HasPrefix(at, "application ") {
				return at
			}
		}
		return ""
	}
}

// panosPlaces are services and applications with a time of their own.
func panosPlaces() placer {
	return func(words []string) string {
		for i, w := range words[:max(len(words)-1, 0)] {
			if w == "service" || w == "application" {
				return w + " " + words[i+1]
			}
		}
		return ""
	}
}

// f5Places are profiles, in commands of tmsh and in bigip.conf.
func f5Places() placer {
	profile, depth := "", 0
	return func(words []string) string {
		i := slices.Index(words, "fastl4")
		if i > 0 && words[i-1] == "profile" && i+1 < len(words) {
			if words[len(words)-1] != "{" {
				return "profile " + words[i+1]
			}
			profile, depth = "profile "+words[i+1], 0
		}
		for _, w := range words {
			switch w {
			case "{":
				depth++
			case "}":
				if depth--; depth <= 0 {
					profile = ""
				}
			}
		}
		return profile
	}
}

// checkpointPlaces are services with a time of their own.
func checkpointPlaces() placer {
	return func(words []string) string {
		if i := slices.Index(words, "name"); slices.Contains(words, "service-tcp") && i > 0 && i+1 < len(words) {
			return "service " + strings.Trim(words[i+1], `"`)
		}
		return ""
	}
}

// inPlace is a line that sets a parameter inside of a place only; nothing is
// exported as it.
func inPlace(id model.ParamID, line string) knob {
	return knob{param: id, line: line, placed: true}
}

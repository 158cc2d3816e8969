// Package hostpage writes what was read of a machine as a page to be read, for the
// command line and for the screen.
package hostpage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/widget"
)

// Options are how much is written, and how wide.
type Options struct {
	Width   int
	Catalog *model.Catalog
	Zone    *time.Location // of times; that of the reading where there is none
	All     bool           // also what is as Linux and the servers start with, and what is only installed
	Shell   bool           // written by a command: its flags are named
}

// Lines is the page.
func Lines(m *machine.Machine, o Options) []string {
	p := &page{o: o, m: m}
	p.head()
	p.paths()
	p.programs()
	p.kernel()
	p.registry()
	p.limits()
	if len(m.Lacking) > 0 {
		p.add("", "NOT SEEN")
		for _, l := range m.Lacking {
			p.text("  - ", "    ", l)
		}
	}
	return p.lines
}

// LogLines lists what was read and run, one a line.
func LogLines(list []machine.Access) []string {
	lines := make([]string, 0, len(list))
	for _, a := range list {
		text := a.String()
		if a.Count > 1 {
			text += fmt.Sprintf("   x %d", a.Count)
		}
		lines = append(lines, text)
	}
	return lines
}

type page struct {
	o     Options
	m     *machine.Machine
	lines []string
}

func (p *page) add(lines ...string) { p.lines = append(p.lines, lines...) }

// text writes words in lines of the page's width, broken at spaces: a path stays whole
// where a command writes it, so that it can be copied.
func (p *page) text(first, later, words string) {
	line := first
	begun := false
	for word := range strings.SplitSeq(words, " ") {
		switch {
		case begun && word != "" && widget.Width(line)+1+widget.Width(word) > p.o.Width:
			p.add(strings.TrimRight(line, " "))
			line = later + word
		case begun:
			line += " " + word
		default:
			line += word
		}
		begun = true
		for !p.o.Shell && p.o.Width > 20 && widget.Width(line) > p.o.Width {
			cut := widget.Cut(line, p.o.Width, "")
			p.add(cut)
			line = later + strings.TrimPrefix(line, cut)
		}
	}
	p.add(strings.TrimRight(line, " "))
}

func (p *page) head() {
	m := p.m
	words := []string{cmp.Or(m.Name, "this host")}
	if m.System != "" {
		words = append(words, m.System)
	}
	if m.Kernel != "" {
		words = append(words, map[bool]string{true: "build ", false: "Linux "}[m.OS == "windows"]+m.Kernel)
	}
	if m.HZ > 0 {
		words = append(words, fmt.Sprintf("HZ %d", m.HZ))
	}
	p.text("HOST  ", "      ", strings.Join(words, ", "))
	if m.OS == "windows" {
		return
	}
	where := "network namespace " + model.Clean(m.Namespace, 80)
	if m.Container != "" {
		where += ", in a container (" + m.Container + ")"
	}
	if m.Others > 0 {
		where += fmt.Sprintf("; %s in other network namespaces", count(m.Others, "process", "processes"))
		if p.o.Shell {
			where += ": --netns reads one"
		}
	}
	p.text("      ", "      ", where)
}

func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// paths lists what can be opened.
func (p *page) paths() {
	if len(p.m.Paths) == 0 {
		p.add("")
		p.text("PATHS  ", "       ", "none: no server that keeptune knows runs here")
		return
	}
	p.add("", "PATHS")
	for i, path := range p.m.Paths {
		text := path.Path.String()
		if len(path.At) > 0 {
			text += "   at " + strings.Join(path.At, " ")
		}
		if last := path.Hops[len(path.Hops)-1]; last.Program < 0 && last.Address != "" {
			text += ", on to " + last.Address + ", which is no server that was found here"
		}
		p.text(fmt.Sprintf("%3d  ", i+1), "     ", text)
	}
	if p.o.Shell {
		p.text("     ", "     ", "keeptune host --session 1 prints the first as a session")
	}
}

func (p *page) programs() {
	var idle []string
	for i := range p.m.Programs {
		prog := &p.m.Programs[i]
		if !prog.Runs() && !p.o.All && p.m.OS != "windows" {
			idle = append(idle, strings.TrimSpace(prog.Title+" "+string(prog.Version)))
			continue
		}
		p.program(prog)
	}
	if len(idle) > 0 {
		p.add("")
		p.text("NOT RUNNING  ", "             ", strings.Join(idle, ", "))
	}
}

func (p *page) program(prog *machine.Program) {
	p.add("")
	words := []string{strings.TrimSpace(prog.Title + " " + string(prog.Version))}
	if prog.Runs() {
		words = append(words, fmt.Sprintf("process %d", prog.Running[0].PID))
		if n := len(prog.Running) - 1; n > 0 {
			words[1] += fmt.Sprintf(" and %d more", n)
		}
		if prog.Running[0].Replaced {
			words = append(words, "whose program file was replaced since it started")
		}
		if len(prog.Listens) > 0 {
			words = append(words, "at "+strings.Join(prog.Listens, " "))
		}
	} else if p.m.OS != "windows" { // where processes are not looked at
		words = append(words, "not running")
	}
	p.text("", "  ", strings.Join(words, ", "))
	if prog.Unread != "" {
		p.text("  ! ", "    ", "not read: "+prog.Unread)
	}
	if prog.Main != "" {
		text := prog.Main
		if n := len(prog.Import.Files) - 1; n > 0 {
			text += " and " + count(n, "more file", "more files")
		}
		if !prog.Loaded.IsZero() {
			text += ", loaded at " + p.moment(prog.Loaded)
		}
		p.text("  ", "    ", text)
	}
	for _, e := range prog.Edited {
		p.text("  ! ", "    ", fmt.Sprintf("%s was edited at %s and not loaded since: what runs may have other values", e.File, p.moment(e.Changed)))
	}
	if prog.Fault != "" {
		p.text("  ! ", "    ", "it would not load its files as they are: "+prog.Fault)
	}
	for all := prog.Answers; len(all) > 0; {
		where, n := all[0].Where, 0
		var said []string
		for ; n < len(all) && all[n].Where == where; n++ {
			said = append(said, fmt.Sprintf("%s %s (%s)", all[n].Name, all[n].Value, all[n].Says))
		}
		all = all[n:]
		p.text("  ", "    ", where+" says: "+strings.Join(said, ", "))
	}
	p.warnings(prog)
	for _, group := range alike(prog.Contexts()) {
		p.context(group)
	}
}

// moment is a time of today, or with its day.
func (p *page) moment(t time.Time) string {
	zone := cmp.Or(p.o.Zone, p.m.Taken.Location())
	t = t.In(zone)
	if t.Format(time.DateOnly) == p.m.Taken.In(zone).Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2006-01-02 15:04:05")
}

func (p *page) warnings(prog *machine.Program) {
	var told []string
	for _, w := range prog.Import.Warnings {
		told = append(told, w.String())
	}
	for _, c := range prog.Import.Contexts {
		for _, d := range c.Doubts {
			if !slices.Contains(told, d.String()) {
				told = append(told, d.String())
			}
		}
	}
	for i, t := range told {
		if i == warningsShown && !p.o.All {
			p.text("  ? ", "    ", fmt.Sprintf("and %d more that were not understood", len(told)-i))
			break
		}
		p.text("  ? ", "    ", t)
	}
}

const (
	warningsShown = 4
	namesShown    = 3
)

// alike are contexts in groups that set the same, those that set nothing left out.
func alike(list []native.Context) [][]native.Context {
	var groups [][]native.Context
	for _, c := range list {
		if len(c.Settings) == 0 {
			continue
		}
		i := slices.IndexFunc(groups, func(g []native.Context) bool {
			return maps.EqualFunc(g[0].Settings, c.Settings, model.Setting.Equal)
		})
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

func (p *page) context(group []native.Context) {
	for i, c := range group {
		if i == namesShown && !p.o.All {
			p.add(fmt.Sprintf("    and %d more that set the same", len(group)-i))
			break
		}
		if c.Where != "" {
			p.text("    ", "      ", c.Where)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(group[0].Settings)) {
		s := group[0].Settings[id]
		if s.Origin.Kind == model.FromDefault && !p.o.All {
			continue
		}
		text := fmt.Sprintf("%s = %s   %s", id, s.Value.Human(), origin(s.Origin))
		if s.Said.Value.IsSet() {
			text += fmt.Sprintf("; %s says %s", s.Said, s.Said.Value.Human())
		}
		p.text("      ", "        ", text)
	}
}

// origin says where a value comes from; one of an edited file is not in force.
func origin(o model.Origin) string {
	switch {
	case o.Kind == model.FromRunning && o.Where != "":
		return "running, " + o.Where
	case o.Kind == model.FromAssumed && o.Where != "":
		o.Kind = model.FromFile
		return o.String() + ", edited since"
	}
	return o.String()
}

// kernel lists the variables that differ from what Linux starts with, or all.
func (p *page) kernel() {
	if len(p.m.Sysctls) == 0 {
		return
	}
	p.add("", "KERNEL")
	rest := 0
	for _, s := range p.m.Sysctls {
		said := s.Setting.Said.Value.IsSet()
		sys, err := p.o.Catalog.System(s.Param.ID.System())
		usual := model.Value{}
		if err == nil {
			usual = sys.DefaultAt(s.Param, p.m.Version()).Value
		}
		if usual == s.Setting.Value && !said && !p.o.All {
			rest++
			continue
		}
		text := fmt.Sprintf("%s = %s", s.Key, s.Setting.Value.Human())
		if usual.IsSet() && usual != s.Setting.Value {
			text += ", where Linux starts with " + usual.Human()
		}
		p.text("  ", "      ", text)
		if said {
			p.text("  ! ", "    ", fmt.Sprintf("%s says %s: not in force since it was written, or changed by hand since", s.Setting.Said, s.Setting.Said.Value.Human()))
		}
	}
	if rest > 0 {
		p.add(fmt.Sprintf("  %s as Linux starts with", count(rest, "variable is", "variables are")))
	}
}

func (p *page) limits() {
	if len(p.m.Limits) == 0 {
		return
	}
	p.add("", "LIMITS")
	for _, f := range p.m.Limits {
		p.text("  ", "      ", fmt.Sprintf("%s = %s   %s", f.Name, f.Value, f.Says))
	}
}

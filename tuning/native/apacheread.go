package native

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A directive is one line of an Apache configuration, or a section with what
// stands in it.
type directive struct {
	file   string
	line   int
	name   string // in lower case; of a section with its <
	words  []string
	inside []*directive
	within *directive // the section around it; nil in the server config
	doubt  string     // why it is not known whether it is read, or what it says

	missing bool // the doubt is a variable
}

// apacheText is what stands behind the name, for a message or a name.
func (d *directive) text() string { return strings.Join(d.words[1:], " ") }

// arg is an argument, or empty.
func (d *directive) arg(n int) string {
	if n+1 < len(d.words) {
		return d.words[n+1]
	}
	return ""
}

// An apacheReader reads lines in the order in which httpd does: includes,
// conditions, variables and macros act on the lines behind them.
type apacheReader struct {
	*reader
	top      *directive
	at       *directive
	defines  map[string]string
	gone     map[string]bool // names that UnDefine took away
	modules  map[string]bool // identifiers and source files that are loaded
	mpm      *directive      // the line that loads it
	partial  bool            // an include could not be read
	macros   map[string]*apacheMacro
	macro    *apacheMacro // that is being noted
	depth    int          // of macros in use
	filled   int          // lines of macros that were read
	branches []apacheBranch
}

// An apacheBranch is an open condition: its lines are read, not read, or it is
// not known.
type apacheBranch struct {
	section *directive
	holds   tri
	why     string
}

type apacheMacro struct {
	params []string
	lines  []apacheLine
	used   bool
}

type apacheLine struct {
	file string
	line int
	text string
	more []string // the lines that a backslash added
}

// macroLimit bounds the lines that macros become.
const macroLimit = 20_000

// tri is the outcome of a condition.
type tri int

const (
	no tri = iota
	perhaps
	yes
)

func (t tri) not() tri { return yes - t }

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

// apacheLines joins the lines that a backslash continues. httpd joins them
// before it looks for a comment, so that a comment may swallow the next line.
func apacheLines(file, text string) []apacheLine {
	var list []apacheLine
	var joined strings.Builder
	var more []string
	begin, n := 0, 0
	end := func() {
		if text := strings.TrimSpace(joined.String()); text != "" {
			list = append(list, apacheLine{file, begin, text, more})
		}
		joined.Reset()
		begin, more = 0, nil
	}
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if begin == 0 {
			begin = n
		} else {
			more = append(more, line)
		}
		if body, ok := strings.CutSuffix(line, `\`); ok && !strings.HasSuffix(body, `\`) {
			joined.WriteString(body)
			continue
		}
		joined.WriteString(line)
		end()
	}
	end()
	return list
}

// apacheWords splits a line as ap_getword_conf does: quotes hold words
// together where they begin one, a backslash frees what is quoted.
func apacheWords(line string) []string {
	var words []string
	for line = strings.TrimLeft(line, " \t"); line != ""; line = strings.TrimLeft(line, " \t") {
		if quote := line[0]; quote == '"' || quote == '\'' {
			var word strings.Builder
			i := 1
			for ; i < len(line) && line[i] != quote; i++ {
				if line[i] == '\\' && i+1 < len(line) && (line[i+1] == quote || line[i+1] == '\\') {
					i++
				}
				word.WriteByte(line[i])
			}
			words = append(words, word.String())
			line = line[min(i+1, len(line)):]
			continue
		}
		end := strings.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
	return words
}

// readApacheTree reads a configuration and what it includes into a tree.
func readApacheTree(r *reader, text string) *apacheReader {
	top := &directive{file: r.file, name: "", words: []string{""}}
	a := &apacheReader{
		reader: r, top: top, at: top, defines: map[string]string{}, gone: map[string]bool{},
		modules: map[string]bool{}, macros: map[string]*apacheMacro{},
	}
	for _, name := range r.opened.source.Defines {
		a.defines[name] = ""
	}
	a.read(text)
	for at := a.at; at != a.top; at = at.within {
		a.doubtful(at, fmt.Sprintf("%s %s> is not closed", at.words[0], at.text()))
	}
	for name, m := range a.macros {
		a.idle(name, m)
	}
	for _, b := range a.branches {
		a.doubtful(b.section, fmt.Sprintf("%s %s> is not closed", b.section.words[0], b.section.text()))
	}
	return a
}

func (a *apacheReader) read(text string) {
	for _, l := range apacheLines(a.file, text) {
		a.take(l)
	}
}

// take reads one line.
func (a *apacheReader) take(l apacheLine) {
	before := a.file
	a.file = l.file
	defer func() { a.file = before }()
	if strings.HasPrefix(l.text, "#") {
		for i, text := range l.more {
			if text = strings.TrimSpace(text); apacheBearsLine(text) {
				a.bear(l.line+1+i, text)
				a.leave(l.line+1+i, "a backslash makes it a part of the comment in line %d", l.line)
			}
		}
		return
	}
	lower := strings.ToLower(l.text)
	if a.macro != nil {
		if strings.HasPrefix(lower, "</macro") {
			a.macro = nil
			return
		}
		if apacheBearsLine(l.text) {
			a.bear(l.line, l.text)
		}
		a.macro.lines = append(a.macro.lines, l)
		return
	}
	text, missing := a.expand(l.text)
	d := a.directive(l, text)
	if d == nil {
		return
	}
	if apacheBears(d) {
		a.bear(l.line, l.text)
	}
	switch {
	case strings.HasPrefix(d.name, "</"):
		a.end(d)
		return
	case strings.HasPrefix(d.name, "<if") && apacheConditions[d.name] != nil:
		holds, why := apacheConditions[d.name](a, d)
		a.branches = append(a.branches, apacheBranch{d, holds, why})
		return
	}
	holds, why := a.holds(d)
	switch {
	case holds == no:
		if apacheBears(d) {
			a.leave(d.line, "%s", why)
		}
		if d.name[0] == '<' { // its end is skipped with it
			a.branches = append(a.branches, apacheBranch{d, no, why})
		}
		return
	case missing != "" && (apacheBears(d) || d.name == "include"):
		d.doubt, d.missing = undefined(missing), true
	case holds == perhaps:
		d.doubt = why
	}
	a.act(d)
}

// directive splits a line. A section may have its name stuck to nothing but <.
func (a *apacheReader) directive(l apacheLine, text string) *directive {
	section := strings.HasPrefix(text, "<")
	if section {
		text = strings.TrimSuffix(strings.TrimSpace(text), ">")
	}
	words := apacheWords(text)
	if len(words) == 0 || words[0] == "" {
		return nil
	}
	return &directive{file: l.file, line: l.line, name: strings.ToLower(words[0]), words: words, within: a.at}
}

func undefined(name string) string { return "${" + name + "} is not defined in what was read" }

// holds is whether the lines read just now are in force.
func (a *apacheReader) holds(d *directive) (tri, string) {
	holds, why := yes, ""
	for _, b := range a.branches {
		here := b.holds
		if here == perhaps && a.ownModule(b.section, d) {
			here = yes
		}
		if here < holds {
			holds, why = here, b.why
		}
	}
	return holds, why
}

// act does what a line means while it is read, or hangs it into the tree.
func (a *apacheReader) act(d *directive) {
	switch d.name {
	case "define":
		a.defines[d.arg(0)] = strings.Join(d.words[min(2, len(d.words)):], " ")
		delete(a.gone, d.arg(0))
	case "undefine":
		delete(a.defines, d.arg(0))
		a.gone[d.arg(0)] = true
	case "loadmodule":
		a.load(d)
	case "serverroot":
		a.home(d.arg(0))
	case "include", "includeoptional":
		a.include(d)
	case "<macro":
		a.macro = &apacheMacro{params: d.words[min(2, len(d.words)):]}
		a.macros[strings.ToLower(d.arg(0))] = a.macro
	case "use":
		a.useMacro(d)
	default:
		a.at.inside = append(a.at.inside, d)
		if d.name[0] == '<' {
			a.at = d
		}
	}
}

// end closes the innermost section or condition.
func (a *apacheReader) end(d *directive) {
	name := "<" + strings.TrimPrefix(strings.TrimSuffix(d.name, ">"), "</")
	if n := len(a.branches); n > 0 && a.branches[n-1].section.name == name && a.branches[n-1].section.within == a.at {
		a.branches = a.branches[:n-1]
		return
	}
	if a.at != a.top && a.at.name == name {
		a.at = a.at.within
		return
	}
	a.warn(d.line, "%s> closes nothing that is open", d.words[0])
}

// variable is ${NAME} in a line.
var variable = lazily(`\$\{([^}$]+)\}`)

// expand puts defined variables into a line, and is the first that is not known.
func (a *apacheReader) expand(text string) (expanded, missing string) {
	if !strings.Contains(text, "${") {
		return text, ""
	}
	expanded = variable().ReplaceAllStringFunc(text, func(v string) string {
		name := v[2 : len(v)-1]
		if value, ok := a.defines[name]; ok {
			return value
		}
		if missing == "" {
			missing = model.Clean(name, 60)
		}
		return v
	})
	return expanded, missing
}

// home sets the folder that relative names start from.
func (a *apacheReader) home(root string) {
	o := &a.opened
	if found, ok := o.find(root); ok && path.IsAbs(root) {
		o.home = found
		return
	}
	if dir := path.Dir(o.source.Path); path.Base(dir) == "conf" { // a copy of it somewhere else
		o.home = path.Dir(dir)
	}
}

// include reads what a line names. A folder stands for all that is in it.
func (a *apacheReader) include(d *directive) {
	name := d.arg(0)
	if d.doubt != "" {
		a.partial = true
		a.doubtful(d, d.text()+" is included and was not read: "+d.doubt)
		return
	}
	if strings.HasSuffix(name, "/") {
		name += "*"
	}
	before, doubts := a.at, len(a.reader.at.doubts)
	if d.name == "includeoptional" && a.absent(name) {
		return
	}
	for text := range a.included(d.line, name) {
		a.read(text)
	}
	a.partial = a.partial || len(a.reader.at.doubts) > doubts
	for ; a.at != before && a.at != a.top; a.at = a.at.within {
		a.doubtful(d, fmt.Sprintf("%s %s> is not closed in what is included", a.at.words[0], a.at.text()))
	}
}

// absent reports whether a single file is known not to be there.
func (a *apacheReader) absent(name string) bool {
	files := a.opened.source.Files
	if files == nil || strings.ContainsAny(name, "*?[") {
		return false
	}
	found, ok := a.opened.find(name)
	if !ok {
		return false
	}
	_, err := files.Read(found)
	return errors.Is(err, fs.ErrNotExist)
}

// useMacro reads the lines of a macro with its parameters filled in.
func (a *apacheReader) useMacro(d *directive) {
	m := a.macros[strings.ToLower(d.arg(0))]
	if m == nil || a.depth >= 8 || a.filled > macroLimit {
		a.doubtful(d, "the macro "+d.arg(0)+" is not known here, or too deep")
		return
	}
	var pairs []string
	for i, p := range m.params {
		pairs = append(pairs, p, d.arg(i+1))
	}
	fill := strings.NewReplacer(pairs...)
	m.used = true
	a.depth++
	for _, l := range slices.Clone(m.lines) {
		a.filled++
		l.text = fill.Replace(l.text)
		a.take(l)
	}
	a.depth--
}

// idle lists the lines of a macro that nothing uses.
func (a *apacheReader) idle(name string, m *apacheMacro) {
	before := a.file
	for _, l := range m.lines {
		if !m.used && apacheBearsLine(l.text) {
			a.file = l.file
			a.leave(l.line, "the macro %s is not used", name)
		}
	}
	a.file = before
}

// doubtful is a doubt at a directive's own place.
func (a *apacheReader) doubtful(d *directive, text string, params ...model.ParamID) {
	before := a.file
	a.file = d.file
	a.doubt(d.line, text, params...)
	a.file = before
}

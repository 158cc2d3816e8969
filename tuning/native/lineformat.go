package native

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A knob is how one parameter is said on a line of its own.
type knob struct {
	param model.ParamID
	line  string // %s is the value; a word in capitals is for the reader to fill in
	steps []step // the units that the product takes; nil for a bare number in the parameter's own
	on    string // the words of a switch, 1 and 0 where they are empty
	off   string
	never string                            // "no limit", where it is neither 0 nor the word of the catalog
	gone  string                            // in an undo, the command that brings the default back
	say   func(*page, item) (string, error) // the value, where it is not a number
	// placed is true where the line is read only, and counts inside of a place.
	placed bool
}

// A lineFile is one file of a syntax in which each parameter has a line.
type lineFile struct {
	name, use string
	system    model.SystemID // the product, middlebox or operating system that reads it
	since     model.Version  // the versions of it that do, empty for any
	before    model.Version
	owns      []model.ParamID
	head      []string // around the lines
	tail      []string
	indent    string
	knobs     []knob
	byHand    string // a command that sets the same line at once; empty: none
	reset     bool   // taking a line away does not take it back
	runs      bool   // the lines are commands
	body      func(*page, *lineFile) error
	patterns  [][]string // the words of each knob's line, while a file is read
}

// lineFormat makes a format of files; apart are the characters that part
// words beside blanks.
func lineFormat(s syntax, apart string, files ...lineFile) *syntax {
	s.fits = func(t *target) bool {
		return slices.ContainsFunc(files, func(sh lineFile) bool { return sh.fits(t) })
	}
	for _, sh := range files {
		body := lineBody
		if sh.body != nil {
			body = sh.body
		}
		s.exportFiles = append(s.exportFiles, exportFile{
			name: sh.name, use: sh.use, reset: sh.reset, runs: sh.runs,
			owns: func(t *target, r *tuning.Row) bool {
				fixed := r.Param.Fixed && r.Param.ID.System() == sh.system // refused by name
				return sh.fits(t) && (fixed || sh.knob(r.Param.ID) != nil || slices.Contains(sh.owns, r.Param.ID))
			},
			body: func(p *page) error { return body(p, &sh) },
		})
	}
	if s.read == nil {
		s.read = func(r *reader, text string) {
			var where placer
			if s.where != nil {
				where = s.where()
			}
			r.placed(text, s.comment(""), apart, files, where, s.other)
		}
	}
	return &s
}

// fits reports whether an endpoint reads this file.
func (sh *lineFile) fits(t *target) bool {
	sys, v := t.side.System, t.side.Version
	if sh.system != sys.ID {
		sys, v = t.side.Host, t.side.HostAt
	}
	return sh.system == sys.ID && (sh.since == "" || sys.Order.Compare(sh.since, v) <= 0) &&
		(sh.before == "" || sys.Order.Compare(v, sh.before) < 0)
}

// knob is how a parameter is said here, or nil.
func (sh *lineFile) knob(id model.ParamID) *knob {
	for i := range sh.knobs {
		if sh.knobs[i].param == id {
			return &sh.knobs[i]
		}
	}
	return nil
}

// lineBody writes the line of each item, in the order of the catalog.
func lineBody(p *page, sh *lineFile) error {
	if allGone(p.items) && !slices.ContainsFunc(sh.knobs, func(k knob) bool { return k.gone != "" }) {
		p.reasons("", p.items...)
		return nil
	}
	p.add(sh.head...)
	var lines []string
	for _, it := range p.items {
		k := sh.knob(it.param().ID)
		line, err := p.knobLine(it, k)
		if err != nil {
			return err
		}
		if err := p.twins(it, k, sh); err != nil {
			return err
		}
		if slices.Contains(lines, line) {
			p.reasons(sh.indent, it)
			continue
		}
		p.put(sh.indent, it, line)
		switch {
		case !it.gone:
			lines = append(lines, line)
		case k.gone != "":
			p.add(sh.indent + k.gone)
			lines = append(lines, k.gone)
		}
	}
	p.add(sh.tail...)
	p.byHand(sh.byHand, lines)
	return nil
}

// twins holds an item against the other parameters that its line sets: they
// become the same, and cannot be told another value.
func (p *page) twins(it item, k *knob, sh *lineFile) error {
	for _, other := range sh.knobs {
		if other.line != k.line || other.param == k.param || p.undo {
			continue
		}
		twin := p.value(other.param)
		_, typed := p.endpoint.Settings[other.param]
		switch {
		case twin.row == nil || twin.value == it.value:
		case typed:
			return p.cannot(it.row, it.value, p.product(), fmt.Sprintf("one setting holds for both sides; make %s the same", other.param))
		default:
			p.note(fmt.Sprintf("One setting holds for both sides: %s becomes %s, too.", other.param, it.value.Human()))
		}
	}
	return nil
}

// byHand writes commands that set the same at once.
func (p *page) byHand(command string, lines []string) {
	if command == "" || len(lines) == 0 {
		return
	}
	p.gap()
	p.say("", "The same by hand, until the next start:")
	for _, l := range lines {
		p.add(p.comment(command + " " + l))
	}
}

func (p *page) knobLine(it item, k *knob) (string, error) {
	if it.gone {
		return "", nil
	}
	text, err := p.knobValue(it, k)
	return strings.ReplaceAll(k.line, "%s", text), err
}

func (p *page) knobValue(it item, k *knob) (string, error) {
	sys, v, _ := p.owner(it.param())
	steps := k.steps
	if steps == nil {
		steps = ownStep(it.param())
	}
	switch {
	case it.param().Shape() == model.ShapeSwitch && k.on != "":
		return onOff(it.value, k.on, k.off), nil
	case it.value == model.ValueNever && k.never != "":
		return k.never, nil
	case k.say != nil:
		return k.say(p, it)
	}
	return p.number(it, subject(sys, v), steps)
}

// placed reads a file of lines. A line that begins as one of the knobs does and
// goes on otherwise is warned of; what no knob begins with is not ours. Where
// tells which lines are about one thing only, and other names what all else is.
func (r *reader) placed(text, comment, apart string, files []lineFile, where placer, other string) {
	p := r.places(split(r.named(files), apart))
	for n, line := range numbered(text) {
		if line == "" || strings.HasPrefix(line, strings.TrimSpace(comment)) {
			continue
		}
		words, place := lineWords(line, apart), ""
		if where != nil {
			place = where(words)
		}
		if !p.line(n, place, words) && begins(words, p.bare) {
			r.warn(n, "%s is not understood", line)
		}
	}
	p.settle(other)
}

// split are the files with the words of their lines.
func split(files []lineFile, apart string) []lineFile {
	files = slices.Clone(files)
	for i := range files {
		files[i].patterns = make([][]string, len(files[i].knobs))
		for j, k := range files[i].knobs {
			files[i].patterns[j] = lineWords(k.line, apart)
		}
	}
	return files
}

// named are the files that the file's name tells, or all of them.
func (r *reader) named(files []lineFile) []lineFile {
	var found []lineFile
	for _, sh := range files {
		if strings.Contains(r.file, sh.name) {
			found = append(found, sh)
		}
	}
	if found == nil {
		return files
	}
	return found
}

// line takes what a line says; a few lines say it for two parameters of a
// system, and the same line may be that of several systems: the restore string
// tells which, or else it is the first.
func (r *reader) line(n int, words []string, files []lineFile) bool {
	for i := range files {
		if r.concerns(files[i].system) && r.fileLine(n, words, &files[i]) {
			return true
		}
	}
	return false
}

// concerns reports whether a system is one of the document, or of any without one.
func (r *reader) concerns(id model.SystemID) bool {
	return r.document == nil || slices.ContainsFunc(r.document.Path.Endpoints, func(e model.Endpoint) bool {
		host, _, err := e.HostOf(r.catalog)
		return e.System == id || err == nil && host.ID == id
	})
}

func (r *reader) fileLine(n int, words []string, sh *lineFile) (found bool) {
	for i, k := range sh.knobs {
		value, ok := matchWords(words, sh.patterns[i])
		if !ok {
			continue
		}
		found = true
		switch {
		case k.on != "" && strings.EqualFold(value, k.on):
			r.take(n, k.param, model.ValueOn)
		case k.on != "" && strings.EqualFold(value, k.off):
			r.take(n, k.param, model.ValueOff)
		case k.never != "" && strings.EqualFold(value, k.never):
			r.take(n, k.param, model.ValueNever)
		default:
			r.set(n, k.param, value)
		}
	}
	return found
}

// begins reports whether a line names a knob: its words up to the value.
func begins(words []string, files []lineFile) bool {
	for i := range files {
		for _, pattern := range files[i].patterns {
			if at := slices.Index(pattern, "%s"); (at == 1 || at == 2 && pattern[1] == "*") && strings.EqualFold(words[0], pattern[0]) {
				return true
			}
		}
	}
	return false
}

func lineWords(line, apart string) []string {
	words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || strings.ContainsRune(apart, r) })
	if len(words) == 0 {
		return []string{""}
	}
	return words
}

// matchWords holds a line against a pattern and is the word in the place of
// %s. What follows the value is not looked at.
func matchWords(words, pattern []string) (value string, ok bool) {
	for i, want := range pattern {
		switch {
		case i >= len(words):
			return "", false
		case want == "%s":
			return words[i], true
		case len(want) > 1 && strings.ToUpper(want) == want && strings.ToLower(want) != want:
		case !strings.EqualFold(want, words[i]):
			return "", false
		}
	}
	return "", false
}

// Units as they are written behind a number.
var (
	secondsNamed     = []step{{time.Second, "s"}}
	secondsAndMillis = []step{{time.Second, "s"}, {time.Millisecond, "ms"}}
)

// numbered yields each line without the blanks around it, and its number.
func numbered(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(text) {
			if n++; !yield(n, strings.TrimSpace(line)) {
				return
			}
		}
	}
}

package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A haproxyLine is one line of a section.
type haproxyLine struct {
	file  string
	line  int
	words []string
	off   bool   // "no" stood before it
	doubt string // why it is not known whether it is read, or what it says
}

// arg is a word behind the keyword, or empty.
func (l *haproxyLine) arg(n int) string {
	if n+1 < len(l.words) {
		return l.words[n+1]
	}
	return ""
}

// A haproxySection is a proxy, or another section.
type haproxySection struct {
	kind, name string
	at         haproxyLine
	base       *haproxySection // the defaults that it starts from
	lines      []haproxyLine
	used       bool // of defaults: some section starts from it
}

// A haproxyReader reads sections, conditions and variables in order.
type haproxyReader struct {
	*reader
	sections []*haproxySection
	named    map[string]*haproxySection // defaults by name
	latest   *haproxySection            // the last defaults
	env      map[string]string          // of setenv and presetenv
	unset    map[string]bool
	branches []haproxyBranch
}

// A haproxyBranch is an open .if.
type haproxyBranch struct {
	line  int
	holds tri // of the part that is read just now
	taken tri // whether an earlier part was read
	why   string
}

var haproxySections = []string{
	"global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "cache", "ring",
	"program", "http-errors", "log-forward", "fcgi-app", "crt-store", "traces", "acme", "log-profile", "healthcheck",
}

func readHAProxySections(r *reader, text string) *haproxyReader {
	h := &haproxyReader{reader: r, named: map[string]*haproxySection{}, env: map[string]string{}, unset: map[string]bool{}}
	h.text(text)
	for more := range r.rest() {
		h.text(more)
	}
	return h
}

// text reads one file. A section and an .if end with it, and defaults hold in
// the next ones, too (measured on 2.6.12).
func (h *haproxyReader) text(text string) {
	r := h.reader
	h.sections = append(h.sections, &haproxySection{kind: ""})
	for n, line := range numbered(text) {
		words, missing := h.words(line)
		if len(words) == 0 {
			continue
		}
		l := haproxyLine{file: r.file, line: n, words: words}
		if missing != "" {
			l.doubt = "the variable " + missing + " is not set in what was read"
		}
		if haproxyBears(words) {
			r.bear(n, line)
		}
		if strings.HasPrefix(words[0], ".") {
			h.condition(l)
			continue
		}
		h.take(l)
	}
	for _, b := range h.branches {
		r.doubt(b.line, "the .if is not closed by .endif")
	}
	h.branches = nil
}

// take puts a line into its section, unless a condition keeps it out.
func (h *haproxyReader) take(l haproxyLine) {
	for _, b := range h.branches {
		switch b.holds {
		case no:
			if haproxyBears(l.words) {
				h.leave(l.line, "%s", b.why)
			}
			return
		case perhaps:
			l.doubt = b.why
		case yes:
		}
	}
	if l.words[0] == "no" && len(l.words) > 1 {
		l.words, l.off = l.words[1:], true
	}
	at := h.sections[len(h.sections)-1]
	switch {
	case slices.Contains(haproxySections, l.words[0]):
		h.begin(l)
	case at.kind == "global" && (l.words[0] == "setenv" || l.words[0] == "presetenv"):
		h.env[l.arg(0)] = l.arg(1)
	case at.kind == "global" && l.words[0] == "unsetenv":
		for _, name := range l.words[1:] {
			delete(h.env, name)
			h.unset[name] = true
		}
	default:
		at.lines = append(at.lines, l)
	}
}

// begin starts a section: a proxy takes what the defaults say that it names,
// or else the latest before it.
func (h *haproxyReader) begin(l haproxyLine) {
	s := &haproxySection{kind: l.words[0], at: l}
	rest := l.words[1:]
	if len(rest) > 0 && rest[0] != "from" {
		s.name, rest = rest[0], rest[1:]
	}
	named := len(rest) > 1 && rest[0] == "from"
	switch {
	case named && h.named[rest[1]] != nil:
		s.base = h.named[rest[1]]
	case named:
		h.warn(l.line, "there is no defaults section %s", rest[1])
	case s.kind == "frontend" || s.kind == "backend" || s.kind == "listen":
		s.base = h.latest
	}
	if s.kind == "defaults" {
		h.latest = s
		if s.name != "" {
			h.named[s.name] = s
		}
	}
	h.sections = append(h.sections, s)
}

// haproxyVariable is $NAME or ${NAME-value}, which HAProxy knows between
// double quotes only.
var haproxyVariable = lazily(`\$(?:(\w+)|\{(\w+)(?:\[\*\])?(-[^}]*)?\})`)

// words splits a line: a # that is not quoted ends it, wherever it stands, and
// variables count between double quotes. missing is the first that is unknown.
func (h *haproxyReader) words(line string) (words []string, missing string) {
	var word, quoted strings.Builder
	in, quote, escaped := false, rune(0), false
	for _, r := range line {
		switch {
		case escaped: // only some characters are meant by it (docs.haproxy.org, Quoting and escaping)
			if !strings.ContainsRune(` #"'\\`, r) {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			in, escaped = true, false
		case quote == '"' && r == '"':
			text, unknown := h.expand(quoted.String())
			if missing == "" {
				missing = unknown
			}
			word.WriteString(text)
			quoted.Reset()
			quote = 0
		case quote == '"':
			quoted.WriteRune(r)
		case quote == '\'' && r == '\'':
			quote = 0
		case quote == '\'':
			word.WriteRune(r)
		case r == '\\':
			escaped = true
		case r == '"' || r == '\'':
			quote, in = r, true
		case r == '#':
			return endWord(words, &word, in), missing
		case r == ' ' || r == '\t':
			words = endWord(words, &word, in)
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	return endWord(words, &word, in), missing
}

func endWord(words []string, word *strings.Builder, in bool) []string {
	if in {
		words = append(words, word.String())
		word.Reset()
	}
	return words
}

// expand fills variables in; missing is the first that is not known.
func (h *haproxyReader) expand(text string) (expanded, missing string) {
	expanded = haproxyVariable().ReplaceAllStringFunc(text, func(v string) string {
		m := haproxyVariable().FindStringSubmatch(v)
		name := m[1] + m[2]
		if value, ok := h.env[name]; ok {
			return value
		}
		if h.unset[name] && m[3] != "" {
			return m[3][1:]
		}
		if missing == "" {
			missing = name
		}
		return v
	})
	return expanded, missing
}

// condition reads .if, .elif, .else and .endif.
func (h *haproxyReader) condition(l haproxyLine) {
	n := len(h.branches) - 1
	if l.words[0] != ".if" && n < 0 {
		if l.words[0] == ".elif" || l.words[0] == ".else" || l.words[0] == ".endif" {
			h.warn(l.line, "%s stands without .if", l.words[0])
		}
		return
	}
	text := strings.Join(l.words[1:], " ")
	switch l.words[0] {
	case ".if":
		holds := h.holds(text)
		h.branches = append(h.branches, haproxyBranch{l.line, holds, holds, whyNot(text, holds)})
	case ".elif", ".else":
		b := &h.branches[n]
		holds := yes
		if l.words[0] == ".elif" {
			holds = h.holds(text)
		} else {
			text = "an earlier condition"
		}
		b.holds = min(holds, b.taken.not())
		if b.why = whyNot(text, b.holds); b.taken == yes {
			b.why = "an earlier condition holds"
		}
		b.taken = max(b.taken, holds)
	case ".endif":
		h.branches = h.branches[:n]
	}
}

func whyNot(text string, holds tri) string {
	if holds == perhaps {
		return "whether " + text + " holds is not known here"
	}
	return text + " does not hold"
}

// haproxyCall is a predicate of a condition.
var haproxyCall = lazily(`^(\w+)\(([^()]*)\)$`)

// holds evaluates a condition, of which a comma, && and || join the parts
// (docs.haproxy.org, 2.4 Conditional blocks).
func (h *haproxyReader) holds(text string) tri {
	text = strings.TrimSpace(text)
	if open, ok := strings.CutPrefix(text, "("); ok && strings.HasSuffix(open, ")") && !strings.ContainsAny(open[:len(open)-1], "()") {
		return h.holds(open[:len(open)-1])
	}
	for _, join := range []string{"||", "&&"} {
		left, right, ok := strings.Cut(text, join)
		switch {
		case ok && strings.Count(left, "(") != strings.Count(left, ")"):
			return perhaps
		case ok && join == "||":
			return max(h.holds(left), h.holds(right))
		case ok:
			return min(h.holds(left), h.holds(right))
		}
	}
	if rest, ok := strings.CutPrefix(text, "!"); ok {
		return h.holds(rest).not()
	}
	switch text {
	case "true", "1":
		return yes
	case "false", "0", "":
		return no
	}
	m := haproxyCall().FindStringSubmatch(text)
	if m == nil || strings.Contains(text, "$") {
		return perhaps
	}
	return h.predicate(m[1], strings.Split(m[2], ","))
}

// predicate is one test. A configuration with .if is read by HAProxy 2.4 or
// newer; nothing else is known of its version or how it was built.
func (h *haproxyReader) predicate(name string, args []string) tri {
	first := strings.TrimSpace(args[0])
	switch name {
	case "version_atleast", "version_before":
		if sys, err := h.catalog.System("haproxy"); err != nil || sys.Order.Compare(model.Version(first), "2.4") > 0 {
			return perhaps
		}
		return triOf(name == "version_atleast")
	case "defined":
		_, set := h.env[first]
		switch {
		case set:
			return yes
		case h.unset[first]:
			return no
		}
	case "streq", "strneq":
		if len(args) == 2 {
			return triOf((first == strings.TrimSpace(args[1])) == (name == "streq"))
		}
	}
	return perhaps
}

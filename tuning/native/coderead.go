package native

import (
	"go/constant"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.com/keeptune/model"
)

// codeNumber is a number in any of the languages: 65_000, 2.5, -1.
const codeNumber = `(-?\d[\d_]*(?:\.\d+)?)`

// valueSize is how much text a value may take with what ends it, in bytes.
const valueSize = 200

// unitNames are the units that [model.ParseSpan] knows.
var unitNames = map[time.Duration]string{time.Second: "s", time.Millisecond: "ms", time.Microsecond: "us", time.Minute: "m", time.Hour: "h"}

// code reads the values of the layouts whose mark stands in a program.
func (r *reader) code(text, comment string, layouts []layout) {
	text = blankComments(text, comment)
	r.program = newProgram(text)
	defer r.program.settle(r)
	for i := range layouts {
		if strings.Contains(text, layouts[i].mark) {
			r.parts(text, layouts[i].parts)
		}
	}
}

// parts reads each part in its scope, and those without one outside of all.
func (r *reader) parts(text string, parts []part) {
	outside := text
	for i := range parts {
		if parts[i].scope != "" {
			outside = only(outside, parts[i].scope, false)
		}
	}
	for i := range parts {
		pt, within := &parts[i], outside
		if pt.scope != "" {
			within = only(text, pt.scope, true)
		}
		if pt.read != nil {
			pt.read(r, pt, within)
			continue
		}
		for j := range pt.set {
			r.setter(within, &pt.set[j])
		}
	}
}

// setter reads what stands behind the first half of a line, wherever that occurs.
func (r *reader) setter(text string, s *setter) {
	head, tail, _ := strings.Cut(s.line, "%s")
	before := `(?m)(?:^|[^\w.$-])`
	if receiver := compiled(`^\w+\.\w`).FindString(head); receiver != "" { // of any variable
		before, head = "", head[strings.Index(head, "."):]
	}
	for word := range strings.FieldsFuncSeq(head, func(r rune) bool { return r == ' ' || strings.ContainsRune(flexed, r) }) {
		if !strings.Contains(text, word) {
			return // most are not there, and an expression takes much longer to say so
		}
	}
	begin := compiled(before + flexible(head))
	end := flexible(strings.TrimRight(tail, ",;"))
	if end == "" {
		end = `(?:[,;)}\]]|$|//|#|%|-D)`
	}
	line, counted := 1, 0
	for _, at := range begin.FindAllStringIndex(text, -1) {
		line += strings.Count(text[counted:at[1]], "\n")
		counted = at[1]
		rest, _, _ := strings.Cut(text[at[1]:min(at[1]+valueSize, len(text))], "\n")
		r.program.scoped(r, at[1], func() {
			if !r.codeValue(line, s, rest, end) {
				r.warn(line, "%s: %s is not understood", s.param, strings.TrimSpace(rest))
			}
		})
	}
}

// codeValue takes the value that begins a text, and is false where it is none.
func (r *reader) codeValue(line int, s *setter, text, end string) bool {
	matches := func(pattern string) []string {
		return compiled(`^\s*` + pattern + `\s*` + end).FindStringSubmatch(text)
	}
	p := r.param(line, s.param)
	if p == nil {
		return true // said already
	}
	on, off := s.on, s.off
	if p.Shape() == model.ShapeSwitch && on == "" {
		on, off = "true", "false"
	}
	for word, v := range map[string]model.Value{on: model.ValueOn, off: model.ValueOff, s.never: model.ValueNever} {
		if word != "" && matches(flexible(word)) != nil {
			r.take(line, s.param, v)
			return true
		}
	}
	if folded, done := r.folded(line, p, text); done {
		return true
	} else if folded != "" {
		text = folded
	}
	for _, st := range s.steps {
		pattern := codeNumber + flexible(st.name)
		if before, after, ok := strings.Cut(st.name, "%s"); ok {
			pattern = flexible(before) + codeNumber + flexible(after)
		}
		if m := matches(pattern); m != nil {
			number := strings.ReplaceAll(m[1], "_", "")
			if number[0] != '-' && p.Shape() == model.ShapeSpan {
				number += unitNames[st.size]
			}
			r.set(line, s.param, number)
			return true
		}
	}
	if m := matches(codeNumber); m != nil && (len(s.steps) == 0 || m[1] == "0" || m[1][0] == '-') {
		r.set(line, s.param, strings.ReplaceAll(m[1], "_", ""))
		return true
	}
	return false
}

// folded works out an expression at the beginning of a text: it is taken where
// it is a time by itself, or is the text with its number in place.
func (r *reader) folded(line int, p *model.Param, text string) (rest string, taken bool) {
	x := expression(text)
	if x == "" || !strings.ContainsAny(x, "+-*/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") || bareNumber().MatchString(x) {
		return "", false
	}
	v, ok := r.program.value(x)
	if !ok {
		return "", false
	}
	if strings.Contains(x, "time.") && p.Shape() == model.ShapeSpan {
		if n, exact := constant.Int64Val(constant.ToInt(v)); exact && n >= 0 {
			r.set(line, p.ID, time.Duration(n).String())
			return "", true
		}
	}
	return decimal(v) + text[strings.Index(text, x)+len(x):], false
}

var bareNumber = lazily(`^` + codeNumber + `$`)

// patterns are the expressions that were compiled already.
var patterns sync.Map

// compiled is an expression, compiled once.
func compiled(pattern string) *regexp.Regexp {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp) //nolint:forcetypeassert // nothing else is stored
	}
	re := regexp.MustCompile(pattern)
	patterns.Store(pattern, re)
	return re
}

// lazily is an expression that is compiled when it is first used, so that a program
// which reads no configuration starts without it.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// flexed are what may have blanks on both sides.
const flexed = "(){}[],:=<>;"

// flexible is a pattern for a text that may have blanks between its words.
func flexible(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == ' ':
			b.WriteString(`\s*`)
		case strings.ContainsRune(flexed, r):
			b.WriteString(`\s*` + regexp.QuoteMeta(string(r)) + `\s*`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

// only blanks what is not inside a scope, or what is.
func only(text, scope string, inside bool) string {
	keep := make([]bool, len(text))
	for i := range keep {
		keep[i] = true
	}
	for name := range strings.SplitSeq(scope, ">") {
		in := bracketed(text, name)
		if strings.HasSuffix(name, ":") {
			in = indented(text, name)
		}
		for i := range keep {
			keep[i] = keep[i] && in[i]
		}
	}
	return blank(text, func(i int) bool { return keep[i] == inside })
}

// bracketed marks what stands inside the brackets that a text opens.
func bracketed(text, opening string) []bool {
	in := make([]bool, len(text))
	for from := 0; ; {
		i := strings.Index(text[from:], opening)
		if i < 0 {
			return in
		}
		from += i + len(opening)
		for depth := 1; from < len(text); from++ {
			switch text[from] {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
			if depth == 0 {
				break
			}
			in[from] = true
		}
	}
}

// indented marks the lines of YAML that belong to a key.
func indented(text, key string) []bool {
	in := make([]bool, len(text))
	at, depth := 0, -1
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(line, " ")
		indent := len(line) - len(bare)
		if depth >= 0 && strings.TrimSpace(bare) != "" && (indent < depth || indent == depth && !strings.HasPrefix(bare, "- ")) {
			depth = -1
		}
		from := len(line)
		if depth >= 0 {
			from = 0
		} else if k := strings.TrimLeft(bare, "- "); strings.HasPrefix(k, key) {
			depth = indent + len(bare) - len(k)
			from = depth + len(key)
		}
		for i := from; i < len(line); i++ {
			in[at+i] = true
		}
		at += len(line)
	}
	return in
}

// blankComments empties lines that are comments.
func blankComments(text, mark string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), mark) {
			line = blank(line, func(int) bool { return false })
		}
		b.WriteString(line)
	}
	return b.String()
}

// blank replaces what is not kept by blanks; lines stay lines.
func blank(text string, kept func(int) bool) string {
	out := []byte(text)
	for i, c := range out {
		if c != '\n' && !kept(i) {
			out[i] = ' '
		}
	}
	return string(out)
}

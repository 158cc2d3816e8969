package native

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/keeptune/model"
)

// An edit is one change of one line of a file.
type lineEdit struct {
	path   string
	line   int    // from 1; the line that is changed, or behind which one is put
	text   string // without the line's end
	insert bool
	drop   bool
}

var errNoSuchLine = errors.New("the file has no such line")

// apply is the file after the edit. Lines keep their ends, and the file its
// encoding.
func (e lineEdit) apply(data []byte) ([]byte, error) {
	text, wide, err := plainText(data)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if e.line < 1 || e.line > len(lines) {
		return nil, errNoSuchLine
	}
	old := lines[e.line-1]
	end := old[len(strings.TrimRight(old, "\r\n")):]
	switch {
	case e.drop:
		lines = slices.Delete(lines, e.line-1, e.line)
	case e.insert:
		if end == "" { // the last line of a file that does not end in one
			lines[e.line-1] += "\n"
			end = "\n"
		}
		lines = slices.Insert(lines, e.line, e.text+end)
	default:
		lines[e.line-1] = e.text + end
	}
	text = strings.Join(lines, "")
	if wide {
		return encodeUTF16(strings.ReplaceAll(text, "\r\n", "\n"))
	}
	return []byte(text), nil
}

// plainText is the text of a file, and whether it is in UTF-16.
func plainText(data []byte) (text string, wide bool, err error) {
	if !bytes.HasPrefix(data, []byte{0xff, 0xfe}) {
		return string(data), false, nil
	}
	text, err = decodeReg(data)
	return strings.TrimPrefix(text, "\ufeff"), true, err
}

// edits are the changes by which a context could come to say what is wished, the
// likeliest first: its own line, and then a new one beside its others.
func (w *rewriter) edits(o Original, im Import, k int, x wish) []lineEdit {
	ctx := im.Contexts[k]
	rendered := x.rendered(o.Format)
	var all []lineEdit
	if s, ok := ctx.Settings[x.row.Param.ID]; ok && s.Origin.Kind == model.FromFile {
		path := im.path(o, s.Origin.Where)
		text := w.text(path, s.Origin.Line)
		if !x.value.IsSet() {
			all = append(all, lineEdit{path: path, line: s.Origin.Line, drop: true})
		}
		rest := otherwise(text, s.Value, x.value)
		if byTwoLines(x.row.Param.ID, x.value) {
			rest = nil
		}
		for _, t := range rest {
			all = append(all, lineEdit{path: path, line: s.Origin.Line, text: t})
		}
		for _, r := range rendered {
			if x.says(text, r) {
				all = append(all, lineEdit{path: path, line: s.Origin.Line, text: indent(text) + allIndented(r, indent(text)) + comment(text)})
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ctx.Settings)) { // a line that says this together with another value
		at := ctx.Settings[id].Origin
		path := im.path(o, at.Where)
		text := w.text(path, at.Line)
		for _, r := range rendered {
			if at.Kind == model.FromFile && x.says(text, r) {
				all = append(all, lineEdit{path: path, line: at.Line, text: indent(text) + allIndented(r, indent(text)) + comment(text)})
			}
		}
	}
	for _, at := range w.beside(o, im, ctx) {
		for _, r := range rendered {
			if !allowedIn(o.Format, w.block(at), r) {
				continue
			}
			lead := w.indentBehind(at)
			all = append(all, lineEdit{path: at.file, line: at.line, text: lead + allIndented(r, lead), insert: true})
		}
	}
	return all
}

// says reports whether a line may be replaced by one that a format renders: they begin
// alike. Of nginx's request headers there are many.
func (x wish) says(line, rendered string) bool {
	first := firstWord(line)
	return first == firstWord(rendered) && (first != "proxy_set_header" || strings.Contains(strings.ToLower(line), "connection"))
}

// allIndented puts an indent before the later lines of a text.
func allIndented(text, indent string) string { return strings.ReplaceAll(text, "\n", "\n"+indent) }

// beside are the places behind which a line of a context can stand: its own lines,
// the last first, where it begins, the blocks around that, lines that it has from
// elsewhere, such as the group of servers that it sends to, and the end of the file.
func (w *rewriter) beside(o Original, im Import, ctx Context) []place {
	var own, others []place
	for _, s := range ctx.Settings {
		at := place{im.path(o, s.Origin.Where), s.Origin.Line}
		switch {
		case s.Origin.Kind != model.FromFile:
		case s.Origin.Where == ctx.File && s.Origin.Line > ctx.Line:
			own = append(own, at)
		default:
			others = append(others, at)
		}
	}
	for _, list := range [][]place{own, others} {
		slices.SortFunc(list, func(a, b place) int { return cmp.Or(strings.Compare(a.file, b.file), b.line-a.line) })
	}
	path := im.path(o, ctx.File)
	begins := append([]place{{path, ctx.Line}}, w.enclosing(place{path, ctx.Line})...)
	return slices.Concat(slices.Compact(own), begins, slices.Compact(others), []place{{path, w.length(path)}})
}

// path is where a file lies that messages call by a name.
func (im Import) path(o Original, told string) string {
	if path, ok := im.Files[told]; ok {
		return path
	}
	return o.Source.Path
}

// enclosing are the lines that open the blocks around a line, the innermost first.
func (w *rewriter) enclosing(at place) []place {
	text, _, err := plainText(w.now[at.file])
	if err != nil {
		return nil
	}
	var open []place
	for n, line := range numbered(text) {
		if n >= at.line {
			break
		}
		line, _, _ = strings.Cut(line, "#")
		opens := strings.Count(line, "{") + strings.Count(line, "<") - 2*strings.Count(line, "</") - strings.Count(line, "}")
		for ; opens > 0; opens-- {
			open = append(open, place{at.file, n})
		}
		for ; opens < 0 && len(open) > 0; opens++ {
			open = open[:len(open)-1]
		}
	}
	slices.Reverse(open)
	return open
}

// block is the first word of the block that a line put behind one stands in, in small
// letters, empty outside of all.
func (w *rewriter) block(behind place) string {
	if in := w.enclosing(place{behind.file, behind.line + 1}); len(in) > 0 {
		return strings.ToLower(strings.Trim(firstWord(w.text(in[0].file, in[0].line)), "<>{"))
	}
	return ""
}

// allowedIn reports whether a product takes a line in a block.
func allowedIn(format, block, line string) bool {
	switch format {
	case "nginx": // ngx_http_core_module: client_header_timeout is for http and server
		return !slices.Contains([]string{"location", "if", "limit_except"}, block) || firstWord(line) != "client_header_timeout"
	case "apache": // each is for "server config, virtual host" (core.html, mod_reqtimeout.html)
		return block == "" || block == "virtualhost" || block == "macro" || strings.HasPrefix(block, "if")
	}
	return true
}

// length is how many lines a file has.
func (w *rewriter) length(path string) int {
	text, _, err := plainText(w.now[path])
	if err != nil {
		return 0
	}
	return strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1
}

// text is a line of a file as it is now, empty where it has none.
func (w *rewriter) text(path string, line int) string {
	text, _, err := plainText(w.now[path])
	lines := strings.Split(text, "\n")
	if err != nil || line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[line-1], "\r")
}

// indentBehind is the indent of a line put behind one: that of the next line where the
// one opens a block.
func (w *rewriter) indentBehind(at place) string {
	here, next := w.text(at.file, at.line), w.text(at.file, at.line+1)
	if len(indent(next)) > len(indent(here)) {
		return indent(next)
	}
	if strings.HasSuffix(strings.TrimSpace(here), "{") {
		return indent(here) + "    "
	}
	return indent(here)
}

func indent(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// comment is what stands behind a line's content, with the blanks before it.
func comment(line string) string {
	at := strings.LastIndexAny(line, "#;")
	if at <= 0 || line[at] == ';' || line[at-1] != ' ' && line[at-1] != '\t' {
		return ""
	}
	return line[len(strings.TrimRight(line[:at], " \t")):]
}

func firstWord(line string) string {
	if f := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t=:", r) }); len(f) > 0 {
		return strings.ToLower(f[0])
	}
	return ""
}

// values finds what could be a value in a line.
var values = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`-?[0-9A-Za-z.:]+`) })

// otherwise are the ways to write a line so that it says another value: with one of
// its words replaced, first that which says the present one.
func otherwise(line string, was, want model.Value) []string {
	var likely, other []string
	for _, at := range values().FindAllStringIndex(line, -1) {
		word := line[at[0]:at[1]]
		for _, v := range spellings(word, want) {
			text := line[:at[0]] + v + line[at[1]:]
			if slices.Contains(spellings(word, was), word) {
				likely = append(likely, text)
			} else {
				other = append(other, text)
			}
		}
	}
	return append(likely, other...)
}

// switches are the words for on and off.
var switches = [][2]string{
	{"on", "off"}, {"On", "Off"}, {"ON", "OFF"}, {"yes", "no"}, {"Yes", "No"}, {"true", "false"}, {"True", "False"}, {"enabled", "disabled"}, {"1", "0"},
}

// endless are the words for a value without an end.
var endless = []string{"0", "off", "never", "infinity", "infinite", "none", "unlimited", "-1"}

// units are those that products write behind a number.
var units = []struct {
	name string
	unit time.Duration
}{
	{"us", time.Microsecond},
	{"ms", time.Millisecond},
	{"s", time.Second},
	{"sec", time.Second},
	{"seconds", time.Second},
	{"m", time.Minute},
	{"min", time.Minute},
	{"h", time.Hour},
	{"d", 24 * time.Hour},
	{"w", 7 * 24 * time.Hour},
}

// spellings are ways to write a value in the place of a word, in the manner of that
// word first.
func spellings(word string, v model.Value) []string {
	switch v.Kind {
	case model.On, model.Off:
		return switched(word, v.Kind == model.On)
	case model.Forever:
		if startsWithDigit(word) || slices.Contains(endless, word) {
			return endless
		}
		return nil
	default:
	}
	if d, ok := v.Duration(); ok && strings.HasPrefix(word, "PT") && d%time.Second == 0 { // ISO 8601
		return []string{fmt.Sprintf("PT%dS", int64(d/time.Second))}
	}
	if !startsWithDigit(word) && !slices.Contains(endless, word) {
		return nil
	}
	if n, ok := v.Count(); ok {
		return []string{strconv.FormatInt(n, 10), fmt.Sprintf("%08x", n)}
	}
	d, ok := v.Duration()
	if !ok {
		return nil
	}
	digits := len(word) - len(strings.TrimLeft(word, "0123456789."))
	suffix := word[digits:]
	var out []string
	add := func(unit time.Duration, name string) {
		if d%unit == 0 {
			out = append(out, strconv.FormatInt(int64(d/unit), 10)+name)
		}
	}
	if suffix == "" {
		for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Minute, time.Microsecond} {
			add(unit, "")
		}
		out = append(out, fmt.Sprintf("%08x", d.Milliseconds()), fmt.Sprintf("%08x", int64(d/time.Second)))
	}
	for _, u := range units {
		if u.name == suffix {
			add(u.unit, u.name)
		}
	}
	add(time.Second, "s")
	add(time.Millisecond, "ms")
	s := int64(d / time.Second)
	return append(out, fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60), fmt.Sprintf("%08x", d.Milliseconds()))
}

func switched(word string, on bool) []string {
	for _, s := range switches {
		if word == s[0] || word == s[1] {
			if on {
				return []string{s[0]}
			}
			return []string{s[1]}
		}
	}
	return nil
}

func startsWithDigit(word string) bool { return word != "" && word[0] >= '0' && word[0] <= '9' }

// Package redact puts stand-ins in the place of what names somebody's machines, so that
// an output can be shown to others: hosts, addresses, paths and names, each the same
// stand-in wherever it stands in what one run prints.
//
// It knows what a person gave (arguments, files, what a server said of itself) and the
// words that keeptune itself uses. A word of an output that is in what was given and is
// none of keeptune's is a name; so is every address but those of this machine alone, and
// every host. What a name is cut to by a narrow screen is in what was given, too.
package redact

import (
	"bytes"
	"cmp"
	"maps"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"example.com/keeptune/model"
)

// A Redactor replaces. A nil one leaves everything as it is. It may be used from
// several goroutines.
type Redactor struct {
	mu      sync.Mutex
	own     []Words           // of keeptune
	given   [][]byte          // what was given, in small letters
	whole   []whole           // the longest first
	names   map[string]string // a word in small letters and its stand-in
	stays   map[string]bool   // words that name nothing
	numbers map[string]int    // of stand-ins, by kind
}

type whole struct{ text, as string }

// The kinds of stand-ins: host-1, addr-1, path-1, name-1.
const (
	hostKind = "host"
	addrKind = "addr"
	pathKind = "path"
	nameKind = "name"
)

// least is the letters from which on a word can name something.
const least = 3

// Words are words in small letters. They are not changed once they are made.
type Words map[string]bool

// WordsOf are the words of texts.
func WordsOf(texts ...string) Words {
	words, seen := Words{}, map[string]bool{} // most stand there often
	for _, text := range texts {
		for w := range strings.FieldsSeq(strings.ToLower(text)) {
			if seen[w] {
				continue
			}
			seen[w] = true
			words[strings.Trim(w, "\"'`()[]{}<>,;:!?.*|")] = true
			for part := range strings.FieldsFuncSeq(w, func(c rune) bool { return !joined(c) }) {
				words[strings.Trim(part, ".-_")] = true
			}
		}
	}
	return words
}

// everybodys are the words of common.
var everybodys = sync.OnceValue(func() Words { return WordsOf(common) })

// New is a redactor that leaves these words.
func New(own ...Words) *Redactor {
	return &Redactor{own: append(own, everybodys()), names: map[string]string{}, stays: map[string]bool{}, numbers: map[string]int{}}
}

// ours reports whether a word in small letters is one of keeptune's.
func (r *Redactor) ours(word string) bool {
	return slices.ContainsFunc(r.own, func(w Words) bool { return w[word] })
}

// joined reports whether a character stands in a word.
func joined(c rune) bool {
	return c == '_' || c == '.' || c == '-' || unicode.IsLetter(c) || unicode.IsDigit(c)
}

// Given adds what somebody gave: every word of it that is none of keeptune's is a name.
func (r *Redactor) Given(texts ...string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range texts {
		low := bytes.ToLower([]byte(t))
		if t != "" && !slices.ContainsFunc(r.given, func(g []byte) bool { return bytes.Contains(g, low) }) {
			r.given = append(r.given, low)
		}
	}
	clear(r.stays) // what was no name before may be one now
}

// Name replaces a text wherever it stands as a whole, even where each of its words is
// one of keeptune's.
func (r *Redactor) Name(text string) { r.learn(nameKind, text) }

// Path replaces a file's name, as it is, absolute, and without its folder.
func (r *Redactor) Path(file string) {
	if r == nil || file == "" || file == "-" {
		return
	}
	all := []string{file, filepath.ToSlash(file), filepath.Base(file)}
	if abs, err := filepath.Abs(file); err == nil {
		all = append(all, abs, filepath.ToSlash(abs))
	}
	r.learn(pathKind, all...)
}

// learn gives the texts one stand-in, that of the first which has one.
func (r *Redactor) learn(kind string, texts ...string) {
	if r == nil {
		return
	}
	r.Given(texts...) // what is broken into lines is in parts
	r.mu.Lock()
	defer r.mu.Unlock()
	as := ""
	for _, t := range texts {
		for _, w := range r.whole {
			if w.text == t {
				as = cmp.Or(as, w.as)
			}
		}
	}
	for _, t := range texts {
		if len(strings.TrimSpace(t)) < least || slices.ContainsFunc(r.whole, func(w whole) bool { return w.text == t }) {
			continue
		}
		if kind == nameKind && r.ours(strings.ToLower(t)) {
			continue // the name of a system
		}
		if as == "" {
			as = r.next(kind)
		}
		r.whole = append(r.whole, whole{t, as})
		r.names[strings.ToLower(t)] = as
	}
	slices.SortStableFunc(r.whole, func(a, b whole) int { return len(b.text) - len(a.text) })
}

func (r *Redactor) next(kind string) string {
	r.numbers[kind]++
	return kind + "-" + strconv.Itoa(r.numbers[kind])
}

// compiled is a pattern that is compiled when it is first looked for: most runs redact
// nothing.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// word is letters and digits with what joins them; in Markdown an underscore has a
// backslash before it.
var word = compiled(`[\pL\pN](?:\\_|[_\pL\pN]|[.-][\pL\pN_])*`)

// token is what is looked at as one: a URL, an address with its prefix, a path, a word.
var token = compiled(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>()\[\],;]*` +
	`|(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F.]+)?(?:%\w+)?(?:/\d+)?` +
	`|(?:[A-Za-z]:)?(?:~|\.{1,2})?(?:[/\\][\pL\pN_.%+@~-]+)+` +
	`|\d+\.\d+\.\d+\.\d+(?:/\d+)?` +
	`|[\pL\pN](?:\\_|[_\pL\pN]|[.-][\pL\pN_])*`)

// escape is what a terminal obeys and does not draw.
var escape = compiled("\x1b\\[[0-9;?]*[A-Za-z]")

func trimmed(w string) string { return strings.TrimRight(w, ".") }

// Text is the text with stand-ins.
func (r *Redactor) Text(text string) string {
	if r == nil || text == "" {
		return text
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text(text)
}

func (r *Redactor) text(text string) string {
	var b strings.Builder
	for text != "" {
		at, w := r.first(text)
		if at < 0 {
			b.WriteString(r.tokens(text))
			break
		}
		b.WriteString(r.tokens(text[:at]))
		b.WriteString(w.as)
		text = text[at+len(w.text):]
	}
	return b.String()
}

// first finds the first place where a whole text stands apart, the longest there.
func (r *Redactor) first(text string) (int, whole) {
	best, found := -1, whole{}
	for _, w := range r.whole {
		from := 0
		for {
			i := strings.Index(text[from:], w.text)
			if i < 0 || best >= 0 && from+i >= best {
				break
			}
			i += from
			if apart(text, i, i+len(w.text)) {
				best, found = i, w
				break
			}
			from = i + 1
		}
	}
	return best, found
}

// apart reports whether no letter and no digit joins text[i:j] to what is around it.
func apart(text string, i, j int) bool {
	joins := func(c byte) bool {
		return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
	}
	return (i == 0 || !joins(text[i-1]) || !joins(text[i])) && (j == len(text) || !joins(text[j]) || !joins(text[j-1]))
}

func (r *Redactor) tokens(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range token().FindAllStringIndex(text, -1) {
		b.WriteString(text[from:at[0]])
		from = at[1]
		if t := text[at[0]:at[1]]; isKey(text, at[0], at[1]) {
			b.WriteString(t)
		} else {
			b.WriteString(r.token(t))
		}
	}
	return b.String() + text[from:]
}

// isKey reports whether text[i:j] is a key of JSON, which is always keeptune's.
func isKey(text string, i, j int) bool {
	return i > 0 && text[i-1] == '"' && strings.HasPrefix(text[j:], `":`) && (i < 2 || text[i-2] != '\\')
}

// token is the stand-in of a token, or itself.
func (r *Redactor) token(t string) string {
	if scheme, rest, ok := strings.Cut(t, "://"); ok && !r.ours(strings.ToLower(trimmed(t))) {
		if at := strings.IndexAny(rest, "/?#"); at >= 0 {
			path := r.tokens(rest[at:])
			if rest[at] == '/' && !strings.HasPrefix(path, "/") {
				path = "/" + path
			}
			return scheme + "://" + r.tokens(rest[:at]) + path
		}
		return scheme + "://" + r.tokens(rest)
	} else if ok {
		return t
	}
	plain := strings.ReplaceAll(trimmed(t), `\_`, "_")
	tail := t[len(trimmed(t)):]
	low := strings.ToLower(plain)
	if as, ok := r.names[low]; ok {
		return as + tail
	}
	kind := ""
	if !r.stays[low] {
		kind = r.kind(low)
		r.stays[low] = kind == ""
	}
	switch {
	case kind == "" && strings.ContainsAny(plain, `/\`):
		return word().ReplaceAllStringFunc(t, r.token) // a ratio, a type, a path of keeptune's
	case kind == "":
		return t
	}
	as := r.next(kind)
	r.names[low] = as
	return as + tail
}

// kind is what a token names, "" for nothing.
func (r *Redactor) kind(low string) string {
	if isAddr, own := address(low); isAddr {
		if own || r.ours(low) {
			return ""
		}
		return addrKind
	}
	switch {
	case r.ours(low) || len(low) < least || !strings.ContainsFunc(low, letter) || measure().MatchString(low) || standIn().MatchString(low):
		return ""
	case strings.ContainsAny(low, `/\`):
		if r.isGiven(low) {
			return pathKind
		}
		return ""
	case host().MatchString(low) && !file().MatchString(low):
		return hostKind
	case r.isGiven(low):
		if strings.Contains(low, ".") {
			return pathKind
		}
		return nameKind
	}
	return ""
}

func letter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 0x80 }

// isGiven reports whether somebody gave that, or something with that in it.
func (r *Redactor) isGiven(low string) bool {
	for _, g := range r.given {
		if bytes.Contains(g, []byte(low)) {
			return true
		}
	}
	return false
}

var (
	// measure is a number with a unit, or several: 65s, 1m5s, 2h, 1.5ms.
	measure = compiled(`^[\d.]+[a-zµ]{0,3}(?:[\d.]+[a-z]{1,2})*$`)
	// host has a last part of letters alone.
	host = compiled(`^[\pL\pN_-]+(?:\.[\pL\pN_-]+)*\.[a-z]{2,}$`)
	// file ends as files do, or is a thing of a language.
	file    = compiled(`\.(?:conf|cfg|toml|ya?ml|json|xml|ini|env|d|service|socket|reg|ps1|sh|tf|md|txt|vcl|properties|js|ts|py|go|java|rb|rs|cs|php|log|csv|svg|local|exe|undo|jsonl|cjs|mjs|kt|htaccess|config|sock|pem|key|crt)$`)
	standIn = compiled(`^(?:host|addr|path|name)-\d+$`)
)

// address reports whether a token is an address or a prefix, and whether it is one of
// every machine: a loopback, or none.
func address(t string) (is, own bool) {
	if p, err := netip.ParsePrefix(t); err == nil {
		return true, p.Addr().IsLoopback() || p.Addr().IsUnspecified()
	}
	a, err := netip.ParseAddr(t)
	return err == nil, err == nil && (a.IsLoopback() || a.IsUnspecified())
}

// Document is the document with stand-ins: its name, target and notes, and where its
// values are from. It has no places of servers.
func (r *Redactor) Document(d model.Document) model.Document {
	if r == nil {
		return d
	}
	d.Name, d.Target, d.Notes = r.Text(d.Name), r.Text(d.Target), r.Text(d.Notes)
	d.Places = nil // a stand-in is no address
	d.Suppressed = slices.Clone(d.Suppressed)
	for i := range d.Suppressed {
		d.Suppressed[i].Reason = r.Text(d.Suppressed[i].Reason)
	}
	d.Path.Endpoints, d.Path.Legs = slices.Clone(d.Path.Endpoints), slices.Clone(d.Path.Legs)
	for i := range d.Path.Endpoints {
		e := &d.Path.Endpoints[i]
		e.Settings = settings(r, e.Settings)
	}
	for i := range d.Path.Legs {
		d.Path.Legs[i] = settings(r, d.Path.Legs[i])
	}
	return d
}

// settings are settings whose values are from nowhere that has a name.
func settings[K comparable, M ~map[K]model.Setting](r *Redactor, all M) M {
	all = maps.Clone(all)
	for k, s := range all {
		s.Origin.Where = r.Text(s.Origin.Where)
		all[k] = s
	}
	return all
}

// Seen is what was measured, with stand-ins for where.
func (r *Redactor) Seen(all []model.Set) []model.Set {
	if r == nil {
		return all
	}
	all = slices.Clone(all)
	for i := range all {
		all[i].Setting.Origin.Where = r.Text(all[i].Setting.Origin.Where)
	}
	return all
}

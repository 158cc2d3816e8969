package native

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// unusedLimit bounds the lines that are listed as not used.
const unusedLimit = 1000

// A place is a line of a file.
type place struct {
	file string
	line int
}

// connections are the words of directives that bear on how long a connection
// lives, in any configuration, in lower case and without what joins words: a line
// that has one is used or listed as not used. A format with names of its own has
// its own list.
var connections = []string{
	"keepalive", "timeout", "idle", "linger", "heartbeat", "socketoption", "pconn", "lifetime", "maxage", "maxrequest",
	"maxconn", "reuse", "pool", "backlog", "serveralive", "clientalive", "retries2", "conntrack", "persistent",
}

// joined takes away what joins words: keep-alive, keep_alive and keep alive are one.
var joined = strings.NewReplacer("-", "", "_", "", " ", "")

// concernsConnections reports whether a line has one of the words.
func concernsConnections(line string) bool {
	low := strings.ToLower(line)
	for _, tcp := range []string{"tcp-", "tcp_", "tcp."} {
		if strings.Contains(low, tcp) {
			return true
		}
	}
	if at := strings.Index(low, "ping"); at == 0 || at > 0 && !isWord(low[at-1]) {
		return true
	}
	low = joined.Replace(strings.ReplaceAll(low, "/spool", "")) // /var/spool is no pool
	return slices.ContainsFunc(connections, func(word string) bool { return strings.Contains(low, word) })
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Bearing are the numbers of the lines of a text that bear on connections by the
// list of its format: such a line is used by an import, or told as not used.
func Bearing(f Format, text string) []int {
	s, ok := f.(*syntax)
	if !ok {
		return nil
	}
	var lines []int
	bears := s.bearing
	if s.inContainers && isContainers(text) {
		bears = containerBears
	}
	for n, line := range numbered(s.withoutBlocks(text)) {
		if bears(line) {
			lines = append(lines, n)
		}
	}
	return lines
}

func (s *syntax) bearing(line string) bool {
	trimmed := strings.TrimSpace(line)
	if s.comment != nil && trimmed != "" && strings.HasPrefix(trimmed, strings.TrimSpace(s.comment(""))) {
		return false
	}
	if s.bears != nil {
		return s.bears(trimmed)
	}
	return concernsConnections(trimmed)
}

// use says that a line had its effect although no setting names it: it begins
// a context, includes a file, ties two places together.
func (r *reader) use(line int) { r.used[place{r.file, line}] = true }

// leave lists a line as not used for a reason, whatever it bears on.
func (r *reader) leave(line int, format string, args ...any) {
	r.left[place{r.file, line}] = fmt.Sprintf(format, args...)
}

// secrets are passwords in addresses and beside other settings of a line, in
// the quotes that XML, JSON and YAML put around them or in none, the arguments
// of a command and what is said after the scheme of an Authorization header.
var secrets = lazily(`(?i)((?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key)["']?\s*(?:[=:]\s*|,\s*(?:value\s*[=:]\s*)?)|(?:^|\s)--?[\w-]*(?:pass(?:word|wd|phrase)?|secret|token)\s+|\b(?:requirepass|masterauth)\s+|\b(?:bearer|basic)\s+)("[^"]*"|'[^']*'|[^\s@&;"',<>]+)|(://[^\s:/@]*:)[^\s@"']+@`)

// withoutSecrets is a line with its passwords starred out. Few lines have a word
// of the expression, and looking for those is much quicker.
func withoutSecrets(line string) string {
	low := strings.ToLower(line)
	for _, word := range []string{"://", "pass", "pwd", "secret", "token", "key", "masterauth", "bearer", "basic"} {
		if strings.Contains(low, word) {
			return secrets().ReplaceAllStringFunc(line, func(found string) string {
				m := secrets().FindStringSubmatch(found)
				if m[3] != "" {
					return m[3] + "*@"
				}
				return m[1] + "*"
			})
		}
	}
	return line
}

// bear notes a line that bears on connections: in the end it is used or listed.
func (r *reader) bear(line int, text string) {
	at := place{r.file, line}
	if r.borne[at] != nil {
		return
	}
	r.borne[at] = r.at
	r.bearing = append(r.bearing, Line{File: r.file, Line: line, Text: text})
}

// scan notes each line of a text that bears on connections, where the format
// does not do so itself.
func (r *reader) scan(text string) {
	if r.syntax.notes {
		return
	}
	for n, line := range numbered(r.syntax.withoutBlocks(text)) {
		if line != "" && r.syntax.bearing(line) {
			r.bear(n, line)
		}
	}
}

// blocks are comments of several lines, by how a line of such a file begins that
// is one: only a /* that begins a line is taken for a comment, since it may stand
// in a path or a pattern.
var blocks = map[string]struct {
	open string // how one begins
	all  func() *regexp.Regexp
}{
	"<!--": {"<!--", lazily(`(?s)<!--.*?(-->|\z)`)},
	"//":   {"/*", lazily(`(?ms)^[ \t]*/\*.*?(\*/|\z)`)},
}

// withoutBlocks is a text with its comments of several lines blank; its lines
// keep their numbers.
func (s *syntax) withoutBlocks(text string) string {
	for begin, block := range blocks {
		if s.comment != nil && strings.HasPrefix(s.comment(""), begin) && strings.Contains(text, block.open) {
			return block.all().ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
		}
	}
	return text
}

// repeats say of each line that says what the one beside it says at the same
// place, too, which that is: of the two, the one that decides nothing.
func (r *reader) repeats(decides map[place]bool) map[place]string {
	said := make(map[place]string, len(r.bearing))
	for _, l := range r.bearing {
		said[place{l.File, l.Line}] = strings.TrimSpace(l.Text)
	}
	again := map[place]string{}
	for _, l := range r.bearing {
		at, before := place{l.File, l.Line}, place{l.File, l.Line - 1}
		switch {
		case said[before] != said[at] || said[at] == "" || r.borne[before] != r.borne[at]:
		case !decides[at]:
			again[at] = fmt.Sprintf("it repeats line %d", before.line)
		case !decides[before] && again[before] == "":
			again[before] = fmt.Sprintf("line %d says the same", at.line)
		}
	}
	return again
}

// unused are the lines that bear on connections and decide nothing.
func (r *reader) unused(contexts []Context) []Line {
	decides := map[place]bool{}
	for _, c := range contexts {
		for _, s := range c.Settings {
			decides[place{s.Origin.Where, s.Origin.Line}] = true
		}
	}
	repeats := r.repeats(decides)
	var list []Line
	for _, l := range r.bearing {
		at := place{l.File, l.Line}
		why, left := r.left[at]
		switch {
		case left:
		case repeats[at] != "":
			why = repeats[at]
		case decides[at] || r.used[at]:
			continue
		case r.over[at] != place{}:
			other := r.over[at]
			why = fmt.Sprintf("line %d decides instead", other.line)
			if other.file != l.File {
				why = Warning{File: other.file, Line: other.line}.place() + " decides instead"
			}
		case r.took[at]:
			why = "nothing is left that it decides"
		default:
			why = "keeptune has no setting for it"
		}
		if len(list) < unusedLimit {
			list = append(list, Line{l.File, l.Line, model.Clean(withoutSecrets(l.Text), 200), model.Clean(why, 300)})
		}
	}
	slices.SortStableFunc(list, func(a, b Line) int {
		if a.File != b.File {
			return 0
		}
		return a.Line - b.Line
	})
	return list
}

package options

import "strings"

// A statement is a line of a TOML file that says something: NAME = VALUE, or a table's
// header. A list may take several lines of text. The places are bytes of the text.
type statement struct {
	name       string // behind that of its table, without quotes: "keys.tune.edit"
	header     bool
	start, end int // its own line, with the end of it
	value, to  int // the value
	line       int // from 1
}

// statements finds what a file says. The file is TOML, as somebody has made sure.
func statements(text string) []statement {
	var all []statement
	table := ""
	for at, line := 0, 1; at < len(text); {
		start := at
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\r"))
		eol := lineEnd(text, at)
		switch first := strings.TrimSpace(text[at:eol]); {
		case first == "" || first[0] == '#':
		case first[0] == '[':
			name, _, _ := strings.Cut(strings.TrimLeft(first, "["), "]")
			table = plain(name) + "."
			all = append(all, statement{name: plain(name), header: true, start: start, end: eol, line: line})
		default:
			equals := at + len(key(text[at:eol]))
			value := equals + 1
			value += len(text[value:]) - len(strings.TrimLeft(text[value:], " \t"))
			to := valueEnd(text, value)
			eol = lineEnd(text, to)
			all = append(all, statement{name: table + plain(text[at:equals]), start: start, end: eol, value: value, to: to, line: line})
		}
		line += strings.Count(text[start:eol], "\n")
		at = eol
	}
	return all
}

// lineEnd is where the line that a place is in ends, behind its end of line.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// key is what a line has before its equals sign.
func key(line string) string {
	var quote byte
	for i := range len(line) {
		switch b := line[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '=':
			return line[:i]
		}
	}
	return line[:max(0, len(line)-1)]
}

// valueEnd is where a value ends that begins at a place.
func valueEnd(text string, at int) int {
	depth := 0
	for at < len(text) {
		switch b := text[at]; {
		case b == '"' || b == '\'':
			at = stringEnd(text, at)
			if depth == 0 {
				return at
			}
			continue
		case b == '[' || b == '{':
			depth++
		case b == ']' || b == '}':
			depth--
			if depth == 0 {
				return at + 1
			}
		case b == '#' && depth > 0:
			at = lineEnd(text, at)
			continue
		case (b == '\n' || b == '#') && depth == 0:
			return at - (len(text[:at]) - len(strings.TrimRight(text[:at], " \t\r")))
		}
		at++
	}
	return at
}

// stringEnd is where a string ends that begins at a place.
func stringEnd(text string, at int) int {
	quote := text[at : at+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text[at:], triple) {
		quote = triple
	}
	for i := at + len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote[0] == '"':
			i++
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote)
		}
	}
	return len(text)
}

// linesOf finds the line of each key, by its table and name. TOML has no key twice.
func linesOf(text string) map[string]int {
	at := map[string]int{}
	for _, s := range statements(text) {
		at[s.name] = s.line
	}
	return at
}

func plain(key string) string {
	return strings.NewReplacer(`"`, "", "'", "", " ", "", "\t", "").Replace(key)
}

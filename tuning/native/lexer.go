package native

import "strings"

// A statement is one directive of a configuration: its words, without quotes,
// and where it begins.
type statement struct {
	line  int
	words []string
	open  bool // followed by a block
	shut  bool // the end of a block
}

// lineStatements splits text into one statement for each line, as Apache and
// HAProxy write them: # begins a comment, a backslash at the end goes on, single
// and double quotes hold words together.
func lineStatements(text string) []statement {
	var list []statement
	var joined strings.Builder
	n, begin := 0, 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if joined.Len() == 0 {
			begin = n
		}
		if body, ok := strings.CutSuffix(line, `\`); ok && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			joined.WriteString(body + " ")
			continue
		}
		joined.WriteString(line)
		if words := splitWords(joined.String()); len(words) > 0 {
			list = append(list, statement{line: begin, words: words})
		}
		joined.Reset()
	}
	if words := splitWords(joined.String()); len(words) > 0 {
		list = append(list, statement{line: begin, words: words})
	}
	return list
}

// splitWords splits one line; a # that begins a word ends it.
func splitWords(line string) []string {
	var words []string
	var word strings.Builder
	in, quote := false, rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, in = r, true
		case r == ' ' || r == '\t':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		case r == '#' && !in:
			return words
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words
}

// blockStatements splits text as nginx writes it: words up to ; or a { block },
// # begins a comment. An unfinished statement at the end is cut; its line is
// 0 where there is none.
func blockStatements(text string) (list []statement, cut statement) {
	var words []string
	var word strings.Builder
	line, begin := 1, 0
	in, quote, comment, escaped := false, rune(0), false, false
	end := func() {
		if in {
			words = append(words, word.String())
			word.Reset()
			in = false
		}
	}
	emit := func(s statement) {
		end()
		if s.words = words; len(words) > 0 || s.open || s.shut {
			s.line = begin
			if len(words) == 0 {
				s.line = line
			}
			list = append(list, s)
		}
		words, begin = nil, 0
	}
	for _, r := range text {
		if begin == 0 && !comment && !strings.ContainsRune(" \t\r\n;{}#", r) {
			begin = line
		}
		switch {
		case r == '\n' && quote == 0:
			comment = false
			end()
		case comment:
		case escaped:
			if !strings.ContainsRune(`"'\`, r) { // nginx keeps the backslash before others (ngx_conf_read_token)
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			in, escaped = true, false
		case r == '\\':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case (r == '"' || r == '\'') && !in:
			quote, in = r, true
		case r == '#' && !in:
			comment = true
		case r == ';':
			emit(statement{})
		case r == '{':
			emit(statement{open: true})
		case r == '}':
			emit(statement{shut: true})
		case r == ' ' || r == '\t' || r == '\r':
			end()
		default:
			word.WriteRune(r)
			in = true
		}
		if r == '\n' {
			line++
		}
	}
	end()
	if len(words) > 0 || quote != 0 {
		return list, statement{line: max(begin, 1), words: words}
	}
	return list, statement{}
}

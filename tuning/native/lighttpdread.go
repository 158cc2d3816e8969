package native

import "strings"

// readLighttpd reads lines of lighttpd.conf. A condition is a place of its own,
// which takes from outside what it does not say.
func readLighttpd(files []lineFile) func(*reader, string) {
	return func(r *reader, text string) {
		apart := split(r.named(files), ":=")
		open := []*scope{r.root}
		for n, line := range numbered(text) {
			if line == "" || line[0] == '#' {
				continue
			}
			for strings.HasPrefix(line, "}") {
				if len(open) > 1 {
					open = open[:len(open)-1]
				}
				line = strings.TrimSpace(line[1:])
			}
			head, rest, block := strings.Cut(line, "{")
			if condition := strings.HasPrefix(head, "$") || strings.HasPrefix(head, "else"); condition && block {
				s := r.scope(n, strings.TrimSpace(head), open[len(open)-1])
				open = append(open, s)
				line = strings.TrimSpace(rest)
			}
			shut := len(open) > 1 && strings.HasSuffix(line, "}")
			at := open[len(open)-1]
			if words := lineWords(strings.TrimSuffix(line, "}"), ":="); words[0] != "" {
				before := len(at.settings)
				r.in(at, func() {
					if !r.line(n, words, apart) && begins(words, apart) {
						r.warn(n, "%s is not understood", line)
					}
				})
				if at.from != nil && before == 0 && len(at.settings) > 0 {
					r.list(at, "")
				}
			}
			if shut {
				open = open[:len(open)-1]
			}
		}
		if len(r.listed) > 0 {
			other := r.scope(1, "every other request", r.root)
			other.system = "lighttpd"
			r.list(other, "")
		}
	}
}

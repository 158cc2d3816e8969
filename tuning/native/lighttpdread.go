package native

import "strings"

// readLighttpd reads lines of lighttpd.conf and the files that it includes. A condition is
// a place of its own, which takes from outside what it does not say.
func readLighttpd(files []lineFile) func(*reader, string) {
	return func(r *reader, text string) {
		l := &lighttpdReader{reader: r, apart: split(r.named(files), ":="), open: []*scope{r.root}}
		l.text(text)
		if len(r.listed) > 0 {
			other := r.scope(1, "every other request", r.root)
			other.system = "lighttpd"
			r.list(other, "")
		}
	}
}

// A lighttpdReader is in the midst of a file.
type lighttpdReader struct {
	*reader
	apart []lineFile
	open  []*scope // the blocks, from the outside in
}

func (r *lighttpdReader) text(text string) {
	for _, m := range lighttpdProxy().FindAllStringSubmatch(lighttpdComment().ReplaceAllString(text, ""), -1) {
		for _, server := range lighttpdServer().FindAllString(m[1], -1) {
			host, port := lighttpdHost().FindStringSubmatch(server), lighttpdPort().FindStringSubmatch(server)
			if host == nil {
				continue
			}
			to := address(host[1], "80")
			if port != nil {
				to = address(host[1], port[1])
			}
			r.root.sends = known(append(r.root.sends, to)...)
		}
	}
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' {
			continue
		}
		for strings.HasPrefix(line, "}") {
			if len(r.open) > 1 {
				r.open = r.open[:len(r.open)-1]
			}
			line = strings.TrimSpace(line[1:])
		}
		if m := lighttpdInclude().FindStringSubmatch(line); m != nil {
			r.in(r.open[len(r.open)-1], func() {
				for more := range r.included(n, m[1]) {
					r.text(more)
				}
			})
			continue
		}
		head, rest, block := strings.Cut(line, "{")
		if condition := strings.HasPrefix(head, "$") || strings.HasPrefix(head, "else"); condition && block {
			s := r.scope(n, strings.TrimSpace(head), r.open[len(r.open)-1])
			r.open = append(r.open, s)
			line = strings.TrimSpace(rest)
		}
		shut := len(r.open) > 1 && strings.HasSuffix(line, "}")
		at := r.open[len(r.open)-1]
		if words := lineWords(strings.TrimSuffix(line, "}"), ":="); words[0] != "" {
			before := len(at.settings)
			r.in(at, func() {
				if !r.line(n, words, r.apart) && begins(words, r.apart) {
					r.warn(n, "%s is not understood", line)
				}
			})
			if at.from != nil && before == 0 && len(at.settings) > 0 {
				r.list(at, "")
			}
		}
		if shut {
			r.open = r.open[:len(r.open)-1]
		}
	}
}

var (
	lighttpdInclude = lazily(`^include\s+"([^"]+)"$`)
	lighttpdComment = lazily(`(?m)^\s*#.*$|#[^\n"]*$`)
	lighttpdProxy   = lazily(`proxy\.server\s*\+?=\s*(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))`)
	lighttpdServer  = lazily(`\([^()]*"host"[^()]*\)`)
	lighttpdHost    = lazily(`"host"\s*=>\s*"([^"]+)"`)
	lighttpdPort    = lazily(`"port"\s*=>\s*"?(\d+)`)
)

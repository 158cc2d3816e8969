package native

import "strings"

const memcachedIdle = "memcached.idle_timeout"

func memcached() *syntax {
	return lineFormat(syntax{
		id:    "memcached",
		signs: []string{`(?m)\bidle_timeout=\d|^STAT idle_timeout |^-(u|l|c|m|p)\s+\S+\s*$|\bmemcached\s(.*\s)?-[a-zA-Z]\b`},
		title: "memcached: options, as in /etc/memcached.conf", comment: hash,
		checks: []check{{"memcached", "1.6.18", "memcached"}},
		read:   readMemcached, places: []string{"/etc/memcached.conf"},
		effect: func(*target) []string {
			return []string{"A restart reads the options, closes all connections and empties the cache."}
		},
	}, "", lineFile{
		name: "keeptune-memcached.conf", system: "memcached",
		use:   "Copy the line to the end of /etc/memcached.conf (Debian), or the option to the command line; of one that is given twice the last one counts.",
		knobs: []knob{{param: memcachedIdle, line: "-o idle_timeout=%s", steps: bareSeconds}},
	})
}

// readMemcached reads the options of a command line, of which Debian's file has one on each
// line, and what the command stats settings prints.
func readMemcached(r *reader, text string) {
	r.lastCounts = true
	behind := false
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' {
			continue
		}
		if value, ok := strings.CutPrefix(line, "STAT idle_timeout "); ok {
			r.set(n, memcachedIdle, value)
			continue
		}
		for word := range strings.FieldsSeq(line) {
			list, joined := strings.CutPrefix(word, "-o")
			long, named := strings.CutPrefix(word, "--extended=")
			switch {
			case word == "-o", word == "--extended":
				behind = true
				continue
			case named:
				list = long
			case !joined && !behind:
				continue
			}
			behind = false
			for option := range strings.SplitSeq(strings.Trim(list, `"'`), ",") {
				if name, value, _ := strings.Cut(option, "="); name == "idle_timeout" {
					r.memcachedIdle(n, value)
				}
			}
		}
	}
}

// memcachedIdle takes the digits that begin a value, as the program does.
func (r *reader) memcachedIdle(n int, value string) {
	digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
	if digits != value {
		r.warn(n, "idle_timeout takes a whole number of seconds and stops at the first letter: %s is %s s", value, digits)
	}
	if digits != "" {
		r.set(n, memcachedIdle, digits)
	}
}

package native

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

// sysctlDirs hold the files that a Linux system reads at its start. Of two of
// the same name the one in the first of these counts (sysctl.d(5)).
var sysctlDirs = []string{"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"}

// sysctlApart are variables of TCP that bear on how fast or how many
// connections are, not on how long they live.
var sysctlApart = lazily(`^net\.(ipv4|inet|inet6)\.tcp[._](` + strings.Join([]string{
	`d?sack`, `fack`, `timestamps`, `window_scaling`, `rfc1323`, `\w*congestion_control`, `cc\..*`, `[rw]?mem\w*`, `(send|recv)(space|buf\w*)`, `ecn\w*`, `fastopen\w*`, `mtu_probing`,
	`no_metrics_save`, `moderate_rcvbuf`, `adv_win_scale`, `app_win`, `base_mss`, `min_snd_mss`, `mssdflt`, `low_latency`, `syncookies`, `max_syn_backlog`, `reordering`,
	`max_reordering`, `notsent_lowat`, `limit_output_bytes`, `autocorking`, `pacing_\w+`, `tso_\w+`, `min_tso_segs`, `probe_(threshold|interval)`, `challenge_ack_limit`,
	`max_tw_buckets`, `tw_reuse\w*`, `rfc1337`, `stdurg`, `recovery`, `early_retrans`, `blackhole`, `log_\w+`, `delayed_ack`, `delack\w*`, `minmss`, `sendspace`, `recvspace`,
}, "|") + `)$`)

// sysctlBears reports whether a line speaks of how long connections live.
func sysctlBears(line string) bool {
	if line == "" || strings.ContainsRune("#;", rune(line[0])) {
		return false
	}
	key, _, _ := cutSysctl(line)
	return strings.HasPrefix(key, "net.") && (strings.Contains(key, "tcp") || strings.Contains(key, "conntrack") || strings.HasPrefix(key, "net.ipv4.vs.")) &&
		!sysctlApart().MatchString(key)
}

// A sysctlLine is KEY = VALUE; a dash before a key without a value keeps it out
// of the patterns.
type sysctlLine struct {
	file       string
	line       int
	key, value string
	kept       bool
}

// readSysctl reads key = value lines. What a start of Linux reads in one go is
// read together.
func readSysctl(r *reader, text string) {
	var lines []sysctlLine
	r.sysctlFiles(text, &lines)
	r.sysctlLines(lines)
	if sysctlDump().MatchString(text) {
		for _, l := range lines {
			r.use(l.line) // nobody chose them
		}
	}
}

// sysctlDump is how sysctl -a begins: every variable, by name, net. far behind.
var sysctlDump = lazily(sysctlDumpSign)

const sysctlDumpSign = `\A(?:abi|crypto|debug|dev|fs|kernel)\.\S+ = `

// sysctlLines takes what lines say, of which the last of a key counts. Several
// systems share keys: the one of the restore string counts, or else the one that
// knows most keys.
func (r *reader) sysctlLines(lines []sysctlLine) {
	known := r.sysctlKeys(lines)
	effective := map[model.ParamID]*sysctlLine{}
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if l := sysctlEffective(lines, key); l != nil {
			effective[known[key]] = l
		}
	}
	sides := r.sysctlSides(effective)
	for _, id := range slices.Sorted(maps.Keys(effective)) {
		l := effective[id]
		r.file = l.file
		r.in(sides[id.System()], func() { r.sysctlValue(id, l) })
	}
	for i := range lines {
		l := &lines[i]
		at := place{l.file, l.line}
		if counts := effective[known[l.key]]; counts != nil && counts != l {
			r.over[at] = place{counts.file, counts.line}
		} else if strings.ContainsAny(l.key, "*?[") && counts == nil {
			r.left[at] = "no variable that keeptune knows is meant, or a line says it by name"
		}
	}
	r.file = r.opened.source.Name
}

// sysctlSides are the places of an import that the values belong to: a host's
// TCP, and its connection tracking, which is another hop of a path.
func (r *reader) sysctlSides(effective map[model.ParamID]*sysctlLine) map[model.SystemID]*scope {
	first := map[model.SystemID]*sysctlLine{}
	for _, id := range slices.Sorted(maps.Keys(effective)) {
		if l := first[id.System()]; l == nil {
			first[id.System()] = effective[id]
		}
	}
	sides := map[model.SystemID]*scope{}
	for _, id := range slices.Sorted(maps.Keys(first)) {
		if len(first) < 2 {
			return map[model.SystemID]*scope{id: r.root}
		}
		r.file = first[id].file
		where := "TCP of the host"
		if s, err := r.catalog.System(id); err == nil && s.Middlebox() {
			where = "connection tracking"
		}
		sides[id] = r.scope(first[id].line, where, nil)
		r.list(sides[id], "")
	}
	return sides
}

func (r *reader) sysctlValue(id model.ParamID, l *sysctlLine) {
	word, _, _ := strings.Cut(l.value, " ") // the kernel looks at no more
	if n, err := strconv.ParseInt(word, 0, 64); err == nil {
		word = strconv.FormatInt(n, 10)
	}
	r.set(l.line, id, cmp.Or(word, l.value))
}

// sysctlFiles collects the lines of a text, and where it is one of those that
// Linux reads at its start, of all of them in their order: by name, whatever
// the folder, and /etc/sysctl.conf last.
func (r *reader) sysctlFiles(text string, lines *[]sysctlLine) {
	main := r.opened.source.Path
	root, part := "", false
	for _, d := range sysctlDirs {
		if before, ok := strings.CutSuffix(path.Dir(main), d); ok {
			root, part = before, true
		}
	}
	if before, ok := strings.CutSuffix(main, "/etc/sysctl.conf"); ok {
		root, part = before, true
	}
	if !part || r.opened.source.Files == nil {
		r.sysctlText(text, lines)
		return
	}
	r.opened.source.Root = cmp.Or(r.opened.source.Root, root)
	effective, masked := r.sysctlOrder(root)
	for _, name := range effective {
		if name == main {
			r.sysctlText(text, lines)
			continue
		}
		other, err := r.opened.read(name)
		if err != nil {
			r.doubt(1, name+" was not read: "+err.Error())
			continue
		}
		r.reading(name, other, func(text string) bool { r.sysctlText(text, lines); return true })
	}
	for _, name := range masked {
		r.masked(name)
	}
}

// masked lists the lines of a file whose place another of its name takes.
func (r *reader) masked(name string) {
	text, err := r.opened.read(name)
	if err != nil {
		return // it has no effect anyway
	}
	r.reading(name, text, func(text string) bool {
		for n := range numbered(text) {
			r.leave(n, "a file of the same name comes before this one")
		}
		return true
	})
}

// sysctlOrder lists the files of a start, as they lie on disk, and those whose
// place another of their name takes.
func (r *reader) sysctlOrder(root string) (all, masked []string) {
	for _, d := range sysctlDirs {
		found, err := r.opened.source.Files.Glob(root + d + "/*.conf")
		if err != nil {
			r.doubt(1, d+" was not read: "+err.Error())
		}
		for _, f := range found {
			if slices.ContainsFunc(all, func(o string) bool { return path.Base(o) == path.Base(f) }) {
				masked = append(masked, f)
				continue
			}
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
	last, err := r.opened.source.Files.Glob(root + "/etc/sysctl.conf")
	if err == nil {
		all = append(all, last...)
	}
	if main := r.opened.source.Path; !slices.Contains(all, main) {
		r.doubt(1, "another file of the same name comes before it: "+path.Base(main))
	}
	return all, slices.DeleteFunc(masked, func(f string) bool { return f == r.opened.source.Path })
}

func (r *reader) sysctlText(text string, lines *[]sysctlLine) {
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' || line[0] == ';' || strings.HasPrefix(line, "* Applying ") {
			continue
		}
		key, value, ok := cutSysctl(line)
		switch {
		case ok:
			*lines = append(*lines, sysctlLine{file: r.file, line: n, key: key, value: value})
		case strings.HasPrefix(line, "-"):
			r.use(n)
			*lines = append(*lines, sysctlLine{file: r.file, line: n, key: key, kept: true})
		default:
			r.warn(n, "%s is not KEY = VALUE", line)
		}
	}
}

// sysctlEffective is the last line of a key, or of a pattern that means it unless
// a line names the key itself.
func sysctlEffective(lines []sysctlLine, key string) *sysctlLine {
	var named, meant *sysctlLine
	kept := false
	for i := range lines {
		l := &lines[i]
		switch {
		case l.key == key && l.kept:
			kept = true
		case l.key == key:
			named = l
		case strings.ContainsAny(l.key, "*?[") && sysctlMeans(l.key, key):
			meant = l
		}
	}
	if named != nil || kept {
		return named
	}
	return meant
}

// sysctlMeans holds a key against a pattern, whose * stops at a dot.
func sysctlMeans(pattern, key string) bool {
	swap := strings.NewReplacer(".", "/", "/", ".")
	ok, err := path.Match(swap.Replace(pattern), swap.Replace(key))
	return err == nil && ok
}

// cutSysctl splits a line; a key may be written with slashes, and with a dash
// in front that lets it fail.
func cutSysctl(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(line, "=")
	key = strings.TrimPrefix(strings.TrimSpace(key), "-")
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '/' {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	return key, strings.TrimSpace(value), ok
}

// sysctlKeys are the variables of the systems that a file is for: one operating
// system, and Linux's connection tracking.
func (r *reader) sysctlKeys(lines []sysctlLine) map[string]model.ParamID {
	best, most := map[string]model.ParamID{}, -1
	var boxes []map[string]model.ParamID
	for _, id := range r.sysctlSystems() {
		s, err := r.catalog.System(id)
		if err != nil || !slices.Contains(s.Formats, "sysctl") {
			continue
		}
		keys := map[string]model.ParamID{}
		for _, p := range s.Params {
			if key := SysctlKey(p); key != "" {
				keys[key] = p.ID
			}
		}
		if s.Middlebox() {
			boxes = append(boxes, keys)
			continue
		}
		count := 0
		for key := range keys {
			if sysctlEffective(lines, key) != nil {
				count++
			}
		}
		if count > most {
			best, most = keys, count
		}
	}
	for _, keys := range boxes {
		maps.Copy(best, keys)
	}
	return best
}

// sysctlSystems are the systems that a file may be for, Linux first.
func (r *reader) sysctlSystems() []model.SystemID {
	if r.document == nil {
		return append([]model.SystemID{"linux"}, r.catalog.IDs()...)
	}
	var list []model.SystemID
	for _, e := range r.document.Path.Endpoints {
		if s, err := r.catalog.System(e.System); err == nil && s.Middlebox() {
			list = append(list, s.ID)
		} else if host, _, err := e.HostOf(r.catalog); err == nil {
			list = append(list, host.ID)
		}
	}
	return list
}

package native

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// anySocket is the system of options on a listening socket that somebody else
// opens for the server: an accepted socket begins with them (tcp(7), socket(7)),
// whichever program it is. A laying gives them to a server of its path.
const anySocket model.SystemID = "socket"

// The greatest values that Linux takes (do_tcp_setsockopt in net/ipv4/tcp.c).
const (
	keepTimeLimit  = 32767 // seconds
	keepCountLimit = 127
)

// socketOptions are the settings of [Socket] that are options of TCP, and the
// parameters of a server's face that they are.
var socketOptions = map[string]string{
	"KeepAlive": "tcp_keepalive", "KeepAliveTimeSec": "tcp_keepidle", "KeepAliveIntervalSec": "tcp_keepintvl", "KeepAliveProbes": "tcp_keepcnt",
}

// unitDirs hold the units of a system; of two drop-ins of one name the one in
// the first of these counts (systemd.unit(5)).
var unitDirs = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}

// socketUnit reads what systemd sets on the sockets that it opens for others.
func socketUnit() *syntax {
	return &syntax{
		id: "systemd-socket", signs: []string{`(?m)^\s*\[Socket\]\s*$`},
		title: "systemd: .socket units", comment: hash,
		fits:      func(*target) bool { return false },
		unchecked: "It is read only: a server's own settings are written in its own format.",
		read:      readSocketUnit, system: anySocket,
		bears: func(line string) bool { return line != "" && line[0] != ';' && concernsConnections(line) },
	}
}

// readSocketUnit reads a unit and then its drop-ins, of which the last counts.
func readSocketUnit(r *reader, text string) {
	r.root.system = anySocket
	r.socketSection(text)
	effective, masked := r.dropIns()
	for _, name := range effective {
		r.dropIn(name, r.socketSection)
	}
	for _, name := range masked {
		r.masked(name)
	}
	for id, s := range r.root.settings {
		if !s.Value.IsSet() {
			r.left[place{s.Origin.Where, s.Origin.Line}] = "the host's value stays"
			delete(r.root.settings, id)
		}
	}
}

func (r *reader) dropIn(name string, read func(text string)) {
	text, err := r.opened.read(name)
	if err != nil {
		r.doubt(1, name+" was not read: "+err.Error())
		return
	}
	r.reading(name, text, func(text string) bool { read(text); return true })
}

// dropIns lists the files that add to a unit, in their order: by name, whatever
// the folder (systemd.unit(5)); and those whose place another of their name takes.
func (r *reader) dropIns() (effective, masked []string) {
	main := r.opened.source.Path
	if r.opened.source.Files == nil || path.Ext(main) != ".socket" {
		return nil, nil
	}
	dirs := []string{path.Dir(main)}
	for _, d := range unitDirs {
		if root, ok := strings.CutSuffix(dirs[0], d); ok {
			r.opened.source.Root = cmp.Or(r.opened.source.Root, root)
			dirs = nil
			for _, d := range unitDirs {
				dirs = append(dirs, root+d)
			}
			break
		}
	}
	add := func(dir, name string) {
		found, err := r.opened.source.Files.Glob(path.Join(dir, name+".d", "*.conf"))
		if err != nil {
			r.doubt(1, path.Join(dir, name+".d")+" was not read: "+err.Error())
		}
		for _, f := range found {
			if slices.ContainsFunc(effective, func(o string) bool { return path.Base(o) == path.Base(f) }) {
				masked = append(masked, f)
				continue
			}
			effective = append(effective, f)
		}
	}
	for _, dir := range dirs {
		for _, name := range dropInNames(path.Base(main)) {
			add(dir, name)
		}
	}
	for _, dir := range dirs {
		add(dir, "socket")
	}
	slices.SortStableFunc(effective, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
	return effective, masked
}

// dropInNames are the names under which drop-ins of a unit lie: its own, that of
// its template, and those of its prefixes that end in a dash.
func dropInNames(unit string) []string {
	names := []string{unit}
	name := strings.TrimSuffix(unit, ".socket")
	if template, _, ok := strings.Cut(name, "@"); ok {
		name = template
		names = append(names, template+"@.socket")
	}
	for i := strings.LastIndexByte(strings.TrimRight(name, "-"), '-'); i > 0; i = strings.LastIndexByte(name[:i], '-') {
		names = append(names, name[:i+1]+".socket")
	}
	return names
}

// socketSection takes what the [Socket] sections of a text say.
func (r *reader) socketSection(text string) {
	section, begun, joined := "", 0, ""
	for n, line := range numbered(text) {
		if line != "" && strings.ContainsRune("#;", rune(line[0])) {
			continue // in a continued line, too
		}
		if begun == 0 {
			begun = n
		}
		if before, ok := strings.CutSuffix(line, `\`); ok {
			joined += before + " "
			continue
		}
		line, n, begun, joined = joined+line, begun, 0, ""
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case !ok && strings.HasPrefix(line, "["):
			section = strings.TrimSpace(line)
		case !ok || socketOptions[key] == "":
		case section != "[Socket]":
			r.leave(n, "it counts in [Socket] only")
		default:
			r.socketOption(n, key, value)
		}
	}
}

// socketOption takes one option; systemd goes on without a line that it cannot
// read, and so does the kernel without a value that it refuses.
func (r *reader) socketOption(line int, key, value string) {
	v, err := socketValue(key, value)
	refused, isRefused := errors.AsType[*refusedError](err)
	if err != nil && !isRefused {
		r.warn(line, "%s: %v; systemd ignores the line", key, err)
		return
	}
	id := model.ParamID(string(anySocket) + "." + socketOptions[key])
	if old, said := r.at.settings[id]; said {
		r.over[place{old.Origin.Where, old.Origin.Line}] = place{r.file, line}
	}
	if isRefused {
		r.warn(line, "%s: %v; the host's value stays", key, refused)
	}
	r.at.settings[id] = model.Setting{Value: v, Origin: r.origin(line)}
}

// A refusedError is a value that systemd reads and the kernel does not take.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return e.text }

// socketValue is a value of [Socket]; unset leaves it to the host.
func socketValue(key, value string) (model.Value, error) {
	switch key {
	case "KeepAlive":
		switch strings.ToLower(value) {
		case "1", "yes", "y", "true", "t", "on":
			return model.ValueOn, nil
		case "0", "no", "n", "false", "f", "off":
			return model.ValueOff, nil
		}
		return model.ValueUnset, fmt.Errorf("'%s' is neither yes nor no", value)
	case "KeepAliveProbes":
		n, err := strconv.ParseUint(value, 0, 32)
		switch {
		case err != nil || strings.Contains(value, "_"):
			return model.ValueUnset, fmt.Errorf("'%s' is no number of probes; write 9", value)
		case n > keepCountLimit:
			return model.ValueUnset, &refusedError{fmt.Sprintf("Linux takes from 1 to %d probes, not %d", keepCountLimit, n)}
		case n == 0:
			return model.ValueUnset, nil
		}
		return model.Times(int64(n)), nil
	}
	d, err := unitSpan(value)
	switch {
	case err != nil || d == 0:
		return model.ValueUnset, err
	case d < time.Second || d >= (keepTimeLimit+1)*time.Second:
		return model.ValueUnset, &refusedError{fmt.Sprintf("Linux takes from 1 to %d s, not %s", keepTimeLimit, value)}
	}
	return model.For(d.Truncate(time.Second)), nil
}

// unitPart is a number and its unit, as systemd.time(7) has them.
var unitPart = lazily(`^\s*(\d+(?:\.\d+)?)\s*([a-zA-Zµμ]*)\s*`)

// unitSizes are the units of systemd.time(7).
var unitSizes = func() map[string]time.Duration {
	const day = 24 * time.Hour
	all := map[string]time.Duration{}
	for _, u := range []struct {
		names string
		size  time.Duration
	}{
		{"usec us µs μs", time.Microsecond},
		{"msec ms", time.Millisecond},
		{" seconds second sec s", time.Second},
		{"minutes minute min m", time.Minute},
		{"hours hour hr h", time.Hour},
		{"days day d", day},
		{"weeks week w", 7 * day},
		{"months month M", 2629800 * time.Second},
		{"years year y", 31557600 * time.Second},
	} {
		for name := range strings.SplitSeq(u.names, " ") {
			all[name] = u.size
		}
	}
	return all
}()

// unitSpan reads a time of systemd: 2h, 5min 20s, a bare number in seconds. A
// sum that no option holds is the greatest.
func unitSpan(text string) (time.Duration, error) {
	wrong := fmt.Errorf("'%s' is no time; write 90, 90s or 1min 30s", text)
	if text == "infinity" {
		return model.Never, nil
	}
	sum, rest := 0.0, text
	for rest != "" {
		m := unitPart().FindStringSubmatch(rest)
		if m == nil {
			return 0, wrong
		}
		size, ok := unitSizes[m[2]]
		n, err := strconv.ParseFloat(m[1], 64)
		if !ok || err != nil {
			return 0, wrong
		}
		sum += n * size.Seconds()
		rest = rest[len(m[0]):]
	}
	switch {
	case text == "":
		return 0, wrong
	case sum > keepTimeLimit+1:
		return model.Never, nil
	}
	return time.Duration(sum * float64(time.Second)).Round(time.Microsecond), nil
}
